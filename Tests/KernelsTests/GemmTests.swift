import MartletKernels
import MartletSeededRandom
import MartletTestScope
import Testing

@Suite("Products of two matrices in memory")
struct GemmTests {
  @Test("Every number of columns up to two steps and one", arguments: Form.all)
  func columns(form: Form) {
    var random = SplitMix64(500)
    for columns in 1...67 { check(form, random.int(1...20), columns, random.int(1...20), &random) }
  }

  @Test("Every number of rows up to two steps and one", arguments: Form.all)
  func rows(form: Form) {
    var random = SplitMix64(501)
    for rows in Array(1...37) + [239, 240, 241] {
      check(form, rows, random.int(1...40), random.int(1...12), &random)
    }
  }

  @Test("Every depth up to two steps and one, and none at all", arguments: Form.all)
  func depth(form: Form) {
    var random = SplitMix64(502)
    for depth in Array(0...35) + [383, 384, 385, 769] {
      check(form, random.int(1...14), random.int(1...35), depth, &random)
    }
  }

  @Test("Random shapes", .long, arguments: Form.all)
  func shapes(form: Form) {
    var random = SplitMix64(503)
    for _ in 0..<12 { check(form, random.int(1...260), random.int(1...90), random.int(1...800), &random) }
  }

  @Test("A part of the result has the bits of the whole", arguments: Form.all)
  func parts(form: Form) {
    var random = SplitMix64(504)
    let (rows, columns, depth) = (29, 70, 400)
    let memory = Memory()
    defer { memory.release() }
    let a = memory.copy(random.floats(rows * depth)), b = memory.copy(random.floats(depth * columns))
    let whole = memory.empty(rows * columns), parts = memory.empty(rows * columns)
    func product(
      _ rows: Range<Int>, _ columns: Range<Int>, into c: UnsafeMutablePointer<Float>, of width: Int
    ) {
      var product = martlet_gemm(
        rows: rows.count, columns: columns.count, depth: depth, a: a + rows.lowerBound * depth,
        b: b + columns.lowerBound, a_row: depth, a_column: 1, b_row: width, b_column: 1,
        c: c + rows.lowerBound * width + columns.lowerBound, c_row: width, adds: false, rounds_bfloat16: false
      )
      form.kernels.gemm(&product)
    }
    product(0..<rows, 0..<columns, into: whole, of: columns)
    for rows in [0..<1, 1..<14, 14..<29] {
      for columns in [0..<33, 33..<40, 40..<70] { product(rows, columns, into: parts, of: 70) }
    }
    #expect(bitDifference(parts.first(rows * columns), whole.first(rows * columns)) == nil)
  }

  // A sum of n products errs by at most n units of the sum of their sizes; what is added to is one term more.
  private func check(_ form: Form, _ rows: Int, _ columns: Int, _ depth: Int, _ random: inout SplitMix64) {
    let (turnsA, turnsB, adds, rounds) = (random.bool(), random.bool(), random.bool(), random.bool())
    let met: (Float) -> Double = {
      rounds && form.hasBFloat16Dot ? Double(throughBFloat16($0)) : Double($0)
    }
    let memory = Memory()
    defer { memory.release() }
    // Rows in memory are longer than what is read of them, but for the last one, which ends at the guard.
    func matrix(_ rows: Int, _ columns: Int) -> (values: [Float], stride: Int, UnsafeMutablePointer<Float>) {
      let stride = columns + random.int(0...5)
      let values = random.floats(max(0, (rows - 1) * stride + columns))
      return (values, stride, memory.copy(values))
    }
    let (a, aStride, aStart) = turnsA ? matrix(depth, rows) : matrix(rows, depth)
    let (b, bStride, bStart) = turnsB ? matrix(columns, depth) : matrix(depth, columns)
    let (c, cStride, cStart) = matrix(rows, columns)
    var product = martlet_gemm(
      rows: rows, columns: columns, depth: depth, a: aStart, b: bStart, a_row: turnsA ? 1 : aStride,
      a_column: turnsA ? aStride : 1, b_row: turnsB ? 1 : bStride, b_column: turnsB ? bStride : 1,
      c: cStart, c_row: cStride, adds: adds, rounds_bfloat16: rounds)
    form.kernels.gemm(&product)
    let found = cStart.first(c.count)
    let shape = "\(rows) × \(columns) × \(depth), turned \(turnsA) \(turnsB), adds \(adds), rounds \(rounds)"
    for i in 0..<rows {
      let expected = (0..<columns).map { j in
        var sum = adds ? Double(c[i * cStride + j]) : 0
        var size = abs(sum)
        for k in 0..<depth {
          let left = turnsA ? a[k * aStride + i] : a[i * aStride + k]
          let right = turnsB ? b[j * bStride + k] : b[k * bStride + j]
          sum += met(left) * met(right)
          size += abs(met(left) * met(right))
        }
        return Expected(value: sum, error: Double(depth + 4) * unit * size)
      }
      let problem = difference(Array(found[i * cStride..<i * cStride + columns]), expected)
      #expect(problem == nil, "\(shape), row \(i)")
      if problem != nil { return }
      let gap = i * cStride + columns..<min(c.count, (i + 1) * cStride)
      #expect(found[gap] == c[gap], "\(shape): written between the rows of the result")
    }
  }
}
