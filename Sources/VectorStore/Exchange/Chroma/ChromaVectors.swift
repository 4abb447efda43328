/// The vectors of a collection of Chroma's: those that its graph (hnswlib's files in the segment's folder) holds, and those
/// that are still on their way there.
///
/// hnswlib's files, as chroma-hnswlib writes them (hnswalg.h, `saveIndex` and `persistDirty`): `header.bin` says how long an
/// element of `data_level0.bin` is, and where in it vector and label lie; `index_metadata.pickle` has the labels of the ids, `length.bin` a length for each element.
struct ChromaVectors {
  private struct Header {
    var count: Int
    var elementBytes: Int
    var labelOffset: Int
    var vectorOffset: Int
    var dimension: Int { (labelOffset - vectorOffset) / MemoryLayout<Float>.size }
  }

  private let data: CheckedInput?
  /// The length that each vector had before it was brought to unit length; nil where none was.
  private let lengths: CheckedInput?
  private let header: Header?
  /// Where in the file the vector of an id lies. Ids are told apart byte for byte, as Chroma does.
  private var places: [[UInt8]: Int] = [:]
  /// Vectors that are not in the file, or not any more; empty where the record is gone.
  private var changes: [[UInt8]: [Float]] = [:]
  /// The last change that the files hold, where they say so themselves, as those of old versions do.
  let lastChange: Int

  /// Reads the segment's files. A segment that was never saved has none, or has no table of ids.
  ///
  /// - Parameter isNormalized: Whether the graph holds unit vectors, and `length.bin` what they were multiplied by.
  init(folder: String, isNormalized: Bool) throws(VectorFileError) {
    let tablePath = folder + "/index_metadata.pickle"
    guard try reading(tablePath, { try fileExists(tablePath) }) else {
      (data, lengths, header, lastChange) = (nil, nil, nil, 0)
      return
    }
    var reader = try PickleReader(CheckedInput(path: tablePath))
    let table = try reader.value()
    guard case .pairs(let ids) = table["id_to_label"] else {
      throw VectorFileError(.unsupported, path: tablePath, "it has no table of ids and their labels")
    }
    if case .integer(let last) = table["max_seq_id"] { lastChange = last } else { lastChange = 0 }
    let input = try CheckedInput(path: folder + "/data_level0.bin")
    let header = try Self.header(CheckedInput(path: folder + "/header.bin"), data: input)
    lengths = isNormalized ? try CheckedInput(path: folder + "/length.bin") : nil
    try lengths?.require(header.count, of: MemoryLayout<Float>.size, at: 0, "lengths")
    (data, self.header) = (input, header)
    let labels = try Self.labels(input, header)
    places.reserveCapacity(ids.count)
    for pair in ids {
      guard case .text(let id) = pair.key, case .integer(let label) = pair.value else {
        throw VectorFileError(.damaged, path: tablePath, "the table of ids holds something else")
      }
      guard let place = labels[UInt64(bitPattern: Int64(label))] else {
        throw VectorFileError(
          .damaged, path: input.path, "label \(label), which an id has, is not in the graph")
      }
      places[id] = place
    }
  }

  private static func header(
    _ input: CheckedInput, data: CheckedInput
  ) throws(VectorFileError) -> Header {
    var cursor = FieldCursor(input)
    let version: Int32 = try cursor.integer("version")
    guard version == 1 else {
      throw input.unsupported(at: 0, "version", "\(version) is not 1, which Chroma writes")
    }
    var fields = [UInt64]()
    for name in ["level 0", "room", "elements", "element's bytes", "label's place", "vector's place"] {
      fields.append(try cursor.integer(name))
    }
    let known = fields.compactMap { Int(exactly: $0) }
    guard known.count == 6 else { throw input.damage(at: 4, "sizes", "they are larger than any file") }
    let header = Header(
      count: known[2], elementBytes: known[3], labelOffset: known[4], vectorOffset: known[5])
    guard header.vectorOffset >= 0, header.vectorOffset < header.labelOffset, header.dimension > 0,
      header.labelOffset <= header.elementBytes - 8, (header.labelOffset - header.vectorOffset) % 4 == 0
    else { throw input.damage(at: 4, "sizes", "the parts of an element do not fit into it") }
    try data.require(header.count, of: header.elementBytes, at: 0, "elements")
    return header
  }

  /// The place of each label.
  private static func labels(_ data: CheckedInput, _ header: Header) throws(VectorFileError) -> [UInt64: Int]
  {
    var places = [UInt64: Int](minimumCapacity: header.count)
    let atOnce = max(1, (16 << 20) / header.elementBytes)
    for first in stride(from: 0, to: header.count, by: atOnce) {
      let count = min(atOnce, header.count - first)
      let bytes = try data.bytes(count * header.elementBytes, at: first * header.elementBytes, "elements")
      for element in 0..<count {
        let label = bytes.withUnsafeBytes {
          $0.loadUnaligned(
            fromByteOffset: element * header.elementBytes + header.labelOffset, as: UInt64.self)
        }
        places[label] = first + element
      }
    }
    return places
  }

  /// Notes a vector that is not in the files yet; nil where the record was deleted.
  mutating func change(_ id: [UInt8], to vector: [Float]?) {
    places[id] = nil
    changes[id] = vector
  }

  /// Whether an id has a vector.
  func has(_ id: [UInt8]) -> Bool { changes[id] != nil || places[id] != nil }

  /// Numbers of each vector; nil where there is none.
  var dimension: Int? { header?.dimension ?? changes.values.first?.count }

  /// The vector of an id; nil where it has none.
  func vector(of id: [UInt8]) throws(VectorFileError) -> [Float]? {
    if let changed = changes[id] { return changed }
    guard let place = places[id], let data, let header else { return nil }
    let vector: [Float] = try data.elements(
      header.dimension, at: place * header.elementBytes + header.vectorOffset, "vector")
    guard let lengths else { return vector }
    let length: [Float] = try lengths.elements(1, at: place * MemoryLayout<Float>.size, "length")
    return vector.map { $0 * length[0] }
  }
}
