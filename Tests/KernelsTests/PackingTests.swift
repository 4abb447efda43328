import MartletKernels
import MartletSeededRandom
import Testing

extension martlet_file_format: @retroactive CustomTestStringConvertible {
  /// The format's name in GGUF.
  public var testDescription: String {
    switch self {
    case MARTLET_FILE_F32: "F32"
    case MARTLET_FILE_F16: "F16"
    case MARTLET_FILE_BF16: "BF16"
    case MARTLET_FILE_Q4_0: "Q4_0"
    case MARTLET_FILE_Q4_1: "Q4_1"
    case MARTLET_FILE_Q5_0: "Q5_0"
    case MARTLET_FILE_Q5_1: "Q5_1"
    case MARTLET_FILE_Q8_0: "Q8_0"
    case MARTLET_FILE_Q2_K: "Q2_K"
    case MARTLET_FILE_Q3_K: "Q3_K"
    case MARTLET_FILE_IQ4_NL: "IQ4_NL"
    case MARTLET_FILE_IQ4_XS: "IQ4_XS"
    case MARTLET_FILE_MXFP4: "MXFP4"
    case MARTLET_FILE_Q4_K: "Q4_K"
    case MARTLET_FILE_Q5_K: "Q5_K"
    case MARTLET_FILE_Q6_K: "Q6_K"
    default: "format \(rawValue)"
    }
  }
}

@Suite("Packing rows of files into panels, and taking them out again")
struct PackingTests {
  // Scale times q is exact in single precision (11 bits times 8); a minimum's sum is rounded once, or twice.
  @Test("Every value comes out as the file says", arguments: FileRow.plainFormats + FileRow.blockFormats)
  func roundTrip(format: martlet_file_format) {
    var random = SplitMix64(Int(format.rawValue) + 100)
    let step = FileRow.step(of: format), many = step == 1 ? Array(1...70) : [step, 2 * step, 3 * step]
    for columns in many {
      for rows in [1, 2, 15, 16, 17, 33] {
        let memory = Memory()
        defer { memory.release() }
        let matrix = Matrix(format, rows: rows, columns: columns, in: memory, &random)
        for r in 0..<rows {
          let out = unpack(matrix, row: r, in: memory)
          let expected = matrix.rows[r].values.enumerated().map { c, value in
            let minimum = matrix.minimum(r, c)
            return Expected(
              value: value, error: minimum == 0 ? 0 : 4 * unit * (abs(value) + 2 * abs(minimum)))
          }
          #expect(difference(out, expected) == nil, "\(rows) by \(columns), row \(r)")
        }
      }
    }
  }

  @Test("Rows that are missing are zeros", arguments: FileRow.plainFormats + FileRow.blockFormats)
  func padding(format: martlet_file_format) {
    var random = SplitMix64(Int(format.rawValue) + 200)
    let columns = 3 * FileRow.step(of: format), memory = Memory()
    defer { memory.release() }
    let matrix = Matrix(format, rows: 5, columns: columns, in: memory, &random)
    for r in 5..<16 {
      #expect(unpack(matrix, row: r, in: memory).allSatisfy { $0 == 0 })
    }
  }

  @Test("Powers of two that no half holds make floats, exactly, and blocks of zeros need none")
  func powersOfTwo() {
    func block(_ exponent: UInt8, _ pair: UInt8) -> [UInt8] {
      [exponent] + [UInt8](repeating: pair, count: 16)
    }
    // The codes 7 and 9: 12 and -1.
    for (exponent, fits) in [
      (UInt8(0), false), (1, false), (103, false), (104, true), (143, true), (146, true), (147, false),
      (255, false),
    ] {
      let memory = Memory()
      defer { memory.release() }
      let bytes = memory.copy(block(0, 0x80) + block(120, 0x97) + block(exponent, 0x97))
      let layout = martlet_layout_for(MARTLET_FILE_MXFP4, bytes, 3)
      #expect((Int(layout.kind) == Int(MARTLET_LAYOUT_BLOCKS.rawValue)) == fits, "exponent \(exponent)")
      var sources = [UnsafeRawPointer?](repeating: nil, count: 16)
      sources[5] = UnsafeRawPointer(bytes)
      let panel = memory.empty(martlet_panel_bytes(layout, 96), of: UInt8.self), out = memory.empty(96)
      Form.portable.kernels.pack_panel(MARTLET_FILE_MXFP4, &sources, 96, layout, panel)
      Form.portable.kernels.unpack_row(layout, panel, 5, 96, out)
      let scale = Double(sign: .plus, exponent: Int(exponent) - 128, significand: 1)
      func rows(_ scale: Double) -> [Float] {
        [Float](repeating: Float(12 * scale), count: 16) + [Float](repeating: Float(-scale), count: 16)
      }
      #expect(out.first(96) == [Float](repeating: 0, count: 32) + rows(0x1p-8) + rows(scale))
    }
  }

  // Half a step of the scale, and the rounding of a product.
  @Test("Rows of floats become eight bits with one scale")
  func int8Rows() {
    var random = SplitMix64(300)
    for columns in Array(1...70) + [384] {
      let memory = Memory()
      defer { memory.release() }
      let rows = (0..<17).map { _ in FileRow(MARTLET_FILE_F32, columns: columns, &random) }
      let matrix = Matrix(rows, columns: columns, layout: .int8Rows, in: memory)
      for r in 0..<17 {
        let values = rows[r].values, scale = (values.map(abs).max() ?? 0) / 127
        let expected = values.map { Expected(value: $0, error: scale * (0.5 + 512 * unit)) }
        #expect(
          difference(unpack(matrix, row: r, in: memory), expected) == nil, "columns = \(columns), row \(r)")
      }
    }
  }

  @Test("A row of zeros stays one in eight bits")
  func zeros() {
    let memory = Memory()
    defer { memory.release() }
    let source = memory.empty(7, byte: 0)
    var sources = [UnsafeRawPointer?](repeating: UnsafeRawPointer(source), count: 16)
    let panel = memory.empty(martlet_panel_bytes(.int8Rows, 7), of: UInt8.self), out = memory.empty(7)
    Form.portable.kernels.pack_panel(MARTLET_FILE_F32, &sources, 7, .int8Rows, panel)
    Form.portable.kernels.unpack_row(.int8Rows, panel, 3, 7, out)
    #expect(out.first(7).allSatisfy { $0 == 0 })
  }

  private func unpack(_ matrix: Matrix, row: Int, in memory: Memory) -> [Float] {
    let out = memory.empty(matrix.columns)
    let panel = matrix.panels + row / 16 * martlet_panel_bytes(matrix.layout, matrix.columns)
    Form.portable.kernels.unpack_row(matrix.layout, panel, row % 16, matrix.columns, out)
    return out.first(matrix.columns)
  }
}

extension martlet_layout {
  static let int8Rows = martlet_layout(
    kind: UInt8(MARTLET_LAYOUT_INT8_ROWS.rawValue), bits: 8, group: 0, has_minima: 0)
}
