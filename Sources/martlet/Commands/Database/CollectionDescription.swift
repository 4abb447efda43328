import JSON
import VectorStore

/// What is to be known of a collection, for people and for programs.
struct CollectionDescription {
  let collection: any RecordCollection
  let records: Int

  init(_ collection: any RecordCollection) throws {
    self.collection = collection
    records = try collection.count()
  }

  private var configuration: CollectionConfiguration { collection.configuration }

  var json: JSON {
    [
      "name": .string(collection.name), "id": .string(collection.id),
      "tenant": .string(configuration.namespace.tenant),
      "database": .string(configuration.namespace.database),
      "records": JSON(records), "dimension": configuration.dimension.map { JSON($0) } ?? .null,
      "distance": .string(configuration.distance.rawValue), "embedder": configuration.embedder?.json ?? .null,
      "metadata": configuration.metadata.json,
    ]
  }

  /// A line of the list.
  var row: [String] {
    [
      printable(collection.name), "\(records)", configuration.dimension.map { "\($0)" } ?? "",
      configuration.distance.rawValue, printable(configuration.embedder?.name ?? ""),
      configuration.namespace == .default ? "" : printable("\(configuration.namespace)"),
    ]
  }

  static let headings = ["collection", "records", "numbers", "distance", "embedder", "namespace"]

  /// The columns of the names of what is described.
  static let labelWidth = 13

  func text(_ style: Style) -> String {
    var lines = [
      ("records", "\(records)"), ("id", collection.id), ("namespace", "\(configuration.namespace)"),
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
