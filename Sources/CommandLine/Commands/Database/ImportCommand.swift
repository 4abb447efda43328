import MartletJSON
import MartletRetrieval
import MartletVectorStore

private let replace = Parameter<Bool>.flag(
  "replace", help: "Replace records whose ids are there already; else they are an error.")

extension Command {
  /// Reads a file into a collection.
  static let databaseImport: Command = Command(
    name: "db import", summary: "Import the records of a file or a Chroma folder into a collection.",
    discussion: """
      \(FileOptions.explanation) \(FileOptions.readOnlyExplanation)

      A collection that is missing is made, as `martlet db create` makes it; FAISS's files and Chroma's folders also say \
      the distance. Records without a vector are embedded by the collection's embedder, and need a document. Of FAISS \
      flat indexes are read (IndexFlat), graphs over such (IndexHNSWFlat; Martlet makes its own graph), and both in \
      maps of ids (IndexIDMap, IndexIDMap2).

      Records are stored in batches. After an error or Ctrl-C the collection has the records read so far, and their \
      number is printed; run the command again with --replace to continue. --json prints an object: collection, \
      records, embedded (how many had no vector), and truncated (texts of which the embedder read the beginning only).
      """,
    parameters: [
      DatabaseParameters.collection.definition, FileOptions.readFile.definition,
      FileOptions.format.definition,
      replace.definition, CreateOptions.dimension.definition, CreateOptions.distance.definition,
      CreateOptions.embedder.definition, CreateOptions.precision.definition,
      CreateOptions.metadata.definition,
      ModelParameters.threads.definition,
    ] + DatabaseParameters.common,
    examples: [
      .init("martlet db import photos photos.npy --distance ip", "Vectors into a new collection:"),
      .init(
        "martlet db import notes - --embedder all-minilm-l6-v2 < notes.jsonl", "Texts, embedded on the way:"),
      .init("martlet db import notes ./chroma_data#notes", "What chromadb's PersistentClient kept:"),
    ]
  ) { arguments, console in
    try Interruption.shared.announcing(on: console) { try ImportRun(arguments, console).run() }
  }
}

/// `db import`: reads records in groups, and keeps each group before it reads the next.
private struct ImportRun {
  let arguments: Arguments
  let console: Console
  private static let groupSize = 2048

  init(_ arguments: Arguments, _ console: Console) {
    self.arguments = arguments
    self.console = console
  }

  func run() throws {
    let format = try FileOptions.format(arguments, of: FileOptions.readFile, FileOptions.format)
    let path = arguments[FileOptions.readFile]
    let reader = try VectorFileReader(path: path == "-" ? "/dev/stdin" : path, format: format)
    try DatabaseParameters.withStore(arguments, console, .readWrite) { store in
      // Read before the collection is made: a malformed beginning leaves no trace.
      let first = try reader.next(Self.groupSize) ?? []
      let collection = try target(in: store, reader)
      let sink = ImportSink(
        collection, replaces: arguments[replace],
        texts: { try DatabaseParameters.texts(of: collection, arguments, console) })
      do {
        try keep(first, then: reader, in: sink)
      } catch {
        var isKept = true
        if case VectorStoreError.replaced = error { isKept = false }
        if sink.records > 0, isKept {
          console.note("\(count(sink.records, "record")) before that were kept.\n")
        }
        throw error
      }
      try finishIndex(of: collection, console)
      reader.leftOut.forEach { console.warn($0) }
      try report(sink)
    }
  }

  private func keep(_ first: [Record], then reader: VectorFileReader, in sink: ImportSink) throws {
    let bar = ProgressBar("Importing", unit: .count("records"), total: reader.count, console: console)
    defer { bar.finish() }
    var group = first
    while !group.isEmpty {
      try Task.checkCancellation()
      try sink.keep(group)
      bar.update(done: sink.records)
      group = try reader.next(Self.groupSize) ?? []
    }
  }

  /// The collection that is named, made where it is missing.
  private func target(in store: any RecordStore, _ reader: VectorFileReader) throws -> any RecordCollection {
    let namespace = DatabaseParameters.namespace(in: store, arguments)
    let name = arguments[DatabaseParameters.collection]
    guard let known = try existing(name, namespace, in: store) else {
      if let metric = reader.metric, metric.distance == nil, !arguments.has(CreateOptions.distance) {
        throw UsageError(
          "The index compares its vectors in a way that Martlet does not.",
          advice:
            "Say how a collection should: --distance \(Distance.allCases.map(\.rawValue).joined(separator: ", or "))."
        )
      }
      do {
        return try CreateOptions.create(arguments, in: store, distance: reader.distance, console)
      } catch VectorStoreError.collectionExists {
        // Another program made it meanwhile, such as one that imports another part of the same records.
        let made = try store.openCollection(named: name, in: namespace)
        try checkIsMadeAlike(made, reader)
        return made
      }
    }
    for option in [
      CreateOptions.dimension.definition, CreateOptions.distance.definition,
      CreateOptions.embedder.definition,
      CreateOptions.metadata.definition,
    ] where arguments.has(option) {
      throw UsageError(
        "\(option.spelling) is for a new collection, and \(name) is there already.", advice: "Leave it out.")
    }
    if let distance = reader.distance, distance != known.configuration.distance {
      console.warn(
        "The file's index compares by \(distance.rawValue), the collection by \(known.configuration.distance.rawValue)."
      )
    }
    return known
  }

  /// Throws where the collection that another program has just made is not what this one would have made.
  private func checkIsMadeAlike(_ made: any RecordCollection, _ reader: VectorFileReader) throws {
    let own = made.configuration
    let distance = arguments[CreateOptions.distance] ?? reader.distance ?? .cosine
    let dimension = arguments[CreateOptions.dimension]
    let isOther =
      own.distance != distance || (dimension != nil && own.dimension != nil && own.dimension != dimension)
      || (arguments[CreateOptions.embedder] == nil) != (own.embedder == nil)
    guard !isOther else {
      throw UsageError(
        "Another program has just made a collection \(made.name) in another way.",
        advice: "‘martlet db describe \(made.name)’ tells how; import again without options for a new one.")
    }
  }

  private func existing(
    _ name: String, _ namespace: Namespace, in store: any RecordStore
  ) throws -> (any RecordCollection)? {
    do { return try store.openCollection(named: name, in: namespace) } catch VectorStoreError.noSuchCollection
    { return nil }
  }

  private func report(_ sink: ImportSink) throws {
    if sink.truncated > 0 {
      console.warn(
        "\(count(sink.truncated, "text")) had more tokens than the embedder reads, and only the beginnings count."
      )
    }
    if arguments[StoreParameters.json] {
      let object: JSON = [
        "collection": .string(sink.collection.name), "records": JSON(sink.records),
        "embedded": JSON(sink.embedded), "truncated": JSON(sink.truncated),
      ]
      return try console.result(object.serialized() + "\n")
    }
    console.note(
      printable(
        "\(count(sink.records, "record")) imported; collection \(sink.collection.name) now has "
          + "\(count(try sink.collection.count(), "record")).\n"))
  }
}

/// Waits until the index of a collection of Martlet's own is on disk. Other stores see to theirs.
func finishIndex(of collection: any RecordCollection, _ console: Console) throws {
  guard let collection = collection as? VectorCollection else { return }
  console.setStatus("Building the index…")
  defer { console.setStatus("") }
  try collection.finishIndex()
}

/// Where imported records go, embedded where they have no vectors. The embedder is loaded when it is first needed.
private final class ImportSink {
  let collection: any RecordCollection
  private(set) var records = 0
  private(set) var embedded = 0
  private(set) var truncated = 0
  private let replaces: Bool
  private let openTexts: () throws -> TextCollection
  private var texts: TextCollection?

  init(_ collection: any RecordCollection, replaces: Bool, texts: @escaping () throws -> TextCollection) {
    self.collection = collection
    self.replaces = replaces
    openTexts = texts
  }

  func keep(_ group: [Record]) throws {
    let bare = group.count { $0.embedding.isEmpty }
    do {
      if bare > 0 {
        let texts = try texts ?? openTexts()
        self.texts = texts
        truncated += try (replaces ? texts.upsert(group) : texts.add(group)).count
      } else {
        try replaces ? collection.upsert(group) : collection.add(group)
      }
    } catch VectorStoreError.recordExists(let id) {
      throw UsageError(
        "There is a record \(id) already, in collection \(collection.name) or earlier in the file.",
        advice: "With --replace, new records take the place of those with the same ids.")
    }
    embedded += bare
    records += group.count
  }
}
