import MartletJSON
import MartletRemoteStores
import MartletVectorStore

/// What `db copy` takes.
private enum CopyOptions {
  static let from = Parameter<String>.argument(
    "FROM", .path("COLLECTION"), default: "",
    help: "The collection: PATH#collection, postgresql://…#collection or http://…#collection.")
  static let to = Parameter<String>.argument(
    "TO", .path("COLLECTION"), default: "",
    help: "Where it goes, and what it is called there, in the same forms.")
  static let fromNamespace = Parameter<Namespace?>.option(
    "from-namespace", .namespace, shownAs: "\(Namespace.default)",
    help: "The tenant and the database that FROM belongs to, where the location does not say.")
  static let toNamespace = Parameter<Namespace?>.option(
    "to-namespace", .namespace, shownAs: "\(Namespace.default)",
    help: "The tenant and the database that TO is to belong to, where the location does not say.")
}

extension Command {
  /// Copies a collection from a store to another.
  static let databaseCopy: Command = Command(
    name: "db copy", summary: "Copy a collection to another store, and verify that all of it has arrived.",
    discussion: """
      A location is PATH#collection (a folder of Martlet's own), postgresql://user@host:5432/database#collection \
      (PostgreSQL with pgvector) or http://host:8000/tenant/database#collection (a server of Chroma's, or `martlet \
      serve`). A # or % in a collection's name is %23 or %25. PostgreSQL's password comes from PGPASSWORD or ~/.pgpass, \
      the key of a server of Chroma's from MARTLET_API_KEY.

      Records are copied with vectors, texts, metadata and URIs, and the collection with its distance, its number of \
      numbers, its embedder and its metadata. Then each copy is compared with its original, bit for bit. A Chroma server \
      rounds vectors of collections that compare by cosine, since it keeps unit vectors and lengths, and the last digit \
      of some numbers in metadata: both are tolerated, counted and reported. A collection of the new name appears when \
      all is verified; after an error or Ctrl-C there is none. What a killed copy has left (NAME.unfinished-copy) the \
      next one throws away. A collection that is there already is filled if it is empty and fits, else it is an error. \
      Nobody should write to the original meanwhile.

      --json prints an object: from, to, records, left_out_sources (records whose source of documents was left out; \
      `martlet db backup` copies those, too), replaced_unfinished, and rounded_vectors and rounded_numbers (how many \
      vectors, and how many numbers in metadata, a Chroma server rounded).
      """,
    parameters: [
      CopyOptions.from.definition, CopyOptions.to.definition, CopyOptions.fromNamespace.definition,
      CopyOptions.toNamespace.definition, StoreParameters.json.definition,
    ],
    examples: [
      .init("martlet db copy ~/notes#birds postgresql://ann@db.lan/library#birds", "To PostgreSQL:"),
      .init(
        "martlet db copy http://db.lan:8000/ann/library#birds ~/notes#birds", "From a server of Chroma's:"),
    ]
  ) { arguments, console in
    let (source, from) = try open(
      arguments[CopyOptions.from], arguments[CopyOptions.fromNamespace], "--from-namespace", .readOnly)
    defer { close(source, console) }
    let original = try source.openCollection(named: from.name, in: from.namespace)
    let (target, to) = try open(
      arguments[CopyOptions.to], arguments[CopyOptions.toNamespace], "--to-namespace", .readWrite)
    defer { close(target, console) }
    let copy = CollectionCopy(from: original, to: target, name: to.name, namespace: to.namespace)
    let report = try perform(copy, console)
    let made = try target.openCollection(named: to.name, in: to.namespace)
    try finishIndex(of: made, console)
    try tell(report, from.shown, to.shown, made, arguments, console)
  }
}

/// A collection in a store.
private struct Place {
  let name: String
  let namespace: Namespace
  /// Its location, without a password.
  let shown: String
}

private func open(
  _ text: String, _ wanted: Namespace?, _ option: String, _ mode: Database.Mode
) throws -> (any RecordStore, Place) {
  var location = try StoreLocation(collection: text)
  if case .chroma(let address, let own) = location.place {
    guard own == nil || wanted == nil || own == wanted else {
      throw UsageError(
        "\(location) names another tenant and database than \(option).", advice: "Leave \(option) out.")
    }
    location.place = .chroma(address: address, namespace: own ?? wanted)
  }
  let store = try StoreParameters.open(location, mode)
  let namespace = (store as? ChromaStore)?.namespace ?? wanted ?? .default
  return (store, Place(name: location.collection ?? "", namespace: namespace, shown: location.description))
}

private func close(_ store: any RecordStore, _ console: Console) {
  store.close()
  store.takeWarnings().forEach { console.warn(printable($0)) }
}

private func perform(_ copy: CollectionCopy, _ console: Console) throws -> CollectionCopy.Report {
  let copying = ProgressBar("Copying", unit: .count("records"), console: console)
  let verifying = ProgressBar("Verifying", unit: .count("records"), console: console)
  defer { verifying.finish() }
  return try copy.run { progress in
    switch progress {
    case .copied(let done, let total): copying.update(done: done, total: total)
    case .verified(let done, let total): verifying.update(done: done, total: total)
    }
  }
}

private func tell(
  _ report: CollectionCopy.Report, _ from: String, _ to: String, _ made: any RecordCollection,
  _ arguments: Arguments, _ console: Console
) throws {
  if arguments[StoreParameters.json] {
    let object: JSON = [
      "from": .string(from), "to": .string(to), "records": JSON(report.recordCount),
      "left_out_sources": JSON(report.leftOutPathCount),
      "replaced_unfinished": .bool(report.replacedUnfinished),
      "rounded_vectors": JSON(report.roundedVectorCount), "rounded_numbers": JSON(report.roundedNumberCount),
    ]
    return try console.result(object.serialized() + "\n")
  }
  if report.replacedUnfinished { console.note("What an earlier copy had left was thrown away.\n") }
  console.note(printable("\(count(report.recordCount, "record")) copied to \(to) and verified.\n"))
  if report.roundedVectorCount > 0 {
    console.warn(
      "\(count(report.roundedVectorCount, "vector")) changed by rounding: for collections that compare by cosine, such a "
        + "server keeps unit vectors and lengths. No number is off by more than 1/50,000 of its vector's largest."
    )
  }
  if report.roundedNumberCount > 0 {
    console.warn(
      "\(count(report.roundedNumberCount, "number")) in the metadata changed in the last digit, which such a server does "
        + "not keep: \(report.firstRoundedNumber ?? "").")
  }
  if report.leftOutPathCount > 0 {
    console.warn(
      "\(count(report.leftOutPathCount, "record")) came from a source of documents, which is not copied: ‘martlet index’ does "
        + "not know the copy. ‘martlet db backup’ copies all of a store.")
  }
  if let made = made as? PostgresCollection, made.index == nil, report.recordCount > 10_000 {
    console.note(
      "The copy has no index yet, and searches compare with every record; ‘martlet db index’ makes one.\n")
  }
}
