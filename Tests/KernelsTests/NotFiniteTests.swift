import Glibc
import MartletKernels
import MartletSeededRandom
import Testing

/// What Kernels.h promises of numbers that are not finite, and of those at the ends of the range.
@Suite("NaN, infinities and extremes")
struct NotFiniteTests {
  private static let lengths = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 64, 65]

  @Test("A NaN passes through functions of one element, and only there", arguments: Form.all)
  func elementwise(form: Form) {
    for n in Self.lengths {
      for place in 0..<n {
        let memory = Memory()
        defer { memory.release() }
        var x = [Float](repeating: 0.25, count: n)
        x[place] = .nan
        let input = memory.copy(x), ones = memory.copy([Float](repeating: 1, count: n)), out = memory.empty(n)
        let isolated: [(String, () -> Void)] = [
          ("silu_multiply", { form.kernels.silu_multiply(input, ones, out, n) }),
          ("silu_multiply by", { form.kernels.silu_multiply(ones, input, out, n) }),
          ("gelu", { form.kernels.gelu(input, out, n) }),
          ("gelu_tanh", { form.kernels.gelu_tanh(input, out, n) }),
        ]
        for (name, call) in isolated {
          memset(out, 0, n)
          call()
          #expect((0..<n).allSatisfy { out[$0].isNaN == ($0 == place) }, "\(name), n = \(n), place \(place)")
        }
        let spreading: [(String, () -> Void)] = [
          ("softmax", { form.kernels.softmax(input, out, n) }),
          ("rms_norm", { form.kernels.rms_norm(input, ones, 1e-5, out, n) }),
          ("layer_norm", { form.kernels.layer_norm(input, ones, nil, 1e-5, out, n) }),
        ]
        for (name, call) in spreading {
          memset(out, 0, n)
          call()
          #expect(out.first(n).allSatisfy { $0.isNaN }, "\(name), n = \(n), place \(place)")
        }
        #expect(form.kernels.log_sum_exp(input, n).isNaN)
        #expect(form.kernels.dot(input, ones, n).isNaN)
      }
    }
  }

  @Test("The largest element is found among NaN", arguments: Form.all)
  func argmax(form: Form) {
    var random = SplitMix64(800)
    for n in Self.lengths {
      for _ in 0..<20 {
        let memory = Memory()
        defer { memory.release() }
        let x = (0..<n).map { _ in random.int(0...2) == 0 ? Float.nan : random.float() }
        let best = x.indices.filter { !x[$0].isNaN }.max { x[$0] < x[$1] } ?? 0
        #expect(form.kernels.argmax(memory.copy(x), n) == best, "\(x)")
      }
    }
  }

  @Test("Softmax gives masked elements nothing, and survives the largest numbers", arguments: Form.all)
  func softmax(form: Form) {
    for n in Self.lengths {
      let memory = Memory()
      defer { memory.release() }
      var x = [Float](repeating: -.infinity, count: n)
      x[n / 2] = 3e38
      if n > 1 { x[0] = -3e38 }
      let out = memory.empty(n)
      form.kernels.softmax(memory.copy(x), out, n)
      #expect((0..<n).allSatisfy { out[$0] == ($0 == n / 2 ? 1 : 0) }, "n = \(n)")
      #expect(form.kernels.log_sum_exp(memory.copy(x), n) == 3e38)
    }
  }

  @Test("Activations at the ends of the range", arguments: Form.all)
  func extremes(form: Form) {
    let memory = Memory()
    defer { memory.release() }
    let largest = Float.greatestFiniteMagnitude, least = Float.leastNonzeroMagnitude
    let x: [Float] = [largest, 1e30, 1e20, 200, 100, least, 0, -least, -100, -200, -1e20, -1e30, -largest]
    let n = x.count, input = memory.copy(x), ones = memory.copy([Float](repeating: 1, count: n)),
      out = memory.empty(n)
    for (name, call) in [
      ("silu", { form.kernels.silu_multiply(input, ones, out, n) }),
      ("gelu", { form.kernels.gelu(input, out, n) }),
      ("gelu_tanh", { form.kernels.gelu_tanh(input, out, n) }),
    ] {
      call()
      for i in 0..<n {
        // 6e-39, what is left of 1 / (1 + e^88), times the largest number is 2; GELU is cut off where 6e-9 is left.
        let expected = Double(max(0, x[i])),
          left = 7e-39 * Double(abs(x[i])) + (name == "gelu" ? 1e-8 : 1e-44)
        #expect(abs(Double(out[i]) - expected) <= expected * 1e-6 + left, "\(name)(\(x[i]))")
      }
    }
  }

  @Test("A NaN in a key, a value or a query reaches the output, also in parts", arguments: Form.all)
  func attention(form: Form) {
    let dim = 16, length = 70
    for bad in ["key", "value", "query"] {
      for position in [0, 15, 16, 63, 64, 69] {
        let memory = Memory()
        defer { memory.release() }
        let bytes = martlet_page_bytes(MARTLET_CACHE_F32, 1, dim)
        let pages = (0..<2).map { _ in memory.empty(bytes, of: UInt8.self) }
        for p in 0..<length {
          var k = [Float](repeating: 0.5, count: dim), v = k
          if p == position && bad == "key" { k[3] = .nan }
          if p == position && bad == "value" { v = [Float](repeating: .nan, count: dim) }
          form.kernels.store_positions(MARTLET_CACHE_F32, pages[p / 64], 1, dim, p % 64, 1, k, v, dim)
        }
        var query = [Float](repeating: 0.5, count: dim)
        if bad == "query" { query[5] = .nan }
        let output = memory.empty(dim, byte: 0), partials = memory.empty(2 * (dim + 2))
        var a = martlet_attention()
        a.pages = UnsafePointer(memory.copy(pages.map { UnsafeRawPointer($0) as UnsafeRawPointer? }))
        (a.query_heads, a.kv_heads, a.dim, a.query_stride, a.output_stride) = (1, 1, dim, dim, dim)
        (a.length, a.first_position, a.causal, a.scale) = (length, length - 1, true, 0.25)
        a.queries = UnsafePointer(memory.copy(query))
        a.output = output
        form.kernels.attend(&a, 0, 0, 1)
        #expect(output.first(dim).allSatisfy { $0.isNaN }, "\(bad) \(position)")
        memset(output, 0, dim * 4)
        form.kernels.attend_part(&a, 0, 0, 30, partials)
        form.kernels.attend_part(&a, 0, 30, length, partials + dim + 2)
        form.kernels.attend_join(&a, 0, partials, 2)
        #expect(output.first(dim).allSatisfy { $0.isNaN }, "\(bad) \(position), in parts")
      }
    }
  }

  @Test("An infinity or a NaN in the activations of a product reaches each of its rows", arguments: Form.all)
  func products(form: Form) {
    var random = SplitMix64(801)
    for format in FileRow.plainFormats + FileRow.blockFormats {
      for bad in [Float.nan, .infinity, -.infinity] {
        let memory = Memory()
        defer { memory.release() }
        let step = FileRow.step(of: format), columns = step == 1 ? 37 : step, tokens = 3
        let matrix = Matrix(format, rows: 18, columns: columns, in: memory, &random)
        var x = random.floats(tokens * columns)
        x[columns + random.int(0...columns - 1)] = bad
        let out = memory.empty(tokens * 18)
        var plain = martlet_activations()
        (plain.tokens, plain.columns) = (tokens, columns)
        plain.values = UnsafePointer(memory.copy(x))
        var rounding = plain
        rounding.rounds_bfloat16 = true
        var all = [plain, rounding]
        if step > 1 {
          all.append(Quantized(x, tokens: tokens, rows: false, by: form, in: memory).activations)
        }
        for var activations in all {
          form.kernels.matmul(matrix.layout, matrix.panels, 18, &activations, nil, out, 18)
          for t in 0..<tokens {
            #expect(
              (0..<18).allSatisfy { out[t * 18 + $0].isFinite == (t != 1) },
              "\(format.testDescription), \(bad)")
          }
        }
      }
    }
  }
}
