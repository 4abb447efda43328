/// Rows of a dimension (int32) and as many numbers: fvecs, bvecs and ivecs (http://corpus-texmex.irisa.fr).
struct VecsRows: VectorRows {
  let input: CheckedInput
  let layout: NumberLayout
  let count: Int
  let dimension: Int

  private var rowBytes: Int { 4 + dimension * layout.width }

  init(_ input: CheckedInput, layout: NumberLayout) throws(VectorFileError) {
    self.input = input
    self.layout = layout
    guard input.size > 0 else {
      (count, dimension) = (0, 0)
      return
    }
    let first: [Int32] = try input.elements(1, at: 0, "dimension of row 0")
    dimension = Int(first[0])
    guard dimension > 0 else {
      throw input.damage(at: 0, "dimension of row 0", "a vector of \(dimension) numbers")
    }
    try input.require(dimension, of: layout.width, at: 4, "row 0")
    let bytes = 4 + dimension * layout.width
    count = input.size / bytes
    guard input.size % bytes == 0 else {
      throw input.damage(
        at: count * bytes, "row \(count)",
        "it should have \(bytes) bytes, but the file ends after \(input.size % bytes)")
    }
  }

  func read(_ rows: Range<Int>, into target: UnsafeMutableBufferPointer<Float>) throws(VectorFileError) {
    guard let start = target.baseAddress else { return }
    let bytes = try input.bytes(rows.count * rowBytes, at: rows.lowerBound * rowBytes, "rows")
    for (index, row) in rows.enumerated() {
      let place = index * rowBytes
      let found = bytes.withUnsafeBytes {
        Int32(littleEndian: $0.loadUnaligned(fromByteOffset: place, as: Int32.self))
      }
      guard Int(found) == dimension else {
        throw input.damage(
          at: row * rowBytes, "dimension of row \(row)",
          "a vector of \(found) numbers; the first one has \(dimension)")
      }
      let inexact = bytes.withUnsafeBytes { bytes in
        layout.convert(
          UnsafeRawBufferPointer(rebasing: bytes[(place + 4)..<(place + rowBytes)]),
          to: start + index * dimension)
      }
      if let inexact {
        throw input.unsupported(
          at: row * rowBytes + 4 + inexact * 4, "number \(inexact) of row \(row)",
          "a whole number that a float32 does not hold exactly")
      }
    }
  }
}
