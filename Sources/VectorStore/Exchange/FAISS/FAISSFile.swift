/// An index file of FAISS: vectors that lie flat, maybe a graph over them, maybe a map to ids.
///
/// Facts of the format: `faiss/impl/index_write.cpp` and `index_read.cpp` of facebookresearch/faiss.
struct FAISSFile {
  /// What an index's first fields say.
  struct Header {
    var dimension: Int
    var count: Int
    var metric: FAISSMetric
  }

  let input: CheckedInput
  private(set) var header: Header
  /// The vectors.
  private(set) var rows: PlainRows
  private(set) var graph: FAISSGraphSections?
  /// Where the ids (int64) begin, where there is a map of them.
  private(set) var idsOffset: Int?

  /// FAISS reads no more.
  static let mostDimensions = 1 << 20

  init(_ input: CheckedInput) throws(VectorFileError) {
    self.input = input
    var cursor = FieldCursor(input)
    let kind = try cursor.letters("kind of index")
    if kind == "IxMp" || kind == "IxM2" {
      let outer = try Self.header(&cursor)
      let at = cursor.offset
      (header, graph, rows) = try Self.index(try cursor.letters("kind of the mapped index"), at: at, &cursor)
      try Self.require(header, equals: outer, at: at, input)
      let ids = try cursor.section(of: 8, "id_map")
      guard ids.count == outer.count else {
        throw input.damage(at: ids.offset - 8, "id_map", "\(ids.count) ids for \(outer.count) vectors")
      }
      idsOffset = ids.offset
    } else {
      (header, graph, rows) = try Self.index(kind, at: 0, &cursor)
    }
    guard cursor.offset == input.size else {
      throw input.damage(
        at: cursor.offset, "end",
        "\(input.size - cursor.offset) bytes follow the index, and belong to nothing")
    }
  }

  /// A flat index, or one with a graph.
  private static func index(
    _ kind: String, at start: Int, _ cursor: inout FieldCursor
  ) throws(VectorFileError) -> (Header, FAISSGraphSections?, PlainRows) {
    switch kind {
    case "IxF2", "IxFI", "IxFl":
      let (header, rows) = try flat(kind, &cursor)
      return (header, nil, rows)
    case "IHNf":
      let outer = try header(&cursor)
      let graph = try FAISSGraphSections(&cursor, count: outer.count)
      let at = cursor.offset
      let storage = try cursor.letters("kind of the storage")
      guard ["IxF2", "IxFI", "IxFl"].contains(storage) else {
        let reason =
          storage == "null" ? "the vectors were left out of the file" : "vectors in an index \(storage)"
        throw cursor.input.unsupported(at: at, "kind of the storage", reason)
      }
      let (inner, rows) = try flat(storage, &cursor)
      try require(inner, equals: outer, at: at, cursor.input)
      return (outer, graph, rows)
    default:
      throw cursor.input.unsupported(
        at: start, "kind of index",
        "an index of kind \(kind) is not read; IxF2, IxFI, IxFl (flat), IHNf (HNSW over flat), and IxMp or IxM2 "
          + "(ids) over one of these are")
    }
  }

  private static func header(_ cursor: inout FieldCursor) throws(VectorFileError) -> Header {
    let start = cursor.offset
    let dimension: Int32 = try cursor.integer("d")
    let count: Int64 = try cursor.integer("ntotal")
    guard dimension > 0 || dimension == 0 && count == 0, dimension <= mostDimensions else {
      throw cursor.input.damage(at: start, "d", "vectors of \(dimension) numbers")
    }
    guard count >= 0 else { throw cursor.input.damage(at: start + 4, "ntotal", "\(count) vectors") }
    let (_, _): (Int64, Int64) = (try cursor.integer("reserved"), try cursor.integer("reserved"))
    let trained: UInt8 = try cursor.integer("is_trained")
    guard trained <= 1 else {
      throw cursor.input.damage(at: cursor.offset - 1, "is_trained", "\(trained) is no truth")
    }
    let number: Int32 = try cursor.integer("metric_type")
    let metricOffset = cursor.offset - 4
    let argument = number > 1 ? try cursor.float("metric_arg") : 0
    guard let metric = FAISSMetric(number: number, argument: argument) else {
      throw cursor.input.damage(at: metricOffset, "metric_type", "\(number) is no metric of FAISS's")
    }
    return Header(dimension: Int(dimension), count: Int(count), metric: metric)
  }

  private static func flat(
    _ kind: String, _ cursor: inout FieldCursor
  ) throws(VectorFileError) -> (Header, PlainRows) {
    let header = try header(&cursor)
    let numbers = try cursor.section(of: 4, "codes")
    let (expected, overflow) = header.count.multipliedReportingOverflow(by: header.dimension)
    guard !overflow, numbers.count == expected else {
      throw cursor.input.damage(
        at: numbers.offset - 8, "codes",
        "\(numbers.count) numbers for \(header.count) vectors of \(header.dimension)")
    }
    let rows = try PlainRows(
      cursor.input, at: numbers.offset, count: header.count, dimension: header.dimension,
      layout: NumberLayout(kind: .float32), field: "codes")
    return (header, rows)
  }

  private static func require(
    _ inner: Header, equals outer: Header, at offset: Int, _ input: CheckedInput
  ) throws(VectorFileError) {
    guard inner.dimension == outer.dimension, inner.count == outer.count,
      inner.metric.number == outer.metric.number
    else {
      throw input.damage(
        at: offset, "index inside",
        "\(inner.count) vectors of \(inner.dimension) numbers and metric \(inner.metric.number), where the index "
          + "around it has \(outer.count) of \(outer.dimension) and metric \(outer.metric.number)")
    }
  }

  /// The ids of rows in FAISS's map; nil where it has none.
  func ids(_ rows: Range<Int>) throws(VectorFileError) -> [Int64]? {
    guard let idsOffset else { return nil }
    return try input.elements(rows.count, at: idsOffset + rows.lowerBound * 8, "id_map")
  }
}
