import Foundation
import MartletSeededRandom
import MartletTensors
import Testing

extension GradientTests {
  func tensor(_ shape: (rows: Int, columns: Int), seed: UInt64) throws -> Tensor {
    var random = SplitMix64(seed: seed)
    return try Tensor(
      random.values(shape.rows * shape.columns), rows: shape.rows, columns: shape.columns, device: device)
  }

  func matrix(
    _ rows: Int, _ columns: Int, format: StorageFormat = .float32, seed: UInt64
  ) throws -> WeightMatrix {
    let values = try tensor((rows, columns), seed: seed).values
    var bytes = [UInt8](
      repeating: 0, count: values.count / format.elementsPerBlock * format.bytesPerBlock)
    try values.withUnsafeBufferPointer { values in
      try bytes.withUnsafeMutableBytes {
        try device.encodeRows(values, columns: columns, format: format, into: $0)
      }
    }
    return try bytes.withUnsafeBytes {
      try WeightMatrix(
        rows: rows, columns: columns, format: format, precision: .float32, device: device, bytes: $0)
    }
  }

  /// Compares the gradients of a random combination of an operation's results with central differences of `reference`,
  /// the same function in double precision.
  /// - Parameter entries: How many values of each operand are varied, drawn at random.
  func check(
    _ shapes: [(Int, Int)], entries: Int = 40, seed: UInt64 = 1,
    _ operation: ([Tensor]) throws -> Tensor, _ reference: ([[Double]]) -> [Double],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    var random = SplitMix64(seed: 99)
    let operands = try shapes.enumerated().map { index, shape in
      try tensor(shape, seed: seed + UInt64(index) * 17).recorded()
    }
    let result = try operation(operands)
    let exact = operands.map { $0.values.map(Double.init) }
    let expected = reference(exact)
    #expect(result.values.count == expected.count, sourceLocation: sourceLocation)
    for (found, value) in zip(result.values, expected) {
      #expect(abs(Double(found) - value) < 1e-5 * max(1, abs(value)), sourceLocation: sourceLocation)
    }
    // The loss: each value of the result times a factor.
    let factors = random.values(expected.count)
    let weights = try Tensor(factors, rows: 1, columns: factors.count, device: device)
    let flat = result.reshaped(rows: 1, columns: factors.count)
    let gradients = try Linear(weight: WeightMatrix(values: weights))(flat).gradients()
    func loss(_ operands: [[Double]]) -> Double {
      zip(reference(operands), factors).reduce(0) { $0 + $1.0 * Double($1.1) }
    }
    for (index, operand) in operands.enumerated() {
      let found = try #require(gradients[operand], sourceLocation: sourceLocation).values
      #expect(found.count == operand.values.count, sourceLocation: sourceLocation)
      let places =
        found.count <= entries
        ? Array(found.indices) : (0..<entries).map { _ in Int.random(in: found.indices, using: &random) }
      for place in places {
        let step = 1e-5
        var varied = exact
        varied[index][place] += step
        let above = loss(varied)
        varied[index][place] -= 2 * step
        let slope = (above - loss(varied)) / (2 * step)
        #expect(
          abs(Double(found[place]) - slope) < 2e-5 * max(1, abs(slope)),
          "operand \(index), value \(place)", sourceLocation: sourceLocation)
      }
    }
  }
}

/// Operations in double precision.
enum Reference {
  static func rows(_ x: [Double], _ columns: Int) -> [[Double]] {
    stride(from: 0, to: x.count, by: columns).map { Array(x[$0..<$0 + columns]) }
  }

  static func cosine(_ angle: Float) -> Double { Double(cos(angle)) }
  static func sine(_ angle: Float) -> Double { Double(sin(angle)) }

  static func function(_ activation: Activation) -> (Double) -> Double {
    switch activation {
    case .gelu: { $0 / 2 * erfc(-$0 / 2.0.squareRoot()) }
    case .geluTanh: { $0 / 2 * (1 + tanh((2 / Double.pi).squareRoot() * ($0 + 0.044715 * $0 * $0 * $0))) }
    case .quickGELU: { $0 / (1 + exp(-1.702 * $0)) }
    case .silu: { $0 / (1 + exp(-$0)) }
    case .relu: { max(0, $0) }
    case .tanh: { Foundation.tanh($0) }
    }
  }

  /// x · wᵀ + bias, both with `columns` columns.
  static func linear(_ x: [Double], _ w: [Double], columns: Int, bias: [Double]? = nil) -> [Double] {
    let outputs = w.count / columns
    var result: [Double] = []
    result.reserveCapacity(x.count / columns * outputs)
    x.withUnsafeBufferPointer { x in
      w.withUnsafeBufferPointer { w in
        for row in stride(from: 0, to: x.count, by: columns) {
          for output in 0..<outputs {
            var sum = bias?[output] ?? 0
            for column in 0..<columns { sum += x[row + column] * w[output * columns + column] }
            result.append(sum)
          }
        }
      }
    }
    return result
  }

  static func attention(
    _ q: [Double], _ k: [Double], _ v: [Double], _ shape: AttentionShape, _ sequences: [Range<Int>]
  ) -> [Double] {
    let (d, group) = (shape.headDimension, shape.heads / shape.keyValueHeads)
    let (width, shared) = (shape.heads * d, shape.keyValueHeads * d)
    var out = [Double](repeating: 0, count: q.count)
    for rows in sequences {
      for t in rows {
        let seen = rows.filter { s in
          (!shape.isCausal || s <= t) && (shape.window.map { s > t - $0 } ?? true)
        }
        for head in 0..<shape.heads {
          let scores = seen.map { s in
            (0..<d).reduce(0) { $0 + q[t * width + head * d + $1] * k[s * shared + head / group * d + $1] }
              * Double(shape.scale)
          }
          let maximum = scores.max() ?? 0
          let weights = scores.map { exp($0 - maximum) }
          let sum = weights.reduce(0, +)
          for (s, weight) in zip(seen, weights) {
            for i in 0..<d {
              out[t * width + head * d + i] += weight / sum * v[s * shared + head / group * d + i]
            }
          }
        }
      }
    }
    return out
  }

  /// The sum of -log p(target) over rows of logits.
  static func crossEntropy(_ logits: [Double], _ targets: [Int]) -> Double {
    zip(rows(logits, logits.count / targets.count), targets).reduce(0) { total, one in
      let maximum = one.0.max() ?? 0
      return total + maximum + log(one.0.reduce(0) { $0 + exp($1 - maximum) }) - one.0[one.1]
    }
  }
}
