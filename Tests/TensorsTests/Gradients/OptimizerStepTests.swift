import MartletSeededRandom
import Testing

@testable import MartletTensors

@Suite("Steps of optimizers")
struct OptimizerStepTests {
  private let device: Device
  init() throws { device = try Device(threads: 3) }

  private func tensor(_ values: [Float]) throws -> Tensor {
    try Tensor(values, rows: 1, columns: values.count, device: device)
  }

  @Test("AdamW is that of the paper, whatever the length", arguments: [1, 3, 4, 70_001])
  func adamW(count: Int) throws {
    var random = SplitMix64(seed: 11)
    var (value, mean, square) = (
      try tensor(random.values(count)), Tensor.zeros(rows: 1, columns: count, device: device),
      Tensor.zeros(rows: 1, columns: count, device: device)
    )
    var expected = value.values.map(Double.init)
    var (m, s) = ([Double](repeating: 0, count: count), [Double](repeating: 0, count: count))
    for number in 1...4 {
      let gradient = try tensor(random.values(count))
      value.take(
        AdamWStep(number: number, rate: 0.01, decay: 0.1, gradientFactor: 0.5), gradient: gradient,
        mean: &mean,
        square: &square)
      for (i, raw) in gradient.values.enumerated() {
        let g = Double(raw) * 0.5
        m[i] = 0.9 * m[i] + 0.1 * g
        s[i] = 0.999 * s[i] + 0.001 * g * g
        let (first, second) = (1 - power(0.9, number), 1 - power(0.999, number))
        expected[i] *= 1 - 0.001
        expected[i] -= 0.01 / first * m[i] / ((s[i] / second).squareRoot() + 1e-8)
      }
    }
    for (found, wanted) in zip(value.values, expected) { #expect(abs(Double(found) - wanted) < 1e-5) }
  }

  private func power(_ base: Double, _ count: Int) -> Double { (0..<count).reduce(1) { x, _ in x * base } }

  @Test("Gradient descent with and without momentum")
  func sgd() throws {
    var (value, sums) = (try tensor([1, -2, 3]), try tensor([0, 0, 0]))
    let gradient = try tensor([0.5, 1, -1])
    value.take(SGDStep(rate: 0.1), gradient: gradient)
    #expect(value.values == [0.95, -2.1, 3.1])
    value.take(SGDStep(rate: 0.1, momentum: 0.5), gradient: gradient, momentum: &sums)
    value.take(SGDStep(rate: 0.1, momentum: 0.5), gradient: gradient, momentum: &sums)
    let expected: [Float] = [0.825, -2.35, 3.35]
    for (found, wanted) in zip(value.values, expected) { #expect(abs(found - wanted) < 1e-6) }
    #expect(sums.values == [0.75, 1.5, -1.5])
  }

  @Test("What somebody else has keeps its values; what nobody has is written in place")
  func places() throws {
    var value = try tensor([1, 2])
    let (copy, place) = (value, value.pointer)
    value.take(SGDStep(rate: 1), gradient: try tensor([1, 1]))
    #expect(copy.values == [1, 2] && value.values == [0, 1] && value.pointer != place)
    let own = value.pointer
    value.take(SGDStep(rate: 1), gradient: try tensor([1, 1]))
    #expect(value.pointer == own && value.values == [-1, 0])
    value.add(copy)
    #expect(value.pointer == own && value.values == [0, 2])
  }

  @Test("The squared norm is the same on any number of threads")
  func norm() throws {
    var random = SplitMix64(seed: 12)
    let values = random.values(200_003)
    let norms = try [1, 2, 5].map { threads in
      try Tensor(values, rows: 1, columns: values.count, device: Device(threads: threads)).squaredNorm
    }
    #expect(norms[0] == norms[1] && norms[1] == norms[2])
    let expected = values.reduce(0) { $0 + Double($1) * Double($1) }
    #expect(abs(norms[0] - expected) < 1e-9 * expected)
  }

  @Test("Gradients that are added to earlier ones are their sum")
  func sums() throws {
    let weight = try tensor([1, 2, 3]).recorded()
    let (first, second) = (weight.columns(0..<1), weight.columns(1..<2).scaled(by: 4))
    var sum = Gradients()
    try first.addGradients(to: &sum)
    try second.addGradients(to: &sum)
    let kept = sum[weight]
    try second.addGradients(to: &sum)
    #expect(kept?.values == [1, 4, 0] && sum[weight]?.values == [1, 8, 0])
    #expect(sum.remove(weight)?.values == [1, 8, 0] && sum[weight] == nil)
  }
}
