import MartletJSON

/// Reads a file of vectors from its start to its end, some records at a time, in memory that does not grow with it.
///
/// ```swift
/// let reader = try VectorFileReader(path: "vectors.faiss")
/// while let records = try reader.next() { try collection.upsert(records) }
/// ```
///
/// Formats other than JSON lines and Chroma's hold vectors alone. Their ids are those of FAISS's map, else the rows' numbers from 0
/// on; a file of that name with `.ids` at its end, one JSON string a line, overrides them.
public final class VectorFileReader {
  /// The file.
  public let path: String
  /// How it is read.
  public let format: VectorFileFormat
  /// Numbers of each vector; nil where each record says for itself (JSON lines), or none does.
  public let dimension: Int?
  /// How many records there are; nil where only reading tells.
  public let count: Int?
  /// How the file's index compares vectors; nil where it is no index, or compares as no collection does.
  public let distance: Distance?

  private let lines: LineSource?
  private let folder: ChromaFolder?
  private let rows: (any VectorRows)?
  private let index: FAISSFile?
  private let ids: RecordIDReader?
  private var row = 0
  private var isFinished = false

  /// Memory that one call of `next` may take for vectors, if one vector does not take more.
  private static let batchBytes = 64 << 20

  /// Opens a file and checks all that can be checked without reading every vector.
  ///
  /// - Parameters:
  ///   - path: The file; for Chroma's format a folder, with `#` and a collection's name after it where it has several.
  ///   - format: How the file is to be read; nil goes by its name.
  public init(path: String, format: VectorFileFormat? = nil) throws(VectorFileError) {
    self.path = path
    guard let format = format ?? VectorFileFormat(path: path) else {
      throw VectorFileError(
        .unsupported, path: path,
        "the name does not tell the format; names end in .jsonl, .npy, .fvecs, .bvecs, .ivecs or .faiss")
    }
    self.format = format
    guard format != .jsonl else {
      lines = try LineSource(path: path)
      (folder, rows, index, ids, dimension, count, distance) = (nil, nil, nil, nil, nil, nil, nil)
      return
    }
    guard format != .chroma else {
      let folder = try ChromaFolder(path: path)
      (dimension, count, distance) = (folder.dimension, folder.count, folder.distance)
      (self.folder, lines, rows, index, ids) = (folder, nil, nil, nil, nil)
      return
    }
    let input = try CheckedInput(path: path)
    index = format == .faiss ? try FAISSFile(input) : nil
    let rows: any VectorRows = if let index { index.rows } else { try Self.rows(input, format) }
    (self.rows, lines, folder) = (rows, nil, nil)
    dimension = rows.dimension > 0 ? rows.dimension : nil
    count = rows.count
    distance = index?.header.metric.distance
    ids = try RecordIDReader(beside: path, rows: rows.count)
  }

  private static func rows(
    _ input: CheckedInput, _ format: VectorFileFormat
  ) throws(VectorFileError) -> any VectorRows {
    switch format {
    case .npy: try NumPyRows.open(input)
    case .bvecs: try VecsRows(input, layout: NumberLayout(kind: .uint8))
    case .ivecs: try VecsRows(input, layout: NumberLayout(kind: .int32))
    case .fvecs, .jsonl, .faiss, .chroma: try VecsRows(input, layout: NumberLayout(kind: .float32))
    }
  }

  /// How the file's index of FAISS compares vectors; nil in other formats.
  public var metric: FAISSMetric? { index?.header.metric }

  /// What the file holds besides records, and reading them leaves out: a sentence each.
  public var leftOut: [String] {
    guard let keys = folder?.metadataKeys, !keys.isEmpty else { return [] }
    return ["The collection's own metadata were left out: \(keys.joined(separator: ", "))."]
  }

  /// The graph of FAISS's index, which takes as much memory as in the file; nil where there is none.
  public func graph() throws(VectorFileError) -> FAISSGraph? { try index?.graph?.graph() }

  /// The next records; nil at the end. Their embeddings are empty where lines have none.
  ///
  /// - Parameter limit: How many at most.
  public func next(_ limit: Int = 1024) throws(VectorFileError) -> [Record]? {
    guard !isFinished, limit > 0 else { return nil }
    let records =
      if let lines { try nextLines(lines, limit) } else if let folder { try folder.next(limit) } else {
        try nextRows(limit)
      }
    isFinished = records.isEmpty
    return isFinished ? nil : records
  }

  private func nextRows(_ limit: Int) throws(VectorFileError) -> [Record] {
    guard let rows, row < rows.count else {
      try ids?.finish()
      return []
    }
    let dimension = rows.dimension
    let fitting = max(1, Self.batchBytes / max(4, dimension * 4))
    let range = row..<(row + min(limit, fitting, rows.count - row))
    var numbers = [Float](repeating: 0, count: range.count * dimension)
    let failure = numbers.withUnsafeMutableBufferPointer { buffer -> VectorFileError? in
      do throws(VectorFileError) { try rows.read(range, into: buffer) } catch { return error }
      return nil
    }
    if let failure { throw failure }
    let ids = try nextIDs(range)
    row = range.upperBound
    return ids.enumerated().map { index, id in
      Record(id: id, embedding: Array(numbers[(index * dimension)..<((index + 1) * dimension)]))
    }
  }

  private func nextIDs(_ range: Range<Int>) throws(VectorFileError) -> [String] {
    if let ids { return try ids.next(range.count) }
    if let mapped = try index?.ids(range) { return mapped.map { String($0) } }
    return range.map { String($0) }
  }

  private func nextLines(_ lines: LineSource, _ limit: Int) throws(VectorFileError) -> [Record] {
    var records = [Record]()
    var bytes = 0
    while records.count < limit, bytes < Self.batchBytes, let line = try lines.next() {
      let record = try Self.record(line, lines)
      bytes += line.count
      records.append(record)
    }
    return records
  }

  private static func record(_ line: [UInt8], _ lines: LineSource) throws(VectorFileError) -> Record {
    let problem: String
    do {
      return try Record(jsonText: line)
    } catch let error as JSONError {
      problem = "not valid JSON at column \(error.column): \(error.problem)"
    } catch {
      problem = "\(error)"
    }
    throw VectorFileError(.damaged, path: lines.path, at: .line(lines.line), problem)
  }
}
