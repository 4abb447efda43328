/// Records that came from sources, as passages from files: all of a source's records are replaced together, and words
/// are looked for in their texts.
///
/// `RecordStore.openDocuments(named:in:)` opens one, in whatever store.
public protocol DocumentCollection: Sendable {
  /// The records themselves.
  var records: any RecordCollection { get }

  // MARK: Sources

  /// The sources that there are, by their paths.
  func sources() throws -> [String: Source]

  /// The records of one source, with their vectors, in the order in which they were added.
  func records(ofSource path: String) throws -> [Record]

  /// Replaces all that came from these sources: their old records go, the new ones take their place.
  func replace(_ documents: [(source: Source, records: [Record])]) throws

  /// Replaces all that came from a source by records that come bit by bit. Where `body` throws, nothing new stays.
  ///
  /// - Parameters:
  ///   - source: The source, with its size, time and details.
  ///   - body: Calls `append` with some records at a time.
  func replace(_ source: Source, writing body: (_ append: ([Record]) throws -> Void) throws -> Void) throws

  /// Adds records to those of a source, which it makes where it is missing, and notes its new state: what a source has
  /// that has grown.
  func extend(_ source: Source, with records: [Record]) throws

  /// Notes another size, time or details of a source whose records stay as they are.
  func note(_ source: Source) throws

  /// Deletes sources with all their records; paths that are not there are no error.
  func deleteSources(paths: [String]) throws

  /// Finishes what is better done once than after each change. Nothing is lost without it.
  func finishWriting() throws

  // MARK: Words

  /// The records with any of the words, best first by BM25 (k1 = 1.2, b = 0.75), and what the words could weigh; ties in
  /// the order of their ids.
  ///
  /// Function words ("the", "that") are looked for only where there are no others. An inflected form of an English word
  /// counts for half of the word. Of scripts without spaces between words, a word is found wherever it stands in a run of
  /// characters.
  ///
  /// - Parameters:
  ///   - words: Any text; its words are taken from it.
  ///   - limit: How many records there are at most.
  ///   - filter: Which records may be found; nil takes all.
  func ranking(words: String, limit: Int, where filter: Filter?) throws -> WordRanking

  /// In how many records each of the words stands as it is, and how many records there are.
  func documentFrequencies(of words: [String]) throws -> (frequencies: [Int], recordCount: Int)

  /// For each id the part of its document that has most of the words, with the words marked; nothing for those that
  /// have none of them.
  ///
  /// - Parameters:
  ///   - ids: The records; ids that are not there have no snippet.
  ///   - words: Any text; its words are taken from it.
  ///   - wordLimit: How many words, or characters of scripts without spaces, a snippet has at most, up to 64.
  func snippets(ids: [String], words: String, wordLimit: Int) throws -> [String: Snippet]
}

/// Records that have words of a query, and how much that says.
public struct WordRanking: Sendable, Equatable {
  /// The records with their scores, best first.
  public var matches: [KeywordMatch] = []
  /// What a record of mean length would score that has each of the words once, if it were the only one to have it. Words
  /// that many records have, or none, count in full here and add little or nothing to a score: the best of those records
  /// is still no good one.
  public var weight = 0.0
  /// How many records have a text.
  public var recordCount = 0
}

extension DocumentCollection {
  /// The records of `ranking(words:limit:where:)` alone.
  public func search(words: String, limit: Int, where filter: Filter?) throws -> [KeywordMatch] {
    try ranking(words: words, limit: limit, where: filter).matches
  }
}

extension RecordStore {
  /// The collection of that name as one of documents, whose sources are kept in a second collection, `NAME.sources`.
  ///
  /// - Throws: `VectorStoreError.noSuchCollection` where there is none.
  public func openDocuments(
    named name: String, in namespace: Namespace = .default
  ) throws -> any DocumentCollection {
    try SeparateDocuments(records: openCollection(named: name, in: namespace), namespace, in: self)
  }

  /// Drops a collection with all its records and what is known of their sources, at once and for good.
  ///
  /// - Throws: `VectorStoreError.noSuchCollection` where there is none.
  public func dropDocuments(named name: String, in namespace: Namespace = .default) throws {
    try SeparateDocuments(records: openCollection(named: name, in: namespace), namespace, in: self).drop()
  }
}

extension Record {
  /// The path of the source that it came from, wherever the store keeps it.
  public var sourcePath: String? { path ?? metadata[SeparateDocuments.pathKey]?.stringValue }
}

extension VectorCollection: DocumentCollection {
  /// The collection itself.
  public var records: any RecordCollection { self }

  /// Replaces all that came from these sources, in one transaction.
  public func replace(_ documents: [(source: Source, records: [Record])]) throws {
    try database.transaction { transaction in
      for (source, records) in documents { try transaction.replace(source, in: self, with: records) }
    }
  }

  /// Replaces all that came from a source, in one transaction.
  public func replace(
    _ source: Source, writing body: (_ append: ([Record]) throws -> Void) throws -> Void
  ) throws {
    try database.transaction { transaction in
      let key = try transaction.beginSource(source, in: self)
      try body { try transaction.append($0, toSource: key, in: self) }
    }
  }

  /// Adds records to those of a source, in one transaction.
  public func extend(_ source: Source, with records: [Record]) throws {
    try database.transaction { transaction in
      let key = try transaction.extendSource(source, in: self)
      try transaction.append(records, toSource: key, in: self)
    }
  }

  /// Notes another size, time or details of a source whose records stay as they are.
  public func note(_ source: Source) throws {
    try database.transaction { try $0.updateSource(path: source.path, to: source, in: self) }
  }

  /// Deletes sources with all their records, in one transaction.
  public func deleteSources(paths: [String]) throws {
    try database.transaction { transaction in
      for path in paths { try transaction.deleteSource(path: path, from: self) }
    }
  }

  /// Waits for the graph, and empties the log: it would stay beside the file until another one writes.
  public func finishWriting() throws {
    try finishIndex()
    try database.checkpoint()
  }
}
