import Foundation
import MartletSeededRandom
import MartletTensors
import Testing

@Suite("Pooling, lengths and losses")
struct PoolingTests {
  private let device: Device
  init() throws { device = try Device(threads: 2) }

  @Test("The mean of a range is that of its rows; ranges may be of any length")
  func mean() throws {
    var random = SplitMix64(seed: 5)
    let (rows, columns) = (37, 19)
    let values = random.values(rows * columns)
    let tensor = try Tensor(values, rows: rows, columns: columns, device: device)
    let ranges = [0..<1, 1..<20, 20..<37, 5..<5]
    let means = tensor.meanOfRows(in: ranges)
    for (index, range) in ranges.enumerated() {
      for column in 0..<columns {
        let sum = range.reduce(0.0) { $0 + Double(values[$1 * columns + column]) }
        #expect(abs(Double(means[row: index][column]) - sum / Double(max(1, range.count))) < 1e-6)
      }
    }
  }

  @Test("Rows get the length 1, and a row of zeros stays")
  func lengths() throws {
    let rows = try Tensor([3, 4, 0, 0], rows: 2, columns: 2, device: device).normalizedRows()
    #expect(abs(rows[row: 0][0] - 0.6) < 1e-6 && abs(rows[row: 0][1] - 0.8) < 1e-6)
    #expect(rows[row: 1] == [0, 0])
  }

  @Test("Of equals the first is the largest", arguments: [1, 7, 16, 33, 1000])
  func largest(columns: Int) throws {
    var random = SplitMix64(seed: 6)
    var values = random.values(columns)
    let place = columns / 2
    values[place] = 2
    values[columns - 1] = 2
    #expect(try Tensor(values, rows: 1, columns: columns, device: device).argmax(row: 0) == place)
  }

  @Test("A loss is the negative logarithm of the target's share")
  func losses() throws {
    var random = SplitMix64(seed: 7)
    let (rows, columns) = (9, 50)
    // Far from zero, where a sum of exponentials alone would be infinite.
    let values = random.values(rows * columns).map { $0 * 30 + 100 }
    let targets = (0..<rows).map { $0 * 5 }
    let found = try Tensor(values, rows: rows, columns: columns, device: device).crossEntropy(
      targets: targets)
    for row in 0..<rows {
      let logits = values[row * columns..<(row + 1) * columns].map(Double.init)
      let most = logits.max() ?? 0
      let sum = logits.reduce(0) { $0 + exp($1 - most) }
      #expect(abs(Double(found[row]) - (most + log(sum) - logits[targets[row]])) < 1e-4)
    }
  }
}
