import MartletJSON
import MartletVectorStore

/// What `db query` takes.
private enum QueryOptions {
  static let embedding = Parameter<[Float]?>.option(
    "embedding", .vector, help: "Find the records nearest to this vector.")
  static let text = Parameter<String?>.option(
    "text", .text("TEXT"), help: "Find the records nearest to this text, by the collection's own embedder.")
  static let words = Parameter<String?>.option(
    "words", .text("TEXT"), help: "Find the records with any of these words, best first by BM25.")
  static let count = Parameter<Int>.option(
    "count", short: "k", .integer(in: 1...100_000), default: 10, help: "How many records to find.")
  static let exact = Parameter<Bool>.flag(
    "exact", help: "Compare with every record rather than walk through the index.")

  static let definitions =
    [
      DatabaseParameters.collection.definition, embedding.definition, text.definition, words.definition,
      count.definition, DatabaseParameters.filter.definition, DatabaseParameters.documentFilter.definition,
      exact.definition, DatabaseParameters.embeddings.definition, ModelParameters.threads.definition,
    ] + DatabaseParameters.common
}

extension Command {
  /// Finds records.
  static let databaseQuery: Command = Command(
    name: "db query",
    summary: "Find the records of a collection that are nearest to a vector, a text, or words.",
    discussion: """
      --embedding, --text or --words says what to look for. --words beside one of the others adds the two scores of a \
      record, as `martlet search` does, and filters hold for both. --text needs a collection that was made with an \
      embedder, and is embedded by that one. --exact works in folders and in PostgreSQL. For --words \
      the texts of a remote collection are downloaded first.

      --json prints an object with "results", nearest first: id, distance (for --words score, which is larger for \
      better records; for both score, and distance, which is null where a record was found by words alone), document, \
      metadata and uri, and with --embeddings embedding.
      """,
    parameters: QueryOptions.definitions,
    examples: [
      .init("martlet db query notes --text \"birds that cannot fly\" -k 3", "By meaning:"),
      .init("martlet db query photos --embedding '[0.1, -0.7, 0.2]' --json", "By a vector, for a program:"),
      .init(
        "martlet db query notes --text swifts --where '{\"year\": {\"$gte\": 1999}}'",
        "Among some of the records:"),
      .init(
        "martlet db query notes --text \"birds that cannot fly\" --words penguin", "By meaning and by words:"),
    ]
  ) { arguments, console in
    try DatabaseParameters.withCollection(arguments, console, .readOnly) { collection, store in
      let withEmbedding = arguments[DatabaseParameters.embeddings]
      let found = try find(arguments, console, collection, store)
      if arguments[StoreParameters.json] {
        let results = found.map { match in
          match.record.json(
            withEmbedding: withEmbedding, match.values.map { ($0.name, $0.value.map { JSON($0) } ?? .null) })
        }
        let object: JSON = ["results": .array(results)]
        return try console.result(object.serialized() + "\n")
      }
      if found.isEmpty { console.note("Nothing was found.\n") }
      for (number, match) in zip(1..., found) {
        let remark = match.values.compactMap { name, value in value.map { "\(name) \(formatDecimal($0, 4))" }
        }
        try console.prose(
          "\(number). "
            + match.record.text(console.style, remark.joined(separator: ", "), withEmbedding: withEmbedding))
      }
    }
  }
}

/// A record with what is said of how well it fits; nil stands for a value that it does not have.
private typealias FoundRecord = (record: Record, values: [(name: String, value: Double?)])

private func find(
  _ arguments: Arguments, _ console: Console, _ collection: any RecordCollection, _ store: any RecordStore
) throws -> [FoundRecord] {
  for option in [QueryOptions.text, QueryOptions.words] {
    if let text = arguments[option], text.allSatisfy(\.isWhitespace) {
      throw UsageError("\(option.definition.spelling) is empty.", advice: "Say what to look for.")
    }
  }
  let vector = try vector(arguments, console, collection)
  let words = arguments[QueryOptions.words]
  func documents() throws -> any DocumentCollection {
    let namespace = DatabaseParameters.namespace(in: store, arguments)
    return try store.openDocuments(named: collection.name, in: namespace)
  }
  guard let vector else {
    guard let words else {
      throw UsageError(
        "One of --embedding, --text and --words is needed.",
        advice: "‘martlet db query --help’ explains them.")
    }
    guard !arguments[DatabaseParameters.embeddings] else {
      throw UsageError("--embeddings goes with --embedding or --text.", advice: "Words have no vectors.")
    }
    guard !arguments[QueryOptions.exact] else {
      throw UsageError(
        "--exact goes with --embedding or --text.",
        advice: "Leave it out: words are always looked for in all records.")
    }
    return try documents()
      .search(words: words, limit: arguments[QueryOptions.count], where: DatabaseParameters.filter(arguments))
      .map { ($0.record, [("score", $0.score)]) }
  }
  let query = VectorQuery(
    vector, limit: arguments[QueryOptions.count], where: DatabaseParameters.filter(arguments),
    effort: arguments[QueryOptions.exact] ? .exact : .standard,
    withEmbedding: arguments[DatabaseParameters.embeddings])
  guard let words else {
    return try collection.nearest(query).map { ($0.record, [("distance", $0.distance)]) }
  }
  return try documents().search(query, words: words)
    .map { ($0.record, [("score", $0.score), ("distance", $0.nearness?.distance)]) }
}

/// The vector that is looked for; nil where words alone are.
private func vector(
  _ arguments: Arguments, _ console: Console, _ collection: any RecordCollection
) throws -> [Float]? {
  switch (arguments[QueryOptions.embedding], arguments[QueryOptions.text]) {
  case (nil, nil): return nil
  case (let embedding?, nil): return embedding
  case (nil, let text?):
    let embedded = try DatabaseParameters.texts(of: collection, arguments, console).embedding(ofQuery: text)
    if embedded.isTruncated {
      console.warn("The text is longer than the embedder reads; only its beginning was looked for.")
    }
    return embedded.vector
  case (_?, _?):
    throw UsageError("--embedding and --text cannot be combined.", advice: "Give one of them.")
  }
}
