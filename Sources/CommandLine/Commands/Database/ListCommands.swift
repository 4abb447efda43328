import MartletJSON
import MartletVectorStore

extension Command {
  /// Lists collections.
  static let databaseList: Command = Command(
    name: "db list", summary: "List the store's collections, of all namespaces.",
    discussion: """
      On a Chroma server, the collections of one tenant's database are listed. A collection that cannot be read, because \
      a right is missing in PostgreSQL, is listed with a question mark, and a warning says why.

      --json prints an object with "collections", each as `martlet db describe --json` prints it. Where a collection \
      cannot be read, its "records" is null and its "problem" says why.
      """,
    parameters: [StoreParameters.store.definition, StoreParameters.json.definition],
    examples: [.init("martlet db list", "What is there:")]
  ) { arguments, console in
    try DatabaseParameters.withStore(arguments, console, .readOnly) { store in
      let all = try store.listCollections().map { try CollectionDescription(listing: $0) }
      if arguments[StoreParameters.json] {
        let object: JSON = ["collections": .array(all.map(\.listed))]
        return try console.result(object.serialized() + "\n")
      }
      if all.isEmpty { return console.note("There are no collections.\n") }
      let table = TextTable(
        headings: CollectionDescription.headings, rows: all.map(\.row), rightAligned: [1, 2])
      try console.result(table.text(console.style, width: console.resultWidth))
      for described in all {
        if let problem = described.problem { console.warn("\(described.collection.name): \(problem)") }
      }
    }
  }

  /// Says what is known of a collection.
  static let databaseDescribe: Command = Command(
    name: "db describe", summary: "Describe a collection.",
    discussion: """
      --json prints an object: name, id, tenant, database, records, dimension (null before the first vector), \
      distance, embedder (null, or name, revision, maximum_tokens and precision), and metadata.
      """,
    parameters: [DatabaseParameters.collection.definition] + DatabaseParameters.common,
    examples: [.init("martlet db describe notes", "All about one collection:")]
  ) { arguments, console in
    try DatabaseParameters.withCollection(arguments, console, .readOnly) { collection, _ in
      let description = try CollectionDescription(collection)
      if arguments[StoreParameters.json] {
        return try console.result(description.json.serialized() + "\n")
      }
      try console.prose(description.text(console.style), hanging: CollectionDescription.labelWidth)
    }
  }

  /// Drops a collection.
  static let databaseDrop: Command = Command(
    name: "db drop", summary: "Drop a collection and all its records, permanently.",
    discussion: "--json prints an object: dropped (the name), and records (how many there were).",
    parameters: [DatabaseParameters.collection.definition] + DatabaseParameters.common,
    examples: [.init("martlet db drop notes", "Forget a collection:")]
  ) { arguments, console in
    try DatabaseParameters.withCollection(arguments, console, .readWrite) { collection, store in
      let records = try collection.count()
      try store.dropDocuments(named: collection.name, in: collection.configuration.namespace)
      if arguments[StoreParameters.json] {
        let object: JSON = ["dropped": .string(collection.name), "records": JSON(records)]
        return try console.result(object.serialized() + "\n")
      }
      console.note(printable("Collection \(collection.name) was dropped with \(count(records, "record")).\n"))
    }
  }
}

/// A number of things, in words: 1 record, 2 records.
func count(_ number: Int, _ thing: String) -> String { "\(number) \(thing)\(number == 1 ? "" : "s")" }
