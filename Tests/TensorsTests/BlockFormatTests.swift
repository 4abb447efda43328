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
    var far: Rows
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
    for format in blockFormats {
      let rows = try #require(fixture.formats[format.rawValue])
      let (expected, terms) = (floats(rows.values), floats(rows.terms))
      let (repacked, looked) = try read(rows, format)
      for (index, value) in expected.enumerated() {
        let allowed = relativeError(format) * terms[index]
        #expect(abs(repacked[index] - value) <= allowed, "\(format.rawValue), value \(index)")
        #expect(abs(looked[index] - value) <= allowed, "\(format.rawValue), value \(index)")
      }
    }
  }

  @Test("MXFP4's powers of two are exact beyond half precision, too")
  func farScales() throws {
    let expected = floats(fixture.far.values)
    let (repacked, looked) = try read(fixture.far, .mxfp4)
    #expect(repacked == expected)
    #expect(looked == expected)
    #expect(expected.contains { abs($0) > 65_504 } && expected.contains { $0 != 0 && abs($0) < 0x1p-40 })
  }

  // Products and sums are rounded once or twice; scales and minima of K formats, which are products of two numbers of
  // the file, to half precision.
  private func relativeError(_ format: StorageFormat) -> Float {
    switch format {
    case .q4_0, .q5_0, .q8_0, .q3_K, .iq4_NL, .mxfp4: 0
    case _ where format.elementsPerBlock == 256: 0x1p-11 + 0x1p-22
    default: 0x1p-22
    }
  }

  /// Rows, repacked and straight from the file.
  private func read(_ rows: Fixture.Rows, _ format: StorageFormat) throws -> ([Float], [Float]) {
    let columns = fixture.columns, count = rows.values.count / 4 / columns
    return try rows.bytes.withUnsafeBytes { bytes in
      let matrix = try WeightMatrix(
        rows: count, columns: columns, format: format, precision: .float32, device: device, bytes: bytes)
      let isFloat = rows.bytes == fixture.far.bytes
      #expect(
        matrix.byteCount
          == WeightMatrix.byteCount(rows: count, columns: columns, format: isFloat ? .float32 : format))
      let looked = try Tensor(
        rows: 0..<count, ofMatrixWithColumns: columns, format: format, bytes: bytes, device: device)
      return (matrix.gatherRows(0..<count).values, looked.values)
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
