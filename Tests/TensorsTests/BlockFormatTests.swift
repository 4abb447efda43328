import Foundation
import MartletTensors
import Testing

/// Against the `gguf` package, by `Fixtures/make_blocks.py`.
@Suite("Block formats hold what GGUF's own reader says")
struct BlockFormatTests {
  private struct Fixture: Decodable {
    struct Rows: Decodable {
      var bytes, values, terms: Data
    }
    var columns: Int
    var formats: [String: Rows]
  }

  private let fixture: Fixture
  private let device: Device

  init() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/blocks.json")
    fixture = try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: file))
    device = try Device(threads: 2)
  }

  @Test("Rows are what the reference reads, repacked and straight from the file, in every block format")
  func values() throws {
    let blockFormats = StorageFormat.allCases.filter { $0.elementsPerBlock > 1 }
    #expect(Set(fixture.formats.keys) == Set(blockFormats.map(\.rawValue)))
    let columns = fixture.columns
    for format in blockFormats {
      let rows = try #require(fixture.formats[format.rawValue])
      let (expected, terms) = (floats(rows.values), floats(rows.terms))
      let count = expected.count / columns
      let (repacked, looked) = try rows.bytes.withUnsafeBytes { bytes in
        let matrix = try WeightMatrix(
          rows: count, columns: columns, format: format, precision: .float32, device: device, bytes: bytes)
        return (
          matrix.gatherRows(0..<count),
          try Tensor(
            rows: 0..<count, ofMatrixWithColumns: columns, format: format, bytes: bytes, device: device)
        )
      }
      // Products and sums are rounded once or twice; scales and minima of K formats, which are products of two numbers
      // of the file, to half precision.
      let relativeError = format.elementsPerBlock == 256 ? Float(0x1p-11 + 0x1p-22) : 0x1p-22
      for (index, value) in expected.enumerated() {
        let allowed = relativeError * terms[index]
        #expect(abs(repacked.values[index] - value) <= allowed, "\(format.rawValue), value \(index)")
        #expect(abs(looked.values[index] - value) <= allowed, "\(format.rawValue), value \(index)")
      }
    }
  }

  private func floats(_ data: Data) -> [Float] {
    data.withUnsafeBytes { bytes in
      (0..<bytes.count / 4).map {
        Float(
          bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)))
      }
    }
  }
}
