/// A NumPy file (`.npy`, version 1.0) of float32 rows, written row by row and put in its place when it is whole.
public final class NumPyFile {
  private let file: PendingFile
  private let columns: Int
  private var rows = 0

  /// Begins a file of rows with so many numbers.
  public init(path: String, columns: Int) throws(VectorFileError) {
    file = try PendingFile(path: path)
    self.columns = columns
    try file.append(NumPyHeader.bytes(rows: 0, columns: columns))
  }

  /// Appends a row of as many numbers as the file was begun with.
  public func append(_ row: [Float]) throws(VectorFileError) {
    guard row.count == columns else {
      throw VectorFileError(
        .unfit, path: file.path, "row \(rows) has \(row.count) numbers, the others have \(columns)")
    }
    try file.append(values: row)
    rows += 1
  }

  /// Writes the number of rows, and gives the file its name.
  public func finish() throws(VectorFileError) {
    try file.overwrite(NumPyHeader.bytes(rows: rows, columns: columns), at: 0)
    try file.finish()
  }
}
