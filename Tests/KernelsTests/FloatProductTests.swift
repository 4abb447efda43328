import MartletKernels
import MartletSeededRandom
import MartletTestScope
import Testing

@Suite("Products with float weights")
struct FloatProductTests {
  private static let formats = FileRow.plainFormats

  @Test("Every number of rows up to two steps and one", arguments: Form.all, formats)
  func rows(form: Form, format: martlet_file_format) {
    var random = SplitMix64(400)
    for rows in 1...129 { check(form, format, rows, random.int(1...14), random.int(1...20), &random) }
  }

  @Test("Every number of columns up to two steps and one", arguments: Form.all, formats)
  func columns(form: Form, format: martlet_file_format) {
    var random = SplitMix64(401)
    for columns in Array(1...67) + [383, 384, 385, 511, 512, 513, 769, 1025] {
      check(form, format, random.int(1...35), random.int(1...7), columns, &random)
    }
  }

  @Test("Every number of tokens up to two steps and one", arguments: Form.all, formats)
  func tokens(form: Form, format: martlet_file_format) {
    var random = SplitMix64(402)
    for tokens in Array(1...49) + [97, 239, 240, 241] {
      check(form, format, random.int(1...18), tokens, random.int(1...12), &random)
    }
  }

  @Test("Random shapes", .long, arguments: Form.all, formats)
  func shapes(form: Form, format: martlet_file_format) {
    var random = SplitMix64(403)
    for _ in 0..<12 {
      check(form, format, random.int(1...90), random.int(1...60), random.int(1...800), &random)
    }
  }

  @Test(
    "Weights with quantized activations left out: as exact as floats", arguments: Form.all,
    FileRow.blockFormats)
  func blocks(form: Form, format: martlet_file_format) {
    var random = SplitMix64(404)
    let step = FileRow.step(of: format)
    for tokens in 1...14 {
      check(form, format, random.int(1...35), tokens, step * random.int(1...3), &random)
    }
    check(form, format, 17, 50, step, &random)
    for rows in 1...33 { check(form, format, rows, random.int(1...3), step, &random) }
    // Many tokens, and more columns than are taken at once.
    check(form, format, random.int(17...33), 13, step * max(2, 416 / step), &random)
    check(form, format, random.int(33...48), 25, step, &random)
  }

  // A sum of n products errs by at most n units of the sum of their sizes; the bias is one term more, and a weight with
  // a minimum is itself rounded twice. A form that rounds activations to bfloat16 has its products of rounded ones
  // held to the same: nothing else may be lost.
  private func check(
    _ form: Form, _ format: martlet_file_format, _ rows: Int, _ tokens: Int, _ columns: Int,
    _ random: inout SplitMix64
  ) {
    let memory = Memory()
    defer { memory.release() }
    let matrix = Matrix(format, rows: rows, columns: columns, in: memory, &random)
    let values = random.floats(tokens * columns, -4...4), bias = random.bool() ? random.floats(rows) : nil
    let stride = rows + random.int(0...5), out = memory.empty((tokens - 1) * stride + rows)
    var x = martlet_activations()
    x.tokens = tokens
    x.columns = columns
    x.values = UnsafePointer(memory.copy(values))
    x.rounds_bfloat16 = random.bool()
    form.kernels.matmul(matrix.layout, matrix.panels, rows, &x, bias.map { memory.copy($0) }, out, stride)

    let met =
      format == MARTLET_FILE_BF16 && form.hasBFloat16Dot && x.rounds_bfloat16
      ? values.map(throughBFloat16) : values
    let y = out.first((tokens - 1) * stride + rows)
    for t in 0..<tokens {
      let expected = (0..<rows).map { r in
        var sum = Double(bias?[r] ?? 0), size = abs(sum)
        for (c, weight) in matrix.decoded[r].enumerated() {
          let term = weight * Double(met[t * columns + c])
          sum += term
          size += abs(term) + abs(matrix.rounding(r, c) * Double(met[t * columns + c]))
        }
        return Expected(value: sum, error: Double(columns + 4) * unit * size)
      }
      let problem = difference(Array(y[t * stride..<t * stride + rows]), expected)
      #expect(problem == nil, "\(rows) rows, \(tokens) tokens, \(columns) columns, token \(t)")
      if problem != nil { return }
      let gap = y[min(y.count, t * stride + rows)..<min(y.count, (t + 1) * stride)]
      #expect(gap.allSatisfy { $0.bitPattern == .max }, "written between the rows of the result")
    }
  }
}
