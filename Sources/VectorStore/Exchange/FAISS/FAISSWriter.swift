/// Writes an `IndexIDMap` over an `IndexFlat`, or over an `IndexHNSWFlat` where there is a graph.
final class FAISSWriter {
  private let file: PendingFile
  private let dimension: Int
  /// Where the number of vectors stands.
  private var counts = [Int]()
  /// Where the number of all floats stands.
  private let numbersOffset: Int
  private(set) var count = 0

  /// - Parameter graph: A sound one.
  init(path: String, dimension: Int, metric: FAISSMetric, graph: FAISSGraph?) throws(VectorFileError) {
    guard dimension <= FAISSFile.mostDimensions else {
      throw VectorFileError(
        .unfit, path: path,
        "vectors have \(dimension) numbers, FAISS takes \(FAISSFile.mostDimensions) at most")
    }
    file = try PendingFile(path: path)
    self.dimension = dimension
    var head = FAISSHead(dimension: dimension, metric: metric)
    head.begin("IxMp")
    if let graph {
      head.begin("IHNf")
      head.append(graph)
    }
    head.begin(metric.number == 0 ? "IxFI" : metric.number == 1 ? "IxF2" : "IxFl")
    numbersOffset = head.bytes.count
    head.append(UInt64(0))
    counts = head.counts
    try file.append(head.bytes)
  }

  func append(_ vector: [Float]) throws(VectorFileError) {
    try file.append(values: vector)
    count += 1
  }

  /// Writes the ids, which are as many as the vectors, and gives the file its name.
  func finish(ids: (_ write: (Int64) throws(VectorFileError) -> Void) throws(VectorFileError) -> Void)
    throws(VectorFileError)
  {
    try file.append(values: [UInt64(count).littleEndian])
    try ids { (id) throws(VectorFileError) in try file.append(values: [id.littleEndian]) }
    for offset in counts { try file.overwrite(Int64(count), at: offset) }
    try file.overwrite(UInt64(count * dimension), at: numbersOffset)
    try file.finish()
  }
}

/// What stands before the vectors.
private struct FAISSHead {
  let dimension: Int
  let metric: FAISSMetric
  var bytes = [UInt8]()
  var counts = [Int]()

  init(dimension: Int, metric: FAISSMetric) {
    self.dimension = dimension
    self.metric = metric
  }

  /// The fields that every index begins with.
  mutating func begin(_ kind: String) {
    bytes += kind.utf8
    append(UInt32(clamping: dimension))
    counts.append(bytes.count)
    append(UInt64(0))
    for _ in 0..<2 { append(UInt64(1 << 20)) }
    bytes.append(1)
    append(UInt32(bitPattern: metric.number))
    if case .other(_, let argument) = metric { append(argument.bitPattern) }
  }

  mutating func append(_ graph: FAISSGraph) {
    append(array: graph.probabilities.map(\.bitPattern))
    append(array: graph.roomBelow.map { UInt32(bitPattern: $0) })
    append(array: graph.layers.map { UInt32(bitPattern: $0) })
    var offset: UInt64 = 0
    append(UInt64(graph.count + 1))
    append(offset)
    for layers in graph.layers {
      offset += UInt64(graph.roomBelow[Int(layers)])
      append(offset)
    }
    append(array: graph.links.map { UInt32(bitPattern: $0) })
    let highest = graph.count == 0 ? -1 : graph.layers[Int(graph.entry)] - 1
    // The last one is a setting of former versions.
    for number in [graph.entry, highest, graph.constructionEffort, graph.searchEffort, 1] {
      append(UInt32(bitPattern: number))
    }
  }

  private mutating func append<Number: FixedWidthInteger & UnsignedInteger>(array: [Number]) {
    append(UInt64(array.count))
    bytes.reserveCapacity(bytes.count + array.count * MemoryLayout<Number>.size)
    for number in array { append(number) }
  }

  mutating func append<Number: FixedWidthInteger & UnsignedInteger>(_ number: Number) {
    withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
  }
}
