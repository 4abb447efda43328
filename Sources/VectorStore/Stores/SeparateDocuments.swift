import FoundationEssentials
import MartletSQLite

/// Documents in a store that knows records alone.
///
/// A record's source is in its metadata, as `path`. What is known of the sources is in the records of a second collection,
/// `NAME.sources`, whose ids are paths.
///
/// No two requests are one transaction here. A source is marked as unfinished before its records change, and what it is
/// now is noted afterwards: whoever was stopped in between leaves a source that differs from its file, which the next run
/// replaces or deletes with all its records.
final class SeparateDocuments: DocumentCollection {
  /// The key of a record's metadata that names its source.
  static let pathKey = "path"
  /// The key of the second collection's metadata that names the first one by its id: one of the same name that was made
  /// later has other sources.
  private static let ownerKey = "sources_of"
  /// Whose hash no content has.
  private static let unfinished = ""
  /// How many paths, or ids, stand in one request.
  private static let together = 256

  let records: any RecordCollection
  private let namespace: Namespace
  private let store: any RecordStore
  private let words: Locked<FetchedWords?>

  init(records: any RecordCollection, _ namespace: Namespace, in store: any RecordStore) {
    self.records = records
    self.namespace = namespace
    self.store = store
    words = Locked(nil)
  }

  // MARK: Sources

  func sources() throws -> [String: Source] {
    guard let entries = try entries() else { return [:] }
    let all = try entries.get(RecordSelection(withEmbedding: false)).map(Self.source)
    return Dictionary(all.map { ($0.path, $0) }) { first, _ in first }
  }

  func records(ofSource path: String) throws -> [Record] {
    try records.get(RecordSelection(where: Self.filter([path]))).map { record in
      var record = record
      record.path = record.metadata.removeValue(forKey: Self.pathKey)?.stringValue
      return record
    }
  }

  func replace(_ documents: [(source: Source, records: [Record])]) throws {
    let sources = documents.map(\.source)
    try begin(sources)
    // One request for many small sources.
    try append(documents.flatMap { source, records in records.map { Self.record($0, of: source) } })
    try entriesMade().upsert(sources.map(Self.entry))
  }

  func replace(_ source: Source, writing body: (_ append: ([Record]) throws -> Void) throws -> Void) throws {
    try begin([source])
    do {
      try body { records in try append(records.map { Self.record($0, of: source) }) }
    } catch {
      // The mark stays: should this fail as well, the next run deletes them.
      try? deleteRecords(of: [source.path])
      throw error
    }
    try entriesMade().upsert([Self.entry(source)])
  }

  /// Whoever is stopped in between leaves records that the next try adds once more under the same ids.
  func extend(_ source: Source, with records: [Record]) throws {
    try append(records.map { Self.record($0, of: source) })
    try entriesMade().upsert([Self.entry(source)])
  }

  func note(_ source: Source) throws { try entriesMade().upsert([Self.entry(source)]) }

  func deleteSources(paths: [String]) throws {
    try deleteRecords(of: paths)
    try entries()?.delete(ids: paths)
  }

  func finishWriting() throws {}

  /// Marks sources as unfinished, and deletes their records.
  private func begin(_ sources: [Source]) throws {
    try entriesMade().upsert(
      sources.map { source in
        var source = source
        (source.hash, source.details) = (Self.unfinished, [:])
        return Self.entry(source)
      })
    try deleteRecords(of: sources.map(\.path))
  }

  private func append(_ records: [Record]) throws {
    guard !records.isEmpty else { return }
    words.withLock { $0 = nil }
    try self.records.upsert(records)
  }

  private static func record(_ record: Record, of source: Source) -> Record {
    var record = record
    record.metadata[pathKey] = .string(source.path)
    return record
  }

  private func deleteRecords(of paths: [String]) throws {
    words.withLock { $0 = nil }
    for start in stride(from: 0, to: paths.count, by: Self.together) {
      let some = Array(paths[start..<min(start + Self.together, paths.count)])
      let ids = try records.get(RecordSelection(where: Self.filter(some), withEmbedding: false)).map(\.id)
      for first in stride(from: 0, to: ids.count, by: Self.together) {
        try records.delete(ids: Array(ids[first..<min(first + Self.together, ids.count)]))
      }
    }
  }

  private static func filter(_ paths: [String]) -> Filter {
    .metadata(pathKey, .oneOf(paths.map { .string($0) }))
  }

  // MARK: Entries

  private static func entry(_ source: Source) -> Record {
    var metadata = source.details
    metadata["size"] = .integer(source.byteCount)
    metadata["modified"] = .integer(Int(source.modificationDate.nanosecondsSince1970))
    metadata["hash"] = .string(source.hash)
    // Every record has a vector; nobody looks for this one.
    return Record(id: source.path, embedding: [0], metadata: metadata)
  }

  private static func source(_ entry: Record) -> Source {
    var details = entry.metadata
    let size = details.removeValue(forKey: "size")?.integerValue ?? -1
    let modified = details.removeValue(forKey: "modified")?.integerValue ?? 0
    let hash = details.removeValue(forKey: "hash")?.stringValue ?? unfinished
    return Source(
      path: entry.id, byteCount: size, modificationDate: Date(nanosecondsSince1970: Int64(modified)),
      hash: hash,
      details: details)
  }

  private var entriesName: String { records.name + ".sources" }

  /// Whatever collection has the second one's name.
  private func namesake() throws -> (any RecordCollection)? {
    do { return try store.openCollection(named: entriesName, in: namespace) } catch VectorStoreError
      .noSuchCollection
    {
      return nil
    }
  }

  private static func owner(of entries: any RecordCollection) -> String? {
    entries.configuration.metadata[ownerKey]?.stringValue
  }

  /// The second collection; nil where there is none that belongs to the first.
  private func entries() throws -> (any RecordCollection)? {
    try namesake().flatMap { Self.owner(of: $0) == records.id ? $0 : nil }
  }

  /// The second collection, made where it is missing, or is that of an earlier collection of this name.
  private func entriesMade() throws -> any RecordCollection {
    if let namesake = try namesake() {
      guard let owner = Self.owner(of: namesake) else {
        throw VectorStoreError.sourcesNameTaken(collection: records.name, name: entriesName)
      }
      if owner == records.id { return namesake }
      try store.dropCollection(named: entriesName, in: namespace)
    }
    do {
      return try store.makeCollection(
        CollectionConfiguration(
          name: entriesName, namespace: namespace, dimension: 1, distance: .l2,
          metadata: [Self.ownerKey: .string(records.id)]))
    } catch VectorStoreError.collectionExists {
      // Another program was faster.
      guard let entries = try entries() else {
        throw VectorStoreError.sourcesNameTaken(collection: records.name, name: entriesName)
      }
      return entries
    }
  }

  /// Drops both collections.
  func drop() throws {
    if try entries() != nil { try store.dropCollection(named: entriesName, in: namespace) }
    try store.dropCollection(named: records.name, in: namespace)
  }

  // MARK: Words

  func ranking(words text: String, limit: Int, where filter: Filter?) throws -> WordRanking {
    guard limit > 0 else { return WordRanking() }
    // Ids are compared by their bytes.
    let permitted = try filter.map { filter in
      Set(try records.get(RecordSelection(where: filter, withEmbedding: false)).map { Array($0.id.utf8) })
    }
    let ranked = try withWords { try $0.ranked(text, permitted == nil ? limit : nil) }
    var found = ranked.found
    if let permitted {
      found = Array(found.lazy.filter { permitted.contains(Array($0.id.utf8)) }.prefix(limit))
    }
    let whole = try records.get(ids: found.map(\.id), withEmbedding: false)
    let byID = Dictionary(whole.map { (Array($0.id.utf8), $0) }) { first, _ in first }
    let matches = found.compactMap { id, score in
      byID[Array(id.utf8)].map { KeywordMatch(record: $0, score: score) }
    }
    return WordRanking(matches: matches, weight: ranked.weight, recordCount: ranked.records)
  }

  func documentFrequencies(of words: [String]) throws -> (frequencies: [Int], recordCount: Int) {
    try withWords { try $0.frequencies(of: words) }
  }

  func snippets(ids: [String], words text: String, wordLimit: Int) throws -> [String: Snippet] {
    // A snippet depends on no other text: those of a few are not worth having all travel.
    let known = try words.withLock { try $0?.snippets(ids, text, wordLimit) }
    return try known
      ?? FetchedWords(records.get(ids: ids, withEmbedding: false)).snippets(ids, text, wordLimit)
  }

  private func withWords<Result>(_ body: (FetchedWords) throws -> Result) throws -> Result {
    try words.withLock { words in
      let known = try words ?? FetchedWords(records.get(RecordSelection(withEmbedding: false)))
      words = known
      return try body(known)
    }
  }
}
