import MartletJSON
import MartletVectorStore

private let ids = Parameter<[String]>.arguments("ID", .text("ID"), help: "Ids of records.")
private let limit = Parameter<Int?>.option(
  "limit", short: "n", .integer(atLeast: 0), shownAs: "all", help: "How many records at most.")
private let offset = Parameter<Int>.option(
  "offset", .integer(atLeast: 0), default: 0, help: "How many records are passed over first.")

extension Command {
  /// Prints records.
  static let databaseGet: Command = Command(
    name: "db get",
    summary: "Print records of a collection: those with the given ids, or those that match a filter.",
    discussion: """
      Records come in the order in which they were first added. Missing ids are skipped and reported.

      --json prints an object with "records" (id, document, metadata and uri, and with --embeddings embedding) and \
      "missing", the ids that are not there. For a whole collection, `martlet db export` is the better way.
      """,
    parameters: [
      DatabaseParameters.collection.definition, ids.definition, DatabaseParameters.filter.definition,
      DatabaseParameters.documentFilter.definition, limit.definition, offset.definition,
      DatabaseParameters.embeddings.definition,
    ] + DatabaseParameters.common,
    examples: [
      .init("martlet db get notes 17 18", "Two records:"),
      .init(
        "martlet db get notes --where-document '{\"$contains\": \"ladder\"}' -n 5",
        "The first five with a word:"),
    ]
  ) { arguments, console in
    let wanted = arguments[ids]
    let withEmbedding = arguments[DatabaseParameters.embeddings]
    let filter = DatabaseParameters.filter(arguments)
    try DatabaseParameters.withCollection(arguments, console, .readOnly) { collection, _ in
      let records = try collection.get(
        RecordSelection(
          where: filter, ids: wanted.isEmpty ? nil : wanted, limit: arguments[limit],
          offset: arguments[offset],
          withEmbedding: withEmbedding))
      let isWhole = filter == nil && arguments[limit] == nil && arguments[offset] == 0
      let there = Set(records.map(\.id))
      let missing = isWhole ? wanted.filter { !there.contains($0) } : []
      if arguments[StoreParameters.json] {
        let object: JSON = [
          "records": .array(records.map { $0.json(withEmbedding: withEmbedding) }),
          "missing": .array(missing.map { .string($0) }),
        ]
        return try console.result(object.serialized() + "\n")
      }
      for record in records {
        try console.prose(record.text(console.style, withEmbedding: withEmbedding))
      }
      if !missing.isEmpty {
        console.note(printable("Not in the collection: \(missing.joined(separator: ", ")).\n"))
      } else if records.isEmpty {
        console.note("No record fits.\n")
      }
    }
  }

  /// Deletes records.
  static let databaseDelete: Command = Command(
    name: "db delete",
    summary: "Delete records of a collection: those with the given ids, or those that match a filter.",
    discussion: """
      With ids and a filter, only records that match both are deleted. All are deleted, or none; a Chroma server \
      deletes them in parts.

      --json prints an object: deleted, the number of records.
      """,
    parameters: [
      DatabaseParameters.collection.definition, ids.definition, DatabaseParameters.filter.definition,
      DatabaseParameters.documentFilter.definition,
    ] + DatabaseParameters.common,
    examples: [
      .init("martlet db delete notes 17 18", "Two records:"),
      .init("martlet db delete notes --where '{\"year\": {\"$lt\": 1999}}'", "What is old:"),
    ]
  ) { arguments, console in
    let named = arguments[ids]
    let filter = DatabaseParameters.filter(arguments)
    guard !named.isEmpty || filter != nil else {
      throw UsageError(
        "Which records are to be deleted?",
        advice:
          "Name ids, or a filter with --where or --where-document. ‘martlet db drop’ drops a collection.")
    }
    try DatabaseParameters.withCollection(arguments, console, .readWrite) { collection, _ in
      // In a store of Martlet's own nobody else writes meanwhile; elsewhere what comes later stays.
      let chosen = try filter.map { filter in
        try collection.get(
          RecordSelection(where: filter, ids: named.isEmpty ? nil : named, withEmbedding: false)
        ).map(\.id)
      }
      let deleted = try collection.delete(ids: chosen ?? named)
      if arguments[StoreParameters.json] {
        let object: JSON = ["deleted": JSON(deleted)]
        return try console.result(object.serialized() + "\n")
      }
      console.note("\(count(deleted, "record")) \(deleted == 1 ? "was" : "were") deleted.\n")
    }
  }
}
