import MartletKernels

/// A matrix of float32 in memory that someone else keeps alive: element (i, j) lies at `start + i * row + j * column`.
struct MatrixView: BitwiseCopyable {
  var start: UnsafeMutablePointer<Float>
  var rows, columns: Int
  var row, column: Int

  init(_ start: UnsafeMutablePointer<Float>, rows: Int, columns: Int, stride: Int? = nil) {
    (self.start, self.rows, self.columns) = (start, rows, columns)
    (row, column) = (stride ?? columns, 1)
  }

  /// Rows as columns, in the same memory.
  var transposed: MatrixView {
    var view = self
    (view.rows, view.columns) = (columns, rows)
    (view.row, view.column) = (column, row)
    return view
  }

  /// Some of the columns.
  func columns(_ range: Range<Int>) -> MatrixView {
    var view = self
    view.start += range.lowerBound * column
    view.columns = range.count
    return view
  }

  /// Some of the rows.
  func rows(_ range: Range<Int>) -> MatrixView {
    var view = self
    view.start += range.lowerBound * row
    view.rows = range.count
    return view
  }
}

extension Tensor {
  /// The tensor's memory as a matrix; the tensor has to be kept alive meanwhile.
  var view: MatrixView { MatrixView(pointer, rows: rows, columns: columns) }

  /// How many values there are.
  var count: Int { rows * columns }
}

extension Processor {
  /// c = a · b, or c + a · b where `adds` says so, on the calling thread. The columns of c lie side by side.
  func multiply(
    _ a: MatrixView, _ b: MatrixView, into c: MatrixView, adds: Bool, roundsToBFloat16: Bool = false
  ) {
    var product = martlet_gemm(
      rows: c.rows, columns: c.columns, depth: a.columns, a: a.start, b: b.start, a_row: a.row,
      a_column: a.column, b_row: b.row, b_column: b.column, c: c.start, c_row: c.row, adds: adds,
      rounds_bfloat16: roundsToBFloat16)
    kernels.gemm(&product)
  }

  /// The same product, shared among threads. How it is shared does not show in the result.
  /// - Parameter roundsToBFloat16: Whether a and b may be rounded to bfloat16 where the processor multiplies those.
  func multiplyInParallel(
    _ a: MatrixView, _ b: MatrixView, into c: MatrixView, adds: Bool, roundsToBFloat16: Bool = false
  ) {
    let rowsPerChunk = min(c.rows, c.columns <= 64 ? 96 : 240)
    guard rowsPerChunk > 0, c.columns > 0 else { return }
    let rowChunks = (c.rows + rowsPerChunk - 1) / rowsPerChunk
    let columnChunks = max(1, min((c.columns + 31) / 32, (threads * 4 + rowChunks - 1) / rowChunks))
    let columnsPerChunk = (c.columns + columnChunks * 32 - 1) / (columnChunks * 32) * 32
    let isSmall = c.rows * c.columns * a.columns < 1 << 16
    let columnRanges = isSmall ? 1 : (c.columns + columnsPerChunk - 1) / columnsPerChunk
    parallel(isSmall ? 1 : rowChunks * columnRanges) { chunk in
      if isSmall {
        multiply(a, b, into: c, adds: adds, roundsToBFloat16: roundsToBFloat16)
        return
      }
      let (row, column) = (chunk / columnRanges * rowsPerChunk, chunk % columnRanges * columnsPerChunk)
      let rows = row..<min(c.rows, row + rowsPerChunk)
      let columns = column..<min(c.columns, column + columnsPerChunk)
      multiply(
        a.rows(rows), b.columns(columns), into: c.rows(rows).columns(columns), adds: adds,
        roundsToBFloat16: roundsToBFloat16)
    }
  }

  /// The sum of each column: what a bias gets of the gradients by all rows that it was added to.
  func columnSums(of x: Tensor, into sums: Tensor, adds: Bool) {
    let columnsPerChunk = 64
    parallel((x.columns + columnsPerChunk - 1) / columnsPerChunk) { chunk in
      let first = chunk * columnsPerChunk
      let count = min(columnsPerChunk, x.columns - first)
      let sum = sums.pointer + first
      if !adds { sum.update(repeating: 0, count: count) }
      for row in 0..<x.rows { kernels.add(sum, x.row(row) + first, sum, count) }
    }
  }
}
