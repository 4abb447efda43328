import MartletJSON
import MartletSQLite

/// A collection in a folder that `chromadb.PersistentClient` wrote, of version 0.4 or later, read without chromadb (its
/// tables: sysdb, metadb and embeddings_queue in `rust/sqlite/migrations` of Chroma).
///
/// `chroma.sqlite3` has ids, texts and metadata. Vectors are in the files of a graph, and those that came after it was
/// last saved in the queue of changes. Nobody should write to the folder meanwhile; where somebody does, that is an error.
final class ChromaFolder {
  /// How the collection compares vectors.
  let distance: Distance
  /// How many records it has.
  let count: Int
  /// The keys of the collection's own metadata, which its records do not bring along.
  let metadataKeys: [String]
  /// Numbers of each vector; nil where there is none.
  var dimension: Int? { vectors.dimension }

  private let path: String
  private let connection: StoreConnection
  private let segment: String
  private var vectors: ChromaVectors
  private var lastKey = 0
  private let version: Int?

  private static let fileName = "chroma.sqlite3"
  private static let documentKey = "chroma:document", uriKey = "chroma:uri"

  /// Whether a path, or what of it stands before `#`, is such a folder.
  static func isOne(_ path: String) -> Bool { isThere(in: folder(of: path).path) }

  private static func isThere(in folder: String) -> Bool {
    (try? fileExists(folder + "/" + fileName)) == true
  }

  /// A path as `FOLDER`, `FOLDER#COLLECTION`, or `FOLDER#TENANT/DATABASE/COLLECTION`.
  private static func folder(of path: String) -> (path: String, collection: String?) {
    guard !isThere(in: path), let mark = path.lastIndex(of: "#") else { return (path, nil) }
    return (String(path[..<mark]), String(path[path.index(after: mark)...]))
  }

  init(path: String) throws(VectorFileError) {
    let (folder, name) = Self.folder(of: path)
    self.path = folder
    let file = folder + "/" + Self.fileName
    guard try reading(file, { try fileExists(file) }) else {
      throw VectorFileError(
        .missing, path: folder, "there is no \(Self.fileName) in it, which chromadb's PersistentClient writes"
      )
    }
    let connection = try reading(file) { try StoreConnection(path: file, readOnly: true) }
    self.connection = connection
    version = try reading(file) { try connection.integer("PRAGMA data_version") }
    let collection = try reading(file) { try ChromaFolderCollection.all(connection) }.named(name, in: folder)
    distance = try collection.distance(path: file)
    let (metadata, vector) = try reading(file) { try collection.segments(connection) }
    segment = metadata
    metadataKeys = try reading(file) { try collection.metadataKeys(connection) }
    vectors = try ChromaVectors(folder: folder + "/" + vector, isNormalized: distance == .cosine)
    count = try reading(file) {
      try connection.integer("SELECT count(*) FROM embeddings WHERE segment_id = ?", .text(metadata)) ?? 0
    }
    try takeChanges(collection, vectorSegment: vector)
  }

  // MARK: Changes that wait

  private func takeChanges(_ collection: ChromaFolderCollection, vectorSegment: String)
    throws(VectorFileError)
  {
    let topic = "%/" + collection.id
    let file = path + "/" + Self.fileName
    let waiting = try reading(file) {
      try connection.integer(
        "SELECT count(*) FROM embeddings_queue WHERE topic LIKE ? AND seq_id > ?", .text(topic),
        .integer(try connection.lastChange(of: segment)))
    }
    guard waiting == 0 else {
      throw VectorFileError(
        .unsupported, path: file,
        "its tables lack the last \(waiting ?? 0) of its changes; count the collection once with Chroma, which takes them in"
      )
    }
    var unusable: String?
    let known = try reading(file) { try connection.lastChange(of: vectorSegment) }
    try reading(file) {
      try connection.forEachRow(
        "SELECT operation, id, vector, encoding FROM embeddings_queue WHERE topic LIKE ? AND seq_id > ? ORDER BY seq_id",
        [.text(topic), .integer(max(known, vectors.lastChange))]
      ) { (row: SQLiteRow) throws(VectorStoreError) in
        let id = row.withBytes(1) { Array($0) }
        if row.integer(0) == Self.deletion { return vectors.change(id, to: nil) }
        guard !row.isNull(2), !Self.isPassedOver(row.integer(0), isThere: vectors.has(id)) else { return }
        guard let vector = Self.vector(row.withBytes(2) { Array($0) }, encoding: row.text(3)) else {
          return unusable = String(decoding: id, as: UTF8.self)
        }
        vectors.change(id, to: vector)
      }
    }
    if let unusable {
      throw VectorFileError(
        .damaged, path: file, "the vector of record \(unusable) is not what its encoding says")
    }
  }

  private static let addition: Int64 = 0, update: Int64 = 1, deletion: Int64 = 3

  /// Chroma does not add what is there, nor change what is not, and keeps such requests in its queue all the same.
  private static func isPassedOver(_ operation: Int64, isThere: Bool) -> Bool {
    operation == addition && isThere || operation == update && !isThere
  }

  private static func vector(_ bytes: [UInt8], encoding: String) -> [Float]? {
    guard !bytes.isEmpty, bytes.count.isMultiple(of: 4) else { return nil }
    let words = bytes.withUnsafeBytes { bytes in
      stride(from: 0, to: bytes.count, by: 4).map {
        UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: $0, as: UInt32.self))
      }
    }
    switch encoding {
    case "FLOAT32": return words.map { Float(bitPattern: $0) }
    case "INT32": return words.map { Float(Int32(bitPattern: $0)) }
    default: return nil
    }
  }

  // MARK: Records

  /// The next records, in the order in which they were first added; none at the end.
  func next(_ limit: Int) throws(VectorFileError) -> [Record] {
    let file = path + "/" + Self.fileName
    let rows = try reading(file) {
      try connection.rows(
        "SELECT id, embedding_id FROM embeddings WHERE segment_id = ? AND id > ? ORDER BY id LIMIT ?",
        [.text(segment), .integer(lastKey), .integer(limit)]
      ) { (row: SQLiteRow) throws(VectorStoreError) in
        (key: Int(row.integer(0)), id: row.withBytes(1) { Array($0) })
      }
    }
    guard let first = rows.first?.key, let last = rows.last?.key else { return [] }
    let metadata = try metadata(of: first...last)
    guard try reading(file, { try connection.integer("PRAGMA data_version") }) == version else {
      throw VectorFileError(
        .inputOutput, path: file, "Chroma has written to it while it was read; read it again")
    }
    var records = [Record]()
    for (key, id) in rows {
      var record = Record(
        id: String(decoding: id, as: UTF8.self), embedding: try vectors.vector(of: id) ?? [],
        metadata: metadata[key] ?? [:])
      if case .string(let text) = record.metadata.removeValue(forKey: Self.documentKey) {
        record.document = text
      }
      if case .string(let text) = record.metadata.removeValue(forKey: Self.uriKey) { record.uri = text }
      records.append(record)
    }
    lastKey = last
    return records
  }

  /// The metadata of rows, text and URI among them.
  private func metadata(of keys: ClosedRange<Int>) throws(VectorFileError) -> [Int: Metadata] {
    let columns = "SELECT id, key, string_value, int_value, float_value, bool_value FROM"
    let range: [SQLiteValue] = [.integer(keys.lowerBound), .integer(keys.upperBound)]
    var found = [Int: Metadata]()
    var mixed: String?
    let file = path + "/" + Self.fileName
    try reading(file) {
      try connection.forEachRow(columns + " embedding_metadata WHERE id BETWEEN ? AND ?", range) {
        (row: SQLiteRow) throws(VectorStoreError) in
        found[Int(row.integer(0)), default: [:]][row.text(1)] = Self.value(row)
      }
      guard try connection.hasTable("embedding_metadata_array") else { return }
      try connection.forEachRow(
        columns + " embedding_metadata_array WHERE id BETWEEN ? AND ? ORDER BY rowid", range
      ) { (row: SQLiteRow) throws(VectorStoreError) in
        guard let element = Self.value(row) else { return }
        let key = row.text(1)
        let isFit = found[Int(row.integer(0)), default: [:]][key, default: element.emptyList].append(element)
        if !isFit { mixed = key }
      }
    }
    if let mixed {
      throw VectorFileError(
        .damaged, path: file, "the list \(mixed) of a record holds several kinds of values")
    }
    return found
  }

  /// The value of a row's columns, of which one holds it.
  private static func value(_ row: SQLiteRow) -> MetadataValue? {
    if let text = row.optionalText(2) { return .string(text) }
    if let number = row.optionalInteger(3) { return .integer(number) }
    if !row.isNull(4) { return .double(row.double(4)) }
    return row.optionalInteger(5).map { .bool($0 != 0) }
  }
}

extension StoreConnection {
  func hasTable(_ name: String) throws(VectorStoreError) -> Bool {
    try integer("SELECT count(*) FROM sqlite_master WHERE name = ?", .text(name)) != 0
  }

  /// The number of the last change that a Chroma segment holds; 0 before the first. Versions before 1.0 keep the number as
  /// bytes, the highest first.
  fileprivate func lastChange(of segment: String) throws(VectorStoreError) -> Int {
    let sql = "SELECT typeof(seq_id) = 'blob', seq_id FROM max_seq_id WHERE segment_id = ?"
    return try rows(sql, [.text(segment)]) { (row: SQLiteRow) throws(VectorStoreError) in
      guard row.integer(0) != 0 else { return Int(row.integer(1)) }
      return row.withBytes(1) { $0.reduce(0) { $0 &<< 8 | Int($1) } }
    }.max() ?? 0
  }
}

extension MetadataValue {
  /// A list for such elements.
  fileprivate var emptyList: MetadataValue {
    switch self {
    case .integer: .integers([])
    case .double: .doubles([])
    case .bool: .bools([])
    default: .strings([])
    }
  }

  /// Appends an element, and says whether it is of the list's kind; else nothing changes.
  fileprivate mutating func append(_ element: MetadataValue) -> Bool {
    switch (self, element) {
    case (.strings(let list), .string(let value)): self = .strings(list + [value])
    case (.integers(let list), .integer(let value)): self = .integers(list + [value])
    case (.doubles(let list), .double(let value)): self = .doubles(list + [value])
    case (.bools(let list), .bool(let value)): self = .bools(list + [value])
    default: return false
    }
    return true
  }
}

/// Runs `body`, and says what is wrong with the folder's database as with any other file that is read: what a store advises
/// is about stores of Martlet's own.
func reading<Result>(_ path: String, _ body: () throws -> Result) throws(VectorFileError) -> Result {
  do { return try body() } catch let error as VectorFileError { throw error } catch {
    let failure =
      switch error as? VectorStoreError {
      case .noPermission: VectorFileError(.noPermission, path: path, "permission denied")
      case .damaged(_, let detail):
        VectorFileError(.damaged, path: path, "the database is damaged: \(detail)")
      case .notADatabase(_, let detail):
        VectorFileError(.damaged, path: path, "this is no database: \(detail)")
      case .busyWriter:
        VectorFileError(.inputOutput, path: path, "Chroma is writing to it; wait until it is done")
      case .system(_, let detail): VectorFileError(.inputOutput, path: path, detail)
      default: VectorFileError(.inputOutput, path: path, "\(error)")
      }
    throw failure
  }
}
