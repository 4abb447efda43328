import MartletKernels
import MartletSeededRandom
import Testing

@Suite("Products with quantized weights and activations")
struct QuantizedProductTests {
  private static let formats = FileRow.blockFormats

  @Test("Every number of rows up to two panels and one", arguments: Form.all, formats)
  func rows(form: Form, format: martlet_file_format) {
    var random = SplitMix64(600)
    for rows in 1...33 { checkBlocks(form, format, rows, random.int(1...5), 1, &random) }
  }

  @Test("Every number of tokens up to two steps and one", arguments: Form.all, formats)
  func tokens(form: Form, format: martlet_file_format) {
    var random = SplitMix64(601)
    for tokens in Array(1...33) + [47, 48, 49, 97] {
      checkBlocks(form, format, random.int(1...20), tokens, random.int(1...2), &random)
    }
  }

  @Test("Every number of blocks up to two strips and one", arguments: Form.all, formats)
  func blocks(form: Form, format: martlet_file_format) {
    var random = SplitMix64(602)
    let most = FileRow.step(of: format) == 32 ? 33 : 5
    for blocks in 1...most {
      checkBlocks(form, format, random.int(1...16), 1, blocks, &random)
      checkBlocks(form, format, random.int(1...16), random.int(5...7), blocks, &random)
    }
  }

  @Test(
    "Wide matrices, past what the forms prepare in one go", arguments: Form.all,
    [MARTLET_FILE_Q4_0, MARTLET_FILE_Q6_K])
  func wide(form: Form, format: martlet_file_format) {
    var random = SplitMix64(603)
    let blocks = 16_640 / FileRow.step(of: format)
    for tokens in [1, 2, 5] { checkBlocks(form, format, 3, tokens, blocks, &random) }
  }

  @Test(
    "With scales of one, sums are whole and have the same bits in every form", arguments: Form.all, formats)
  func wholeNumbers(form: Form, format: martlet_file_format) {
    var random = SplitMix64(604)
    for tokens in [1, 2, 3, 4, 5, 6, 7, 16, 17] {
      let memory = Memory()
      defer { memory.release() }
      let columns = 256 * random.int(1...2), rows = random.int(1...35)
      let matrix = Matrix(format, rows: rows, columns: columns, scales: nil, in: memory, &random)
      // Extremes often, alike in neighbours: pairs that are added in 16 bits are as large as they can be.
      let x = (0..<tokens * columns).map { i in
        i % 32 == 0
          ? 127 : random.int(0...3) == 0 ? Float(random.int(-127...127)) : i / 32 % 2 == 0 ? 127 : Float(-127)
      }
      var mine = Quantized(x, tokens: tokens, rows: false, by: form, in: memory).activations
      let out = memory.empty(tokens * rows), reference = memory.empty(tokens * rows)
      form.kernels.matmul(matrix.layout, matrix.panels, rows, &mine, nil, out, rows)
      Form.portable.kernels.matmul(matrix.layout, matrix.panels, rows, &mine, nil, reference, rows)
      #expect(
        bitDifference(out.first(tokens * rows), reference.first(tokens * rows)) == nil, "\(tokens) tokens")
    }
  }

  // The integers are exact. Each group adds two terms (its products, and its offset or minimum), each rounded a few
  // times: three units a term in the worst case, and one for each sum.
  private func checkBlocks(
    _ form: Form, _ format: martlet_file_format, _ rows: Int, _ tokens: Int, _ steps: Int,
    _ random: inout SplitMix64
  ) {
    let memory = Memory()
    defer { memory.release() }
    let columns = steps * FileRow.step(of: format)
    let matrix = Matrix(format, rows: rows, columns: columns, in: memory, &random)
    let x = random.floats(tokens * columns, -3...3),
      quantized = Quantized(x, tokens: tokens, rows: false, by: form, in: memory)
    let q = quantized.values.first(x.count).map(Double.init)
    let problem = check(form, matrix, quantized.activations, in: memory, &random) { r, t in
      var sum = 0.0, size = 0.0, column = 0
      for group in matrix.rows[r].groups {
        let block = t * quantized.groups + column / 32, scale = Double(quantized.scales[block])
        var dot = 0.0, plain = 0.0
        for weight in group.q {
          dot += Double(weight) * q[t * columns + column]
          plain += q[t * columns + column]
          column += 1
        }
        let total = group.q.count == 32 ? Double(quantized.totals[block]) : scale * plain
        let minimum = group.minimum * (matrix.layout.has_minima == 0 ? 0 : total)
        let offset = matrix.layout.has_minima == 0 ? plain * Double(1 << (matrix.layout.bits - 1)) : 0
        sum += group.scale * scale * dot + minimum
        size += abs(group.scale * scale) * (abs(dot + offset) + abs(offset)) + abs(minimum)
      }
      let terms = 2 * matrix.rows[r].groups.count
      return Expected(value: sum, error: Double(terms + 8) * unit * size)
    }
    #expect(problem == nil, "\(rows) rows, \(tokens) tokens, \(columns) columns")
  }

  @Test(
    "Rows of 8 bits: every number of rows, tokens and columns up to two steps and one", arguments: Form.all)
  func int8Rows(form: Form) {
    var random = SplitMix64(605)
    for rows in 1...65 { checkRows(form, rows, random.int(1...5), random.int(1...70), &random) }
    for tokens in 1...25 { checkRows(form, random.int(1...40), tokens, random.int(1...70), &random) }
    for columns in 1...131 { checkRows(form, random.int(1...20), random.int(1...13), columns, &random) }
    for _ in 0..<8 { checkRows(form, random.int(1...70), random.int(1...60), random.int(1...1600), &random) }
    checkRows(form, 5, 2, 11_000, &random)
    checkRows(form, 5, 7, 22_000, &random)
  }

  // The integers are exact; each group adds one rounded term.
  private func checkRows(_ form: Form, _ rows: Int, _ tokens: Int, _ columns: Int, _ random: inout SplitMix64)
  {
    let memory = Memory()
    defer { memory.release() }
    let source = (0..<rows).map { _ in FileRow(MARTLET_FILE_F32, columns: columns, &random) }
    let matrix = Matrix(source, columns: columns, layout: .int8Rows, in: memory)
    // Extremes often, alike in neighbours.
    let x = random.floats(tokens * columns, -3...3).map { $0 > 0 ? 3 : $0 < -2 ? -3 : $0 }
    let quantized = Quantized(x, tokens: tokens, rows: true, by: form, in: memory)
    let q = quantized.values.first(x.count).map(Double.init)
    let decoded = source.map(\.values), largest = decoded.map { Float($0.map(abs).max() ?? 0) }
    let scales = largest.map { Double($0 / 127) }
    let weights = zip(decoded, largest).map { values, largest in
      values.map { (Float($0) * (127 / largest)).rounded(.toNearestOrEven) }
    }
    let problem = check(form, matrix, quantized.activations, in: memory, &random) { r, t in
      var sum = 0.0, size = 0.0
      for g in 0..<quantized.groups {
        var dot = 0.0
        for c in 64 * g..<min(columns, 64 * g + 64) { dot += Double(weights[r][c]) * q[t * columns + c] }
        let term = scales[r] * Double(quantized.scales[t * quantized.groups + g]) * dot
        sum += term
        size += abs(term)
      }
      return Expected(value: sum, error: Double(quantized.groups + 6) * unit * size)
    }
    #expect(problem == nil, "\(rows) rows, \(tokens) tokens, \(columns) columns")
  }

  /// The product with a bias or none; what is wrong with it, if anything is.
  private func check(
    _ form: Form, _ matrix: Matrix, _ x: martlet_activations, in memory: Memory, _ random: inout SplitMix64,
    expected: (_ row: Int, _ token: Int) -> Expected
  ) -> String? {
    var x = x
    let rows = matrix.rows.count, bias = random.bool() ? random.floats(rows) : nil
    let stride = rows + random.int(0...5), count = (x.tokens - 1) * stride + rows, out = memory.empty(count)
    form.kernels.matmul(matrix.layout, matrix.panels, rows, &x, bias.map { memory.copy($0) }, out, stride)
    let y = out.first(count)
    for t in 0..<x.tokens {
      let whole = (0..<rows).map { r in
        var number = expected(r, t)
        number.value += Double(bias?[r] ?? 0)
        number.error += Double(matrix.columns / 32 + 4) * unit * abs(Double(bias?[r] ?? 0))
        return number
      }
      if let problem = difference(Array(y[t * stride..<t * stride + rows]), whole) {
        return "token \(t): \(problem)"
      }
      let gap = y[min(count, t * stride + rows)..<min(count, (t + 1) * stride)]
      if gap.contains(where: { $0.bitPattern != .max }) { return "written between the rows of the result" }
    }
    return nil
  }
}
