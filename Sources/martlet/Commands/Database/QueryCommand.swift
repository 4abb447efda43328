import JSON
import VectorStore

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
      One of --embedding, --text and --words says what to look for. --text needs a collection that was made with an \
      embedder, and is embedded by that one. --exact works in stores of Martlet's own and in PostgreSQL. For --words the texts of a \
      collection elsewhere travel here first.

      --json prints an object with "results", nearest first: id, distance (for --words score, which is larger for \
      better records), document, metadata and uri, and with --embeddings embedding.
      """,
    parameters: QueryOptions.definitions,
    examples: [
      .init("martlet db query notes --text \"birds that cannot fly\" -k 3", "By meaning:"),
      .init("martlet db query photos --embedding '[0.1, -0.7, 0.2]' --json", "By a vector, for a program:"),
      .init(
        "martlet db query notes --text swifts --where '{\"year\": {\"$gte\": 1999}}'",
        "Among some of the records:"),
    ]
  ) { arguments, console in
    try DatabaseParameters.withCollection(arguments, console, .readOnly) { collection, store in
      let withEmbedding = arguments[DatabaseParameters.embeddings]
      let found = try matches(arguments, console, collection, store)
      let measure = arguments.has(QueryOptions.words) ? "score" : "distance"
      if arguments[StoreParameters.json] {
        let results = found.map { $0.record.json(withEmbedding: withEmbedding, [(measure, JSON($0.value))]) }
        let object: JSON = ["results": .array(results)]
        return try console.result(object.serialized() + "\n")
      }
      if found.isEmpty { console.note("Nothing was found.\n") }
      for (number, match) in zip(1..., found) {
        let remark = "\(measure) \(formatDecimal(match.value, 4))"
        try console.result(
          "\(number). " + match.record.text(console.style, remark, withEmbedding: withEmbedding))
      }
    }
  }
}

private func matches(
  _ arguments: Arguments, _ console: Console, _ collection: any RecordCollection, _ store: any RecordStore
) throws -> [Match] {
  let asked = (arguments[QueryOptions.embedding], arguments[QueryOptions.text], arguments[QueryOptions.words])
  let filter = DatabaseParameters.filter(arguments)
  let count = arguments[QueryOptions.count]
  let withEmbedding = arguments[DatabaseParameters.embeddings]
  let vector: [Float]
  switch asked {
  case (let embedding?, nil, nil): vector = embedding
  case (nil, let text?, nil):
    let embedded = try DatabaseParameters.texts(of: collection, arguments).embedding(ofQuery: text)
    if embedded.isTruncated {
      console.warn("The text is longer than the embedder reads; only its beginning was looked for.")
    }
    vector = embedded.vector
  case (nil, nil, let words?):
    guard !withEmbedding else {
      throw UsageError("--embeddings goes with --embedding or --text.", advice: "Words have no vectors.")
    }
    let namespace = DatabaseParameters.namespace(in: store, arguments)
    return try store.openDocuments(named: collection.name, in: namespace)
      .query(words: words, count: count, where: filter)
  default:
    throw UsageError(
      "One of --embedding, --text and --words is needed.", advice: "‘martlet db query --help’ explains them.")
  }
  return try collection.query(
    VectorQuery(
      vector, count: count, where: filter, effort: arguments[QueryOptions.exact] ? .exact : .standard,
      withEmbedding: withEmbedding))
}
