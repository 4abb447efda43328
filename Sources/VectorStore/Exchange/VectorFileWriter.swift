/// Writes a file of vectors, some records at a time. It appears when it is finished, and not before.
///
/// ```swift
/// let writer = try VectorFileWriter(path: "vectors.npy", format: .npy)
/// try writer.append(records)
/// let summary = try writer.finish()
/// ```
///
/// Formats other than JSON lines hold vectors alone. Ids that the file does not tell go into one beside it, of the same
/// name with `.ids` at its end: all but the rows' numbers from 0 on, and for FAISS all but whole numbers.
public final class VectorFileWriter {
  private let path: String
  private let format: VectorFileFormat
  private let distance: Distance
  private let graph: FAISSGraph?
  private let makesGraph: Bool
  private var dimension: Int?
  private var body: Body?
  private let ids: RecordIDWriter?
  private var summary = VectorFileSummary()

  private enum Body {
    case lines(PendingFile)
    case array(NumPyFile)
    case vectors(PendingFile)
    case index(FAISSWriter)
    /// Vectors that wait for their graph, which stands before them in the file.
    case linked(FAISSGraphMaker)
  }

  /// Begins a file.
  ///
  /// - Parameters:
  ///   - path: Where it goes once it is whole.
  ///   - format: One that is written.
  ///   - dimension: Numbers of each vector; nil takes those of the first.
  ///   - distance: How FAISS is to compare them. It has no cosine: vectors are then brought to unit length, where their
  ///     inner products rank alike.
  ///   - graph: FAISS's graph over the records in the order in which they will come.
  ///   - makesGraph: Whether such a graph is made when all are there, on all processors. Until then the vectors are kept
  ///     in memory.
  public init(
    path: String, format: VectorFileFormat, dimension: Int? = nil, distance: Distance = .cosine,
    graph: FAISSGraph? = nil, makesGraph: Bool = false
  ) throws(VectorFileError) {
    let hasGraph = graph != nil || makesGraph
    guard format.isWritten, !hasGraph || format == .faiss else {
      throw VectorFileError(
        .unsupported, path: path,
        hasGraph ? "only FAISS's indexes hold a graph" : "\(format.rawValue) is only read, not written")
    }
    if let fault = graph?.fault {
      throw VectorFileError(.unfit, path: path, "the graph is not sound: \(fault)")
    }
    self.path = path
    self.format = format
    self.distance = distance
    self.graph = graph
    self.makesGraph = makesGraph && graph == nil
    self.dimension = dimension
    ids = format == .jsonl ? nil : try RecordIDWriter(beside: path)
    if dimension != nil || format == .jsonl { try begin(dimension ?? 0) }
  }

  private func begin(_ dimension: Int) throws(VectorFileError) {
    body =
      switch format {
      case .jsonl: .lines(try PendingFile(path: path))
      case .npy: .array(try NumPyFile(path: path, columns: dimension))
      case .faiss where makesGraph && dimension > 0:
        .linked(try resolving { try FAISSGraphMaker(dimension: dimension, distance: distance) })
      case .faiss: .index(try index(dimension, graph))
      case .fvecs, .bvecs, .ivecs, .chroma: .vectors(try PendingFile(path: path))
      }
  }

  private func index(_ dimension: Int, _ graph: FAISSGraph?) throws(VectorFileError) -> FAISSWriter {
    try FAISSWriter(path: path, dimension: dimension, metric: FAISSMetric(distance), graph: graph)
  }

  /// What kept a graph from being made, as an error of the file's.
  private func resolving<Result>(_ body: () throws -> Result) throws(VectorFileError) -> Result {
    do { return try body() } catch let error as VectorFileError { throw error } catch {
      throw VectorFileError(.unfit, path: path, "its graph cannot be made: \(error)")
    }
  }

  /// Appends records.
  ///
  /// - Throws: Where a vector has another number of numbers than those before it, or cannot be written.
  public func append(_ records: [Record]) throws(VectorFileError) {
    for record in records {
      if case .lines(let file) = body {
        try file.append(record.jsonBytes + [0x0A])
        summary.leftOutPathCount += record.path == nil ? 0 : 1
      } else {
        try appendVector(record)
      }
      summary.count += 1
    }
  }

  private func appendVector(_ record: Record) throws(VectorFileError) {
    let expected = dimension ?? record.embedding.count
    dimension = expected
    guard record.embedding.count == expected, expected > 0 else {
      throw VectorFileError(
        .unfit, path: path,
        "record \(record.id) has \(record.embedding.count) numbers, where \(expected) are due")
    }
    if body == nil { try begin(expected) }
    switch body {
    case .array(let file): try file.append(record.embedding)
    case .vectors(let file):
      try file.append(values: [Int32(clamping: expected)])
      try file.append(values: record.embedding)
    case .index(let file):
      try file.append(distance == .cosine ? normalized(record.embedding) : record.embedding)
    case .linked(let maker):
      let vector = distance == .cosine ? normalized(record.embedding) : record.embedding
      try resolving { try maker.append(vector) }
    case .lines, nil: break
    }
    try ids?.append(record.id)
    summary.leftOutDocumentCount += record.document == nil ? 0 : 1
    summary.leftOutMetadataCount += record.metadata.isEmpty ? 0 : 1
    summary.leftOutURICount += record.uri == nil ? 0 : 1
    summary.leftOutPathCount += record.path == nil ? 0 : 1
  }

  /// The vector at unit length. One that is there but for rounding stays as it is.
  private func normalized(_ vector: [Float]) -> [Float] {
    let square = vector.reduce(0.0) { $0 + Double($1) * Double($1) }
    guard abs(square - 1) > 1e-5, square > 0 else { return vector }
    summary.normalized += 1
    let factor = 1 / square.squareRoot()
    return vector.map { Float(Double($0) * factor) }
  }

  /// Finishes the file and gives it its name.
  ///
  /// - Returns: What it holds, and what it does not.
  public func finish() throws(VectorFileError) -> VectorFileSummary {
    if let graph, graph.count != summary.count {
      throw VectorFileError(
        .unfit, path: path, "\(summary.count) vectors for a graph of \(graph.count) nodes")
    }
    if body == nil { try begin(dimension ?? 0) }
    if let ids, format != .faiss { summary.idsPath = try ids.finish(isNeeded: !ids.areRows) }
    switch body {
    case .lines(let file), .vectors(let file): try file.finish()
    case .array(let file): try file.finish()
    case .index(let file): try finish(file)
    case .linked(let maker):
      let file = try index(dimension ?? 0, try resolving { try maker.make() })
      for node in 0..<maker.count { try file.append(maker.vector(node)) }
      try finish(file)
    case nil: break
    }
    return summary
  }

  private func finish(_ file: FAISSWriter) throws(VectorFileError) {
    guard let ids else { return }
    try file.finish { (write) throws(VectorFileError) in
      try ids.writeNumbers(write)
      summary.idsPath = try ids.finish(isNeeded: !ids.areNumbers)
    }
  }
}

/// What a file of vectors holds of the records that were written to it.
public struct VectorFileSummary: Sendable, Equatable {
  /// Records.
  public var count = 0
  /// The file beside it that has their ids; nil where it has them itself.
  public var idsPath: String?
  /// Vectors that were brought to unit length.
  public var normalized = 0
  /// Records with a text that the format does not hold.
  public var leftOutDocumentCount = 0
  /// Records with metadata that the format does not hold.
  public var leftOutMetadataCount = 0
  /// Records with a URI that the format does not hold.
  public var leftOutURICount = 0
  /// Records of a source, which no format holds.
  public var leftOutPathCount = 0

  /// Creates a summary of so many records, of which some came from sources.
  public init(count: Int = 0, leftOutPathCount: Int = 0) {
    self.count = count
    self.leftOutPathCount = leftOutPathCount
  }

  /// What was left out or changed, a sentence each.
  public var notes: [String] {
    let parts = [
      (leftOutDocumentCount, "the text"), (leftOutMetadataCount, "the metadata"),
      (leftOutURICount, "the URI"),
      (leftOutPathCount, "the source"),
    ]
    var notes = parts.filter { $0.0 > 0 }.map { count, part in
      "The format does not hold \(part) of a record: \(count) \(count == 1 ? "was" : "were") left out."
    }
    if normalized > 0 {
      notes.append(
        "FAISS has no cosine: \(normalized) \(normalized == 1 ? "vector was" : "vectors were") brought to unit length, "
          + "where inner products rank alike.")
    }
    if let idsPath { notes.append("The ids are in \(idsPath), one JSON string a line.") }
    return notes
  }
}
