import MartletKernels
import MartletSeededRandom

/// A random row of a matrix as a file holds it, and what it says, decoded here from the format's own description
/// (ggml's block structures), apart from the code under test.
struct FileRow {
  /// Columns that share a scale, in order: value = scale * q + minimum.
  struct Group {
    var scale: Double
    var minimum: Double
    var q: [Int]
  }

  let format: martlet_file_format
  private(set) var bytes: [UInt8] = []
  /// Of the formats with blocks.
  private(set) var groups: [Group] = []
  /// Of the others.
  private var plain: [Double] = []

  var values: [Double] {
    groups.isEmpty
      ? plain : groups.flatMap { group in group.q.map { group.scale * Double($0) + group.minimum } }
  }

  static let blockFormats = [
    MARTLET_FILE_Q4_0, MARTLET_FILE_Q4_1, MARTLET_FILE_Q5_0, MARTLET_FILE_Q5_1, MARTLET_FILE_Q8_0,
    MARTLET_FILE_Q2_K, MARTLET_FILE_Q3_K, MARTLET_FILE_Q4_K, MARTLET_FILE_Q5_K, MARTLET_FILE_Q6_K,
    MARTLET_FILE_IQ4_NL, MARTLET_FILE_IQ4_XS, MARTLET_FILE_MXFP4,
  ]
  static let plainFormats = [MARTLET_FILE_F32, MARTLET_FILE_F16, MARTLET_FILE_BF16]

  /// The columns of one block.
  static func step(of format: martlet_file_format) -> Int {
    switch format {
    case MARTLET_FILE_F32, MARTLET_FILE_F16, MARTLET_FILE_BF16: 1
    case MARTLET_FILE_Q2_K, MARTLET_FILE_Q3_K, MARTLET_FILE_Q4_K, MARTLET_FILE_Q5_K, MARTLET_FILE_Q6_K,
      MARTLET_FILE_IQ4_XS:
      256
    default: 32
    }
  }

  /// - Parameter scales: random scales, or nil for the one scale 1, with which all sums are whole numbers.
  init(
    _ format: martlet_file_format, columns: Int, scales: ClosedRange<Float>? = -0.05...0.05,
    _ random: inout SplitMix64
  ) {
    self.format = format
    for _ in 0..<columns / Self.step(of: format) {
      switch format {
      case MARTLET_FILE_F32: append(random.float(), &random) { Double($0) }
      case MARTLET_FILE_F16: append(Float16(random.float()), &random) { Double($0) }
      case MARTLET_FILE_BF16:
        append(UInt16(throughBFloat16(random.float()).bitPattern >> 16), &random) {
          Double(Float(bitPattern: UInt32($0) << 16))
        }
      case MARTLET_FILE_Q4_K, MARTLET_FILE_Q5_K: appendK(scales, &random)
      case MARTLET_FILE_Q6_K: appendQ6K(scales, &random)
      case MARTLET_FILE_Q2_K: appendQ2K(scales, &random)
      case MARTLET_FILE_Q3_K: appendQ3K(scales, &random)
      case MARTLET_FILE_IQ4_NL, MARTLET_FILE_MXFP4: appendCodes(scales, &random)
      case MARTLET_FILE_IQ4_XS: appendIQ4XS(scales, &random)
      default: appendSmall(scales, &random)
      }
    }
  }

  private mutating func append<T>(_ element: T, _ random: inout SplitMix64, decode: (T) -> Double) {
    withUnsafeBytes(of: element) { bytes += $0 }
    plain.append(decode(element))
  }

  fileprivate mutating func half(_ scales: ClosedRange<Float>?, _ random: inout SplitMix64) -> Float16 {
    let value = Float16(scales.map { random.float($0) } ?? 1)
    withUnsafeBytes(of: value.bitPattern) { bytes += $0 }
    return value
  }

  fileprivate func randomBytes(_ count: Int, _ random: inout SplitMix64) -> [UInt8] {
    (0..<count).map { _ in
      // Often the extremes, where sums are largest.
      switch random.int(0...3) {
      case 0: 0xFF
      case 1: 0
      default: UInt8(truncatingIfNeeded: random.next())
      }
    }
  }

  private mutating func appendSmall(_ scales: ClosedRange<Float>?, _ random: inout SplitMix64) {
    let hasMinimum = format == MARTLET_FILE_Q4_1 || format == MARTLET_FILE_Q5_1
    let hasFifth = format == MARTLET_FILE_Q5_0 || format == MARTLET_FILE_Q5_1
    let scale = Double(half(scales, &random)), minimum = hasMinimum ? Double(half(scales, &random)) : 0
    if format == MARTLET_FILE_Q8_0 {
      let q = randomBytes(32, &random)
      bytes += q
      groups.append(Group(scale: scale, minimum: 0, q: q.map { Int(Int8(bitPattern: $0)) }))
      return
    }
    let high = randomBytes(hasFifth ? 4 : 0, &random), low = randomBytes(16, &random)
    bytes += high + low
    let q = (0..<32).map { i in
      let nibble = i < 16 ? Int(low[i] & 15) : Int(low[i - 16] >> 4)
      let value = hasFifth ? nibble + Int((high[i / 8] >> (i % 8)) & 1) << 4 : nibble
      return hasMinimum ? value : value - (hasFifth ? 16 : 8)
    }
    groups.append(Group(scale: scale, minimum: minimum, q: q))
  }

  // Scales and minima are products of two numbers of the file; Martlet keeps them in half precision.
  private mutating func appendK(_ scales: ClosedRange<Float>?, _ random: inout SplitMix64) {
    let d = Float(half(scales, &random)), dmin = Float(half(scales, &random))
    let packed =
      scales == nil
      ? [UInt8](repeating: 0x41, count: 8) + [0x11, 0x11, 0x11, 0x11] : randomBytes(12, &random)
    let fifth = randomBytes(format == MARTLET_FILE_Q5_K ? 32 : 0, &random), low = randomBytes(128, &random)
    bytes += packed + fifth + low
    for s in 0..<8 {
      let scale = s < 4 ? packed[s] & 63 : packed[s + 4] & 15 | (packed[s - 4] >> 6) << 4
      let minimum = s < 4 ? packed[s + 4] & 63 : packed[s + 4] >> 4 | (packed[s] >> 6) << 4
      let q = (0..<32).map { i in
        let byte = low[s / 2 * 32 + i]
        return Int(s % 2 == 0 ? byte & 15 : byte >> 4) + (fifth.isEmpty ? 0 : Int(fifth[i] >> s & 1) << 4)
      }
      groups.append(
        Group(
          scale: Double(Float16(d * Float(scale))), minimum: -Double(Float16(dmin * Float(minimum))), q: q))
    }
  }

  private mutating func appendQ6K(_ scales: ClosedRange<Float>?, _ random: inout SplitMix64) {
    let low = randomBytes(128, &random), high = randomBytes(64, &random)
    let signed = scales == nil ? [UInt8](repeating: 1, count: 16) : randomBytes(16, &random)
    bytes += low + high + signed
    let d = Float(half(scales, &random))
    for s in 0..<8 {
      let part = s / 4, quarter = s % 4
      for g in 0..<2 {
        let q = (0..<16).map { i in
          let l = 16 * g + i, byte = low[64 * part + 32 * (quarter % 2) + l]
          let nibble = Int(quarter < 2 ? byte & 15 : byte >> 4)
          return nibble + Int(high[32 * part + l] >> (2 * quarter) & 3) << 4 - 32
        }
        let scale = Float(Int8(bitPattern: signed[8 * part + 2 * quarter + g]))
        groups.append(Group(scale: Double(Float16(d * scale)), minimum: 0, q: q))
      }
    }
  }
}

extension FileRow {
  private mutating func appendQ2K(_ scales: ClosedRange<Float>?, _ random: inout SplitMix64) {
    let packed =
      scales == nil ? [UInt8](repeating: 0x11, count: 16) : randomBytes(16, &random)
    let low = randomBytes(64, &random)
    bytes += packed + low
    let d = Float(half(scales, &random)), dmin = Float(half(scales, &random))
    for g in 0..<16 {
      let q = (0..<16).map { i in Int(low[g / 8 * 32 + g % 2 * 16 + i] >> (g / 2 % 4 * 2) & 3) }
      groups.append(
        Group(
          scale: Double(Float16(d * Float(packed[g] & 15))),
          minimum: -Double(Float16(dmin * Float(packed[g] >> 4))), q: q))
    }
  }

  // Martlet keeps the products of a group's scale and its values, which are exact.
  private mutating func appendQ3K(_ scales: ClosedRange<Float>?, _ random: inout SplitMix64) {
    let high = randomBytes(32, &random), low = randomBytes(64, &random)
    // Sixteen times 33: the scale 1.
    let packed =
      scales == nil
      ? [UInt8](repeating: 0x11, count: 8) + [UInt8](repeating: 0xAA, count: 4) : randomBytes(12, &random)
    bytes += high + low + packed
    let d = Double(half(scales, &random))
    for block in 0..<8 {
      let q = (0..<32).map { i in
        let g = 2 * block + i / 16
        let nibble = g < 8 ? packed[g] & 15 : packed[g - 8] >> 4
        let scale = Int(nibble) + Int(packed[8 + g % 4] >> (g / 4 * 2) & 3) << 4 - 32
        let value = Int(low[block / 4 * 32 + i] >> (block % 4 * 2) & 3)
        return scale * (high[i] >> block & 1 == 1 ? value : value - 4)
      }
      groups.append(Group(scale: d, minimum: 0, q: q))
    }
  }

  private static let iq4 = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113]
  private static let mxfp4 = [0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12]

  private mutating func appendCodes(_ scales: ClosedRange<Float>?, _ random: inout SplitMix64) {
    var scale = 1.0
    if format == MARTLET_FILE_IQ4_NL {
      scale = Double(half(scales, &random))
    } else {
      let exponent =
        scales == nil ? 128 : random.int(0...9) == 0 ? random.int(104...146) : random.int(118...124)
      bytes.append(UInt8(exponent))
      scale = Double(sign: .plus, exponent: exponent - 128, significand: 1)
    }
    appendCodes(scale, &random)
  }

  private mutating func appendCodes(_ scale: Double, _ random: inout SplitMix64) {
    let codes = format == MARTLET_FILE_MXFP4 ? Self.mxfp4 : Self.iq4, pairs = randomBytes(16, &random)
    bytes += pairs
    groups.append(
      Group(
        scale: scale, minimum: 0, q: pairs.map { codes[Int($0 & 15)] } + pairs.map { codes[Int($0 >> 4)] }))
  }

  private mutating func appendIQ4XS(_ scales: ClosedRange<Float>?, _ random: inout SplitMix64) {
    let d = Float(half(scales, &random))
    let packed = scales == nil ? [0xAA, 0xAA, 0x11, 0x11, 0x11, 0x11] : randomBytes(6, &random)
    bytes += packed
    for s in 0..<8 {
      let high = packed[s / 4] >> (s % 4 * 2) & 3, low = packed[2 + s / 2] >> (s % 2 * 4) & 15
      appendCodes(Double(Float16(d * Float(Int(high) << 4 + Int(low) - 32))), &random)
    }
  }
}

/// A random matrix: its rows, and the panels that they are packed into.
struct Matrix {
  let rows: [FileRow]
  let columns: Int
  let layout: martlet_layout
  let panels: UnsafeMutablePointer<UInt8>
  /// The values of each row.
  let decoded: [[Double]]

  /// What is added to the value in a row and column.
  func minimum(_ row: Int, _ column: Int) -> Double {
    layout.has_minima == 0 ? 0 : rows[row].groups[column / Int(layout.group)].minimum
  }

  /// A number that is rounded on the way to the weight in a row and column, beside the weight itself.
  func rounding(_ row: Int, _ column: Int) -> Double {
    2 * minimum(row, column)
  }

  init(
    _ format: martlet_file_format, rows: Int, columns: Int, scales: ClosedRange<Float>? = -0.05...0.05,
    in memory: Memory, _ random: inout SplitMix64
  ) {
    var made: [FileRow] = []
    for _ in 0..<rows { made.append(FileRow(format, columns: columns, scales: scales, &random)) }
    self.init(made, columns: columns, layout: martlet_layout_of(format), in: memory)
  }

  init(_ rows: [FileRow], columns: Int, layout: martlet_layout, in memory: Memory) {
    self.rows = rows
    self.columns = columns
    self.layout = layout
    decoded = rows.map(\.values)
    let bytes = martlet_panel_bytes(layout, columns), count = (rows.count + 15) / 16
    panels = memory.empty(count * bytes, of: UInt8.self)
    let file = memory.copy(rows.flatMap(\.bytes)), rowBytes = rows[0].bytes.count
    for panel in 0..<count {
      var sources = [UnsafeRawPointer?](repeating: nil, count: 16)
      for r in 0..<min(16, rows.count - 16 * panel) {
        sources[r] = UnsafeRawPointer(file + (16 * panel + r) * rowBytes)
      }
      Form.portable.kernels.pack_panel(rows[0].format, &sources, columns, layout, panels + panel * bytes)
    }
  }
}
