/// The vectors of a NumPy file.
struct NumPyRows {
  /// The rows, whichever way they lie.
  static func open(_ input: CheckedInput) throws(VectorFileError) -> any VectorRows {
    let header = try NumPyHeader(input)
    guard header.columns > 0 || header.rows == 0 else {
      throw input.damage(at: header.dataOffset, "shape", "\(header.rows) vectors without a number")
    }
    let plain = try PlainRows(
      input, at: header.dataOffset, count: header.rows, dimension: header.columns, layout: header.layout,
      field: "array")
    let end = header.dataOffset + header.rows * header.columns * header.layout.width
    guard end == input.size else {
      throw input.damage(
        at: end, "array", "\(input.size - end) bytes follow the array, and belong to nothing")
    }
    return header.isFortran ? FortranRows(plain: plain) : plain
  }
}

/// Rows of an array whose columns lie end to end.
struct FortranRows: VectorRows {
  /// The same numbers, as they lie.
  let plain: PlainRows
  var count: Int { plain.count }
  var dimension: Int { plain.dimension }

  func read(_ rows: Range<Int>, into target: UnsafeMutableBufferPointer<Float>) throws(VectorFileError) {
    guard let start = target.baseAddress else { return }
    let width = plain.layout.width
    for column in 0..<dimension {
      let bytes = try plain.input.bytes(
        rows.count * width, at: plain.offset + (column * count + rows.lowerBound) * width, plain.field)
      _ = bytes.withUnsafeBytes { plain.layout.convert($0, to: start + column, step: dimension) }
    }
  }
}
