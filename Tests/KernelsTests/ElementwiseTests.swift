import Foundation
import MartletKernels
import MartletSeededRandom
import Testing

/// Every length up to twice the widest step of a loop (four vectors of sixteen) and one more, and a few long ones.
private let lengths = Array(0...129) + [255, 256, 257, 576, 1000, 1537]

@Suite("Operations on vectors")
struct ElementwiseTests {
  @Test("Sums, products and scalings have the same bits in every form", arguments: Form.all)
  func exactOperations(form: Form) {
    var random = SplitMix64(1)
    for n in lengths {
      let memory = Memory()
      defer { memory.release() }
      let a = random.floats(n, -100...100), b = random.floats(n, -100...100), factor = random.float()
      let x = memory.copy(a), y = memory.copy(b), out = memory.empty(n)
      form.kernels.add(x, y, out, n)
      #expect(bitDifference(out.first(n), zip(a, b).map { $0 + $1 }) == nil, "add, n = \(n)")
      form.kernels.multiply(x, y, out, n)
      #expect(bitDifference(out.first(n), zip(a, b).map { $0 * $1 }) == nil, "multiply, n = \(n)")
      form.kernels.scale(x, factor, out, n)
      #expect(bitDifference(out.first(n), a.map { $0 * factor }) == nil, "scale, n = \(n)")
    }
  }

  @Test("The result may lie where an operand does", arguments: Form.all)
  func inPlace(form: Form) {
    var random = SplitMix64(2)
    for n in lengths where n > 0 {
      let memory = Memory()
      defer { memory.release() }
      let a = random.floats(n), b = random.floats(n)
      let x = memory.copy(a)
      form.kernels.add(x, memory.copy(b), x, n)
      #expect(bitDifference(x.first(n), zip(a, b).map { $0 + $1 }) == nil, "add, n = \(n)")
      let apart = memory.empty(n), same = memory.copy(a)
      form.kernels.softmax(memory.copy(a), apart, n)
      form.kernels.softmax(same, same, n)
      #expect(bitDifference(same.first(n), apart.first(n)) == nil, "softmax, n = \(n)")
    }
  }

  // A norm's sum of n squares errs by at most n units (all terms have one sign), its root by half of that, and some
  // single operations follow.
  @Test("RMS norm", arguments: Form.all)
  func rmsNorm(form: Form) {
    var random = SplitMix64(3)
    for n in lengths where n > 0 {
      let memory = Memory()
      defer { memory.release() }
      let x = random.floats(n, -30...30), weight = random.floats(n, -2...2)
      let out = memory.empty(n)
      form.kernels.rms_norm(memory.copy(x), memory.copy(weight), 1e-5, out, n)
      let squares = x.doubles.reduce(0) { $0 + $1 * $1 }
      let factor = 1 / (squares / Double(n) + Double(Float(1e-5))).squareRoot()
      let expected = zip(x.doubles, weight.doubles).map {
        Expected(value: $0 * factor * $1, error: (Double(n) / 2 + 8) * unit * abs($0 * factor * $1))
      }
      #expect(difference(out.first(n), expected) == nil, "n = \(n)")
    }
  }

  // As above; the mean errs by n units of the mean size, which shifts every element.
  @Test("Layer norm, with and without bias", arguments: Form.all)
  func layerNorm(form: Form) {
    var random = SplitMix64(4)
    for n in lengths where n > 0 {
      let memory = Memory()
      defer { memory.release() }
      let x = random.floats(n, -10...20), weight = random.floats(n, -2...2), bias = random.floats(n)
      let shift = random.bool() ? bias : nil
      let out = memory.empty(n)
      form.kernels.layer_norm(
        memory.copy(x), memory.copy(weight), shift.flatMap { memory.copy($0) }, 1e-6, out, n)
      let mean = x.doubles.reduce(0, +) / Double(n), size = x.doubles.reduce(0) { $0 + abs($1) } / Double(n)
      let variance = x.doubles.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(n)
      let factor = 1 / (variance + Double(Float(1e-6))).squareRoot()
      let expected = (0..<n).map { i in
        let w = Double(weight[i]), b = Double(shift?[i] ?? 0)
        let error = (Double(n) + 16) * unit * ((abs(Double(x[i])) + 2 * size) * factor * abs(w) + abs(b))
        return Expected(value: (Double(x[i]) - mean) * factor * w + b, error: error)
      }
      #expect(difference(out.first(n), expected) == nil, "n = \(n)")
    }
  }

  // e^x is within 3e-7 of its size, the reciprocal within 2e-7. What is left of 1 / (1 + e^-x) for the most negative
  // x is less than 1e-37.
  @Test("SiLU times the other half", arguments: Form.all)
  func siluMultiply(form: Form) {
    var random = SplitMix64(5)
    for n in lengths {
      let memory = Memory()
      defer { memory.release() }
      let gate = values(n, &random), up = random.floats(n, -3...3)
      let out = memory.empty(n)
      form.kernels.silu_multiply(memory.copy(gate), memory.copy(up), out, n)
      let expected = zip(gate.doubles, up.doubles).map { g, u in
        let value = g / (1 + exp(-g)) * u
        return Expected(value: value, error: 1e-6 * abs(value) + 1e-37 * abs(g * u) + 1e-37)
      }
      #expect(difference(out.first(n), expected) == nil, "n = \(n)")
    }
  }

  @Test("GELU within 1e-6 of the exact one, and its tanh approximation", arguments: Form.all)
  func gelu(form: Form) {
    var random = SplitMix64(6)
    for n in lengths {
      let memory = Memory()
      defer { memory.release() }
      let x = values(n, &random), input = memory.copy(x), out = memory.empty(n)
      form.kernels.gelu(input, out, n)
      let exact = x.doubles.map {
        Expected(value: $0 / 2 * erfc(-$0 / 2.0.squareRoot()), error: 1e-6 * max(1, abs($0)))
      }
      #expect(difference(out.first(n), exact) == nil, "n = \(n)")
      form.kernels.gelu_tanh(input, out, n)
      let approximate = x.doubles.map {
        let inner = 0.79788456080286536 * ($0 + 0.044715 * $0 * $0 * $0)
        return Expected(value: $0 / 2 * (1 + tanh(inner)), error: 1e-6 * max(1, abs($0)))
      }
      #expect(difference(out.first(n), approximate) == nil, "tanh, n = \(n)")
    }
  }

  /// Mostly what networks know, and some far out.
  private func values(_ n: Int, _ random: inout SplitMix64) -> [Float] {
    (0..<n).map { _ in
      switch random.int(0...9) {
      case 0: random.float(-120...120)
      case 1: random.float(-1...1) * 1e-20
      case 2: random.float(-1...1) * 1e20
      default: random.float(-8...8)
      }
    }
  }

  // A weight is e^(x - max) within 3e-7 and a sum of n positive terms within n units.
  @Test("Softmax and the logarithm of its sum", arguments: Form.all)
  func softmax(form: Form) {
    var random = SplitMix64(7)
    for n in lengths where n > 0 {
      let memory = Memory()
      defer { memory.release() }
      let x = random.floats(n, -60...60), input = memory.copy(x), out = memory.empty(n)
      form.kernels.softmax(input, out, n)
      let maximum = x.max() ?? 0
      // The difference is taken in single precision: its rounding is not the exponential's.
      let weights = x.map { exp(Double($0 - maximum)) }, sum = weights.reduce(0, +)
      let expected = weights.map {
        Expected(value: $0 / sum, error: (1e-6 + Double(n) * unit) * $0 / sum + 1e-37)
      }
      #expect(difference(out.first(n), expected) == nil, "n = \(n)")
      let logarithm = form.kernels.log_sum_exp(input, n)
      #expect(
        abs(Double(logarithm) - (Double(maximum) + log(sum))) <= 1e-6 + Double(n) * unit + 1e-5, "n = \(n)")
    }
  }

  @Test("The place of the largest element, the first of equals", arguments: Form.all)
  func argmax(form: Form) {
    var random = SplitMix64(8)
    for n in lengths where n > 0 {
      let memory = Memory()
      defer { memory.release() }
      var x = random.floats(n)
      #expect(form.kernels.argmax(memory.copy(x), n) == x.firstIndex(of: x.max() ?? 0))
      let first = random.int(0...n - 1), second = random.int(0...n - 1)
      x[first] = 2
      x[second] = 2
      #expect(form.kernels.argmax(memory.copy(x), n) == min(first, second))
      let equal = memory.copy([Float](repeating: -.infinity, count: n))
      #expect(form.kernels.argmax(equal, n) == 0)
    }
  }

  // Each of two products errs by one unit of its size, the sum by one more.
  @Test("Rotation of a head's two halves", arguments: Form.all)
  func rotation(form: Form) {
    var random = SplitMix64(9)
    for half in 1...66 {
      let memory = Memory()
      defer { memory.release() }
      let x = random.floats(2 * half), angles = random.floats(half, -3...3)
      let cosines = angles.map { cos($0) }, sines = angles.map { sin($0) }
      let head = memory.copy(x)
      form.kernels.rotate_half(head, memory.copy(cosines), memory.copy(sines), 2 * half)
      let expected = (0..<2 * half).map { i in
        let j = i % half, c = Double(cosines[j]), s = Double(sines[j])
        let a = Double(x[j]), b = Double(x[j + half])
        return i < half
          ? Expected(value: a * c - b * s, error: 2 * unit * (abs(a * c) + abs(b * s)))
          : Expected(value: b * c + a * s, error: 2 * unit * (abs(b * c) + abs(a * s)))
      }
      #expect(difference(head.first(2 * half), expected) == nil, "dim = \(2 * half)")
    }
  }

  // A sum of n products errs by at most n units of the sum of their sizes, in whatever order it is taken.
  @Test("Dot products, one and many", arguments: Form.all)
  func dots(form: Form) {
    var random = SplitMix64(10)
    for n in lengths {
      let memory = Memory()
      defer { memory.release() }
      let query = random.floats(n), count = random.int(0...9), stride = n + random.int(0...3)
      let vectors = random.floats(count == 0 ? 0 : (count - 1) * stride + n)
      let expected = (0..<count).map { row in
        let terms = (0..<n).map { Double(query[$0]) * Double(vectors[row * stride + $0]) }
        return Expected(value: terms.reduce(0, +), error: Double(n) * unit * terms.reduce(0) { $0 + abs($1) })
      }
      let q = memory.copy(query), rows = memory.copy(vectors), out = memory.empty(count)
      form.graphs.dot_many(q, rows, stride, count, n, out)
      #expect(difference(out.first(count), expected) == nil, "n = \(n), count = \(count)")
      let single = (0..<count).map { form.kernels.dot(q, rows + $0 * stride, n) }
      #expect(difference(single, expected) == nil, "n = \(n)")
    }
  }

  @Test("Squared distances", arguments: Form.all)
  func distances(form: Form) {
    var random = SplitMix64(11)
    for n in lengths {
      let memory = Memory()
      defer { memory.release() }
      let query = random.floats(n), count = random.int(0...9), stride = n + random.int(0...3)
      let vectors = random.floats(count == 0 ? 0 : (count - 1) * stride + n)
      let expected = (0..<count).map { row in
        // The differences are rounded, each to one unit of itself: three units a square with the product and the sum.
        let square = (0..<n).reduce(0.0) {
          let apart = Double(query[$1]) - Double(vectors[row * stride + $1])
          return $0 + apart * apart
        }
        return Expected(value: square, error: Double(n + 3) * unit * square)
      }
      let out = memory.empty(count)
      form.graphs.squared_distance_many(
        memory.copy(query), memory.copy(vectors), stride, count, n, out)
      #expect(difference(out.first(count), expected) == nil, "n = \(n), count = \(count)")
    }
  }
}
