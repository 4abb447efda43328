import MartletSeededRandom
import MartletTensors
import Testing

@Suite("Weight matrices")
struct WeightMatrixTests {
  private let device: Device
  init() throws { device = try Device(threads: 2) }

  private func matrix(
    _ bytes: [UInt8], rows: Int, columns: Int, _ format: StorageFormat, _ precision: Precision = .float32,
    order: ((Int) -> Int)? = nil
  ) throws -> WeightMatrix {
    try bytes.withUnsafeBytes { bytes throws(TensorError) in
      try WeightMatrix(
        rows: rows, columns: columns, format: format, precision: precision, device: device, bytes: bytes,
        rowOrder: order)
    }
  }

  /// Shapes that fill panels and lanes, and shapes that do not.
  static let shapes = [(1, 1), (3, 5), (16, 32), (17, 33), (40, 7), (100, 64)]

  @Test("Rows are given back as the file has them", arguments: shapes, [StorageFormat.float32, .bfloat16])
  func gather(shape: (rows: Int, columns: Int), format: StorageFormat) throws {
    var random = SplitMix64(seed: 1)
    let weight = PlainWeight(random.values(shape.rows * shape.columns), format)
    let matrix = try matrix(weight.bytes, rows: shape.rows, columns: shape.columns, format)
    let wanted = [shape.rows - 1, 0, shape.rows / 2, 0]
    let gathered = matrix.gatherRows(wanted)
    for (row, index) in wanted.enumerated() {
      #expect(gathered[row: row] == Array(weight.values[index * shape.columns..<(index + 1) * shape.columns]))
    }
  }

  @Test("A row order says which of the file's rows comes where")
  func order() throws {
    var random = SplitMix64(seed: 2)
    let weight = PlainWeight(random.values(20 * 8), .float32)
    let matrix = try matrix(weight.bytes, rows: 20, columns: 8, .float32, order: { 19 - $0 })
    #expect(matrix.gatherRows([3])[row: 0] == Array(weight.values[16 * 8..<17 * 8]))
  }

  @Test("A linear layer is the sum that its definition says, with and without a bias", arguments: shapes)
  func product(rows: Int, columns: Int) throws {
    var random = SplitMix64(seed: 3)
    let weight = PlainWeight(random.values(rows * columns), .float32)
    let matrix = try matrix(weight.bytes, rows: rows, columns: columns, .float32)
    let bias = random.values(rows)
    let layers = [
      (try Linear(weight: matrix, bias: Tensor(bias, rows: 1, columns: rows, device: device)), bias),
      (Linear(weight: matrix), [Float](repeating: 0, count: rows)),
    ]
    for tokens in [1, 2, 5, 33] {
      let x = random.values(tokens * columns)
      for (layer, bias) in layers {
        let y = layer(try Tensor(x, rows: tokens, columns: columns, device: device))
        #expect(y.rows == tokens && y.columns == rows)
        for token in 0..<tokens {
          let found = y[row: token]
          for row in 0..<rows {
            let sum = (0..<columns).reduce(Double(bias[row])) {
              $0 + Double(x[token * columns + $1]) * Double(weight.values[row * columns + $1])
            }
            #expect(abs(Double(found[row]) - sum) < 1e-5 * Double(columns))
          }
        }
      }
    }
  }

  @Test("Blocks of 8 bits are their scale times their numbers")
  func blocks() throws {
    // Q8_0: a half of 0.5 (0x3800), then 32 signed bytes.
    let numbers = (0..<32).map { Int8($0 * 7 - 100) }
    let block = [0x00, 0x38] + numbers.map { UInt8(bitPattern: $0) }
    let matrix = try matrix(block + block, rows: 2, columns: 32, .q8_0)
    #expect(matrix.gatherRows([1])[row: 0] == numbers.map { Float($0) * 0.5 })
  }

  @Test("Bytes that are not what the shape says are refused, with both numbers")
  func malformed() throws {
    let bytes = [UInt8](repeating: 0, count: 64)
    let error = #expect(throws: TensorError.self) { try matrix(bytes, rows: 4, columns: 5, .float32) }
    #expect(error?.description.contains("80") == true && error?.description.contains("64") == true)
    let shapes: [(Int, Int, StorageFormat)] = [
      (0, 4, .float32), (4, 0, .float32), (1, 33, .q8_0), (1 << 62, 32, .q8_0),
      (-1, 16, .float32),
    ]
    for (rows, columns, format) in shapes {
      #expect(throws: TensorError.self) { try matrix(bytes, rows: rows, columns: columns, format) }
    }
    let square = try matrix(bytes, rows: 4, columns: 4, .float32)
    #expect(throws: TensorError.self) {
      try Linear(weight: square, bias: Tensor([1, 2, 3], rows: 1, columns: 3, device: device))
    }
  }

  @Test("A table in a file gives its rows, and refuses those that it does not have")
  func table() throws {
    var random = SplitMix64(seed: 4)
    let weight = PlainWeight(random.values(6 * 8), .bfloat16)
    try weight.bytes.withUnsafeBytes { bytes in
      let rows = try Tensor(
        rows: [5, 2], ofMatrixWithColumns: 8, format: .bfloat16, bytes: bytes, device: device)
      #expect(rows[row: 0] == Array(weight.values[40..<48]) && rows[row: 1] == Array(weight.values[16..<24]))
      for index in [-1, 6, Int.max / 32] {
        #expect(throws: TensorError.self) {
          try Tensor(rows: [index], ofMatrixWithColumns: 8, format: .bfloat16, bytes: bytes, device: device)
        }
      }
    }
  }
}
