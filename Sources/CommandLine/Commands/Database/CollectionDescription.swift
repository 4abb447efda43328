import MartletJSON
import MartletRemoteStores
import MartletVectorStore

/// What is to be known of a collection, for people and for programs.
struct CollectionDescription {
  let collection: any RecordCollection
  /// Nil where they cannot be counted.
  let records: Int?
  /// Why they cannot be counted; nil where they can.
  let problem: String?

  /// - Throws: Where the records cannot be counted.
  init(_ collection: any RecordCollection) throws {
    self.init(collection, records: try collection.count(), problem: nil)
  }

  private init(_ collection: any RecordCollection, records: Int?, problem: String?) {
    (self.collection, self.records, self.problem) = (collection, records, problem)
  }

  /// The description of one of several: where this one cannot be read, the others are of use all the same.
  init(listing collection: any RecordCollection) throws {
    do {
      try self.init(collection)
    } catch let error as RemoteStoreError {
      if case .unreachable = error { throw error }
      self.init(collection, records: nil, problem: "\(error)")
    }
  }

  private var configuration: CollectionConfiguration { collection.configuration }

  var json: JSON {
    [
      "name": .string(collection.name), "id": .string(collection.id),
      "tenant": .string(configuration.namespace.tenant),
      "database": .string(configuration.namespace.database),
      "records": records.map { JSON($0) } ?? .null,
      "dimension": configuration.dimension.map { JSON($0) } ?? .null,
      "distance": .string(configuration.distance.rawValue), "embedder": configuration.embedder?.json ?? .null,
      "metadata": configuration.metadata.json,
    ]
  }

  /// The description as one of a list's.
  var listed: JSON {
    guard let problem, var object = json.objectValue else { return json }
    object["problem"] = .string(problem)
    return .object(object)
  }

  /// A line of the list.
  var row: [String] {
    [
      printable(collection.name), records.map { "\($0)" } ?? "?",
      configuration.dimension.map { "\($0)" } ?? "",
      configuration.distance.rawValue, printable(configuration.embedder?.name ?? ""),
      configuration.namespace == .default ? "" : printable("\(configuration.namespace)"),
    ]
  }

  static let headings = ["collection", "records", "dimension", "distance", "embedder", "namespace"]

  /// The columns of the names of what is described.
  static let labelWidth = 13

  func text(_ style: Style) -> String {
    var lines = [
      ("records", records.map { "\($0)" } ?? "?"), ("id", collection.id),
      ("namespace", "\(configuration.namespace)"),
      ("vectors", configuration.dimension.map { "\($0) numbers" } ?? "none yet"),
      ("distance", configuration.distance.rawValue),
      (
        "embedder",
        configuration.embedder.map { "\($0), \($0.precision)" } ?? "none: vectors come from elsewhere"
      ),
    ]
    if !configuration.metadata.isEmpty {
      lines.append(("metadata", configuration.metadata.json.serialized()))
    }
    return style.bold(printable(collection.name)) + "\n"
      + lines.map { name, value in
        "  " + name + String(repeating: " ", count: Self.labelWidth - 2 - name.count) + printable(value)
          + "\n"
      }.joined()
  }
}

extension EmbedderIdentity {
  fileprivate var json: JSON {
    [
      "name": .string(name), "revision": .string(revision), "maximum_tokens": JSON(maximumTokens),
      "precision": .string(precision),
    ]
  }
}
