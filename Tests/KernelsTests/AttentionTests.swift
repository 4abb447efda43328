import Foundation
import MartletKernels
import MartletSeededRandom
import MartletTestScope
import Testing

/// A cache of random keys and values, and queries, as attention meets them.
struct AttentionCase {
  var type = MARTLET_CACHE_F32
  var kvHeads = 2
  var group = 1
  var dim = 32
  var length = 1
  var queries = 1
  var firstPosition = 0
  var causal = true
  var window = 0
}

@Suite("Attention")
struct AttentionTests {
  @Test("Every length up to two pages and one, one query and many", .long, arguments: Form.all, [0, 1])
  func lengths(form: Form, type: UInt32) {
    var random = SplitMix64(700)
    for length in 1...129 {
      var one = AttentionCase(type: martlet_cache_type(type), length: length)
      one.group = random.int(1...3)
      one.firstPosition = length - 1
      check(form, one, &random)
      one.kvHeads = 1
      one.queries = min(length, random.int(2...5))
      one.firstPosition = length - one.queries
      one.window = random.int(0...1) * random.int(1...80)
      check(form, one, &random)
    }
  }

  @Test("Every number of queries and heads up to two tiles and one", arguments: Form.all, [0, 1])
  func tiles(form: Form, type: UInt32) {
    var random = SplitMix64(701)
    for queries in 1...25 {
      check(
        form,
        AttentionCase(
          type: martlet_cache_type(type), kvHeads: 1, length: queries + 3, queries: queries, firstPosition: 3),
        &random)
    }
    for group in 1...25 {
      check(
        form, AttentionCase(type: martlet_cache_type(type), group: group, length: 20, firstPosition: 19),
        &random)
    }
  }

  @Test("Every size of a head", .long, arguments: Form.all, [0, 1])
  func dims(form: Form, type: UInt32) {
    var random = SplitMix64(702)
    for dim in stride(from: 16, through: 256, by: 16) {
      check(
        form,
        AttentionCase(
          type: martlet_cache_type(type), group: 3, dim: dim, length: 70, queries: 3, firstPosition: 67),
        &random)
    }
  }

  @Test("Without a mask, and with a sliding window", arguments: Form.all)
  func masks(form: Form) {
    var random = SplitMix64(703)
    for round in 0..<30 {
      var one = AttentionCase(kvHeads: 1, group: random.int(1...2), length: random.int(1...140))
      one.causal = round % 2 == 0
      one.queries = random.int(1...min(20, one.length))
      one.firstPosition = one.causal ? one.length - one.queries : 0
      one.window = round % 3 == 0 ? 0 : random.int(1...one.length)
      if !one.causal { one.window = 0 }
      check(form, one, &random)
    }
  }

  @Test("Without positions the output is zero", arguments: Form.all)
  func nothing(form: Form) {
    let memory = Memory()
    defer { memory.release() }
    let output = memory.empty(16)
    var a = martlet_attention()
    (a.query_heads, a.kv_heads, a.dim, a.query_stride, a.output_stride) = (1, 1, 16, 16, 16)
    a.queries = UnsafePointer(memory.copy([Float](repeating: 1, count: 16)))
    a.output = output
    a.scale = 1
    form.kernels.attend(&a, 0, 0, 1)
    #expect(output.first(16).allSatisfy { $0 == 0 })
    let partial = memory.empty(18)
    form.kernels.attend_part(&a, 0, 0, 0, partial)
    #expect(partial[17] == 0)
    form.kernels.attend_join(&a, 0, partial, 1)
    #expect(output.first(16).allSatisfy { $0 == 0 })
  }

  private func check(_ form: Form, _ one: AttentionCase, _ random: inout SplitMix64) {
    let memory = Memory()
    defer { memory.release() }
    let heads = one.kvHeads * one.group, width = one.kvHeads * one.dim
    let half = one.type == MARTLET_CACHE_F16
    let keys = random.floats(one.length * width, -2...2), values = random.floats(one.length * width, -2...2)
    let queries = random.floats(one.queries * heads * one.dim, -2...2)

    // Pages, by this form and by the portable one, in runs of any length: the same bits.
    let bytes = martlet_page_bytes(one.type, one.kvHeads, one.dim)
    let pages = (0..<(one.length + 63) / 64).map { _ in memory.empty(bytes, of: UInt8.self) }
    let portable = memory.empty(bytes, of: UInt8.self)
    let stride = width + random.int(0...3)
    let (k, v) = (memory.empty(one.length * stride), memory.empty(one.length * stride))
    for position in 0..<one.length {
      for column in 0..<width {
        k[position * stride + column] = keys[position * width + column]
        v[position * stride + column] = values[position * width + column]
      }
    }
    var begin = 0
    while begin < one.length {
      let count = random.int(1...min(40, 64 - begin % 64, one.length - begin))
      let (first, page) = (begin % 64, begin / 64)
      let (from, fromValues) = (k + begin * stride, v + begin * stride)
      form.kernels.store_positions(
        one.type, pages[page], one.kvHeads, one.dim, first, count, from, fromValues, stride)
      if page == 0 {
        Form.portable.kernels.store_positions(
          one.type, portable, one.kvHeads, one.dim, first, count, from, fromValues, stride)
      }
      begin += count
    }
    #expect(memcmp(pages[0], portable, bytes) == 0, "stored otherwise than by the portable form: \(one)")

    let kept = half ? (keys.map { Float(Float16($0)) }, values.map { Float(Float16($0)) }) : (keys, values)
    let output = memory.empty(one.queries * heads * one.dim)
    var a = martlet_attention()
    let addresses = memory.copy(pages.map { UnsafeRawPointer($0) as UnsafeRawPointer? })
    a.pages = UnsafePointer(addresses)
    a.type = one.type
    (a.query_heads, a.kv_heads, a.dim, a.length) = (heads, one.kvHeads, one.dim, one.length)
    a.queries = UnsafePointer(memory.copy(queries))
    (a.query_stride, a.output_stride, a.output) = (heads * one.dim, heads * one.dim, output)
    (a.first_position, a.causal, a.window) = (one.firstPosition, one.causal, one.window)
    a.scale = 1 / Float(one.dim).squareRoot()

    let logSums = random.bool() ? memory.empty(one.queries * heads) : nil
    a.log_sums = logSums

    let (expected, expectedSums) = reference(one, scale: Double(a.scale), queries, kept.0, kept.1)
    let middle = random.int(0...one.queries)
    for kvHead in 0..<one.kvHeads {
      form.kernels.attend(&a, kvHead, 0, middle)
      form.kernels.attend(&a, kvHead, middle, one.queries)
    }
    #expect(difference(output.first(expected.count), expected) == nil, "\(one)")
    if let logSums {
      #expect(difference(logSums.first(expectedSums.count), expectedSums) == nil, "sums of \(one)")
    }
    guard one.queries == 1 else { return }

    // In parts, some of them empty or out of sight.
    memset(output, 0xFF, expected.count * 4)
    let count = random.int(1...4), size = one.group * (one.dim + 2)
    let cuts = [0] + (1..<count).map { _ in random.int(0...one.length) }.sorted() + [one.length]
    for kvHead in 0..<one.kvHeads {
      let partials = memory.empty(count * size)
      for i in 0..<count { form.kernels.attend_part(&a, kvHead, cuts[i], cuts[i + 1], partials + i * size) }
      form.kernels.attend_join(&a, kvHead, partials, count)
    }
    #expect(difference(output.first(expected.count), expected) == nil, "in parts \(cuts): \(one)")
  }

  // In double precision, weights and all. A score's error shifts the logarithm of a weight; it is a sum of `dim`
  // products, of which errors of either sign mostly cancel (four times the root of their number is allowed). A weight
  // itself is within 3e-7, and the sums of weighted values err like the scores do.
  private func reference(
    _ one: AttentionCase, scale: Double, _ queries: [Float], _ keys: [Float], _ values: [Float]
  ) -> (output: [Expected], logSums: [Expected]) {
    let heads = one.kvHeads * one.group, width = one.kvHeads * one.dim
    var result: [Expected] = [], logSums: [Expected] = []
    for t in 0..<one.queries {
      let position = one.firstPosition + t
      let end = one.causal ? min(one.length, position + 1) : one.length
      let begin = one.window > 0 ? max(0, position + 1 - one.window) : 0
      for head in 0..<heads {
        let kv = head / one.group * one.dim, query = (t * heads + head) * one.dim
        var scores: [Double] = [], size = 0.0
        for p in begin..<end {
          let terms = (0..<one.dim).map {
            Double(queries[query + $0]) * Double(keys[p * width + kv + $0]) * scale
          }
          scores.append(terms.reduce(0, +))
          size = max(size, terms.reduce(0) { $0 + abs($1) })
        }
        let maximum = scores.max() ?? 0, weights = scores.map { exp($0 - maximum) },
          sum = weights.reduce(0, +)
        let shift = 4 * Double(one.dim).squareRoot() * unit * (size + 1) + 2 * unit * abs(maximum)
        let error = 2 * (2 * shift + 1e-6 + 4 * Double(end - begin).squareRoot() * unit)
        logSums.append(Expected(value: maximum + log(sum), error: error))
        for d in 0..<one.dim {
          var total = 0.0
          for (i, p) in (begin..<end).enumerated() {
            total += weights[i] / sum * Double(values[p * width + kv + d])
          }
          result.append(Expected(value: total, error: error))
        }
      }
    }
    return (result, logSums)
  }
}
