import Foundation
import MartletTensors
import Testing

/// Against ggml, by `Fixtures/make_encoded.py`.
@Suite("Rows are rounded as ggml rounds them")
struct RowConversionTests {
  private struct Fixture: Decodable {
    var columns: Int
    var values: Data
    var formats: [String: Data]
  }

  private let fixture: Fixture
  private let values: [Float]
  private let device: Device

  init() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/encoded.json")
    fixture = try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: file))
    values = fixture.values.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
    device = try Device(threads: 2)
  }

  private func encoded(_ values: [Float], columns: Int, _ format: StorageFormat) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0xAA, count: values.count / format.elementsPerBlock * format.bytesPerBlock)
    try values.withUnsafeBufferPointer { values in
      try bytes.withUnsafeMutableBytes {
        try device.encodeRows(values, columns: columns, format: format, into: $0)
      }
    }
    return bytes
  }

  private func decoded(_ bytes: [UInt8], rows: Range<Int>, columns: Int, _ format: StorageFormat) throws
    -> [Float]
  {
    var values = [Float](repeating: .nan, count: rows.count * columns)
    try bytes.withUnsafeBytes { bytes in
      try values.withUnsafeMutableBufferPointer {
        try device.decodeRows(rows, columns: columns, format: format, bytes: bytes, into: $0)
      }
    }
    return values
  }

  @Test(
    "Every block is the reference's, bit by bit",
    arguments: ["F16", "BF16", "Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q4_K", "Q5_K", "Q6_K"])
  func blocks(name: String) throws {
    let format = try #require(StorageFormat(rawValue: name))
    #expect(
      try encoded(values, columns: fixture.columns, format) == Array(try #require(fixture.formats[name])))
  }

  @Test(
    "Decoding what was encoded comes as near as the format's steps",
    arguments: StorageFormat.allCases.filter(\.isWritten))
  func roundTrip(format: StorageFormat) throws {
    let columns = fixture.columns
    // The first two rows are like those of models.
    let rows = Array(values.prefix(2 * columns))
    let back = try decoded(
      try encoded(rows, columns: columns, format), rows: 0..<2, columns: columns, format)
    let error = zip(rows, back).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    let power = rows.reduce(0) { $0 + $1 * $1 }
    let allowed: Float =
      switch format {
      case .float32: 0
      case .float16: 1e-6
      case .bfloat16: 1e-5
      case .q8_0: 1e-4
      case .q6_K: 1e-3
      case .q5_0, .q5_1, .q5_K: 5e-3
      default: 2e-2
      }
    #expect(error <= allowed * power, "\(format.rawValue): \(error / power)")
  }

  @Test("Rows are decoded in the order that is asked for, from any row on")
  func order() throws {
    let columns = 4
    let matrix = (0..<40 * columns).map { Float($0) }
    let bytes = matrix.withUnsafeBytes { Array($0) }
    var values = [Float](repeating: 0, count: 20 * columns)
    try bytes.withUnsafeBytes { bytes in
      try values.withUnsafeMutableBufferPointer {
        try device.decodeRows(
          3..<23, columns: columns, format: .float32, bytes: bytes, rowOrder: { 39 - $0 }, into: $0)
      }
    }
    var expected: [Float] = []
    for row in 3..<23 {
      let file = 39 - row
      expected += matrix[file * columns..<(file + 1) * columns]
    }
    #expect(values == expected)
  }

  @Test(
    "A value that blocks cannot hold is refused with its row",
    arguments: [Float.nan, .infinity, 1e30], [StorageFormat.q8_0, .q4_0, .q4_1, .q4_K, .q6_K])
  func unfit(value: Float, format: StorageFormat) throws {
    var values = [Float](repeating: 0.5, count: 3 * 256)
    values[300] = value
    #expect {
      try encoded(values, columns: 256, format)
    } throws: { error in
      "\(error)".contains("row 1") && "\(error)".contains(format.rawValue)
    }
  }

  @Test("Sizes that do not fit are refused")
  func sizes() throws {
    #expect(throws: TensorError.self) { try encoded([Float](repeating: 0, count: 48), columns: 48, .q8_0) }
    #expect(throws: TensorError.self) { try decoded([1, 2, 3, 4], rows: 0..<2, columns: 1, .float32) }
  }
}
