import Foundation
import MartletKernels
import MartletSeededRandom
import Testing

/// Every length up to twice the widest vector and one more, and a few longer ones.
private let lengths = Array(0...33) + [63, 64, 65, 127, 576]

@Suite("What gradients need beside products")
struct GradientTests {
  @Test("Scaled sums, exponentials and the softmax's slope", arguments: Form.all)
  func elements(form: Form) {
    var random = SplitMix64(600)
    for n in lengths {
      let memory = Memory()
      defer { memory.release() }
      let x = random.floats(n, -3...3), y = random.floats(n, -3...3), factor = random.float()
      let shift = random.float(-5...5)
      let out = memory.copy(y)
      form.kernels.add_scaled(memory.copy(x), factor, out, n)
      let sums = zip(x.doubles, y.doubles).map {
        Expected(value: $0 * Double(factor) + $1, error: 2 * unit * (abs($0) + abs($1)))
      }
      #expect(difference(out.first(n), sums) == nil, "add_scaled, n = \(n)")
      form.kernels.exponentials(memory.copy(x), factor, shift, out, n)
      let powers = x.doubles.map {
        let value = exp($0 * Double(factor) - Double(shift))
        return Expected(value: value, error: 2e-6 * value)
      }
      #expect(difference(out.first(n), powers) == nil, "exponentials, n = \(n)")
      form.kernels.softmax_backward(memory.copy(x), memory.copy(y), shift, out, n)
      let slopes = zip(x.doubles, y.doubles).map {
        Expected(value: $0 * ($1 - Double(shift)), error: 3 * unit * abs($0) * (abs($1) + 5))
      }
      #expect(difference(out.first(n), slopes) == nil, "softmax_backward, n = \(n)")
    }
  }

  // The sums in a norm err by at most n units of their terms' sizes, which are below 12.
  @Test("RMS norm and layer norm, with and without the normalized row", arguments: Form.all)
  func norms(form: Form) {
    var random = SplitMix64(601)
    for n in lengths where n > 0 {
      let memory = Memory()
      defer { memory.release() }
      let x = random.floats(n, -3...4), weight = random.floats(n, -2...2), dy = random.floats(n)
      let (input, weights, gradient) = (memory.copy(x), memory.copy(weight), memory.copy(dy))
      let through = zip(weight.doubles, dy.doubles).map(*)
      let count = Double(n)
      func check(_ name: String, centered: [Double], meanOfThrough: Double, _ kernel: NormBackward) {
        let factor = 1 / (centered.reduce(0) { $0 + $1 * $1 } / count + Double(Float(1e-5))).squareRoot()
        let units = centered.map { $0 * factor }
        let mean = zip(through, units).reduce(0) { $0 + $1.0 * $1.1 } / count
        let error = (count + 30) * unit * 12 * (1 + factor * factor)
        let dx = zip(through, units).map {
          Expected(value: factor * ($0 - meanOfThrough - $1 * mean), error: error)
        }
        let out = memory.empty(n), normalized = memory.empty(n)
        kernel(input, weights, gradient, 1e-5, out, normalized, n)
        #expect(difference(out.first(n), dx) == nil, "\(name), n = \(n)")
        let expected = units.map { Expected(value: $0, error: error) }
        #expect(difference(normalized.first(n), expected) == nil, "\(name) normalized, n = \(n)")
        let again = memory.empty(n)
        kernel(input, weights, gradient, 1e-5, again, nil, n)
        #expect(bitDifference(again.first(n), out.first(n)) == nil, "\(name), n = \(n)")
      }
      check("rms_norm_backward", centered: x.doubles, meanOfThrough: 0, form.kernels.rms_norm_backward)
      let mean = x.doubles.reduce(0, +) / count
      check(
        "layer_norm_backward", centered: x.doubles.map { $0 - mean },
        meanOfThrough: through.reduce(0, +) / count, form.kernels.layer_norm_backward)
    }
  }

  private typealias NormBackward =
    @convention(c) (
      UnsafePointer<Float>?, UnsafePointer<Float>?, UnsafePointer<Float>?, Float,
      UnsafeMutablePointer<Float>?,
      UnsafeMutablePointer<Float>?, Int
    ) -> Void

  @Test("The slopes of SiLU and of both kinds of GELU, far from 0, too", arguments: Form.all)
  func activations(form: Form) {
    var random = SplitMix64(602)
    for n in lengths {
      let memory = Memory()
      defer { memory.release() }
      let x = (0..<n).map { _ in
        random.int(0...9) == 0
          ? random.float() * [20, 1e4, 1e20, 3e38][random.int(0...3)] : random.float(-8...8)
      }
      let up = random.floats(n, -3...3), dy = random.floats(n)
      let input = memory.copy(x), gradient = memory.copy(dy), out = memory.empty(n), second = memory.empty(n)
      func check(_ name: String, _ out: UnsafeMutablePointer<Float>, _ value: (Int) -> Double) {
        let expected = (0..<n).map { i in
          let value = value(i)
          return Expected(value: value, error: 2e-6 * max(1, abs(value)))
        }
        #expect(difference(out.first(n), expected) == nil, "\(name), n = \(n)")
      }
      form.kernels.silu_multiply_backward(input, memory.copy(up), gradient, out, second, n)
      check("silu_multiply_backward by the gate", out) { i in
        let g = max(-700, Double(x[i])), s = 1 / (1 + exp(-g))
        return Double(dy[i]) * Double(up[i]) * s * (1 + g * (1 - s))
      }
      check("silu_multiply_backward by the other half", second) { i in
        let g = max(-700, Double(x[i]))
        return Double(dy[i]) * g / (1 + exp(-g))
      }
      form.kernels.gelu_backward(input, gradient, out, n)
      check("gelu_backward", out) { i in
        let v = max(-700, min(700, Double(x[i])))
        let distribution = erfc(-v / 2.0.squareRoot()) / 2
        return Double(dy[i]) * (distribution + v * exp(-v * v / 2) / (2 * Double.pi).squareRoot())
      }
      form.kernels.gelu_tanh_backward(input, gradient, out, n)
      check("gelu_tanh_backward", out) { i in
        let v = max(-700, min(700, Double(x[i]))), a = (2 / Double.pi).squareRoot()
        let t = tanh(a * (v + 0.044715 * v * v * v))
        return Double(dy[i]) * ((1 + t) / 2 + v * (1 - t * t) / 2 * a * (1 + 3 * 0.044715 * v * v))
      }
    }
  }

  @Test("A NaN shows in whatever depends on it", arguments: Form.all)
  func notANumber(form: Form) {
    for n in [1, 3, 8, 17, 33] {
      for place in 0..<n {
        let memory = Memory()
        defer { memory.release() }
        var values = [Float](repeating: 0.25, count: n)
        values[place] = .nan
        let x = memory.copy(values), ones = memory.copy([Float](repeating: 1, count: n))
        let out = memory.empty(n), second = memory.empty(n)
        for kernel in [form.kernels.gelu_backward, form.kernels.gelu_tanh_backward] {
          kernel?(x, ones, out, n)
          #expect((0..<n).allSatisfy { out[$0].isNaN == ($0 == place) })
        }
        form.kernels.silu_multiply_backward(x, ones, ones, out, second, n)
        #expect((0..<n).allSatisfy { out[$0].isNaN == ($0 == place) && second[$0].isNaN == ($0 == place) })
        form.kernels.rms_norm_backward(x, ones, ones, 1e-5, out, nil, n)
        #expect(out.first(n).allSatisfy { $0.isNaN })
        form.kernels.layer_norm_backward(x, ones, ones, 1e-5, out, nil, n)
        #expect(out.first(n).allSatisfy { $0.isNaN })
      }
    }
  }
}
