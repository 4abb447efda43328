import MartletJSON

/// The models that can be pulled by name.
public struct Catalogue: Sendable {
  /// The models, in the order of the file.
  public let entries: [CatalogueEntry]

  /// The catalogue that Martlet comes with: `catalogue.json`.
  public static func standard() throws(CheckpointError) -> Catalogue {
    try Catalogue(json: PackageResources.catalogue_json, file: "catalogue.json")
  }

  /// A catalogue from its JSON.
  /// - Throws: ``CheckpointError`` that names the entry and member which are wrong.
  public init(json bytes: [UInt8], file: String) throws(CheckpointError) {
    let value: JSON
    do throws(JSONError) { value = try JSON(parsing: bytes) } catch {
      throw .malformed(
        file: file, field: "line \(error.line)", offset: error.byteOffset, problem: "\(error.problem)")
    }
    let reader = CatalogueReader(file: file)
    var entries: [CatalogueEntry] = []
    for model in try reader.list(value, "models") { entries.append(try reader.entry(model)) }
    self.init(entries: entries)
  }

  /// A catalogue of these models.
  public init(entries: [CatalogueEntry]) { self.entries = entries }

  /// This catalogue with `other`'s entries, which take the place of those of the same names.
  public func merging(_ other: Catalogue) -> Catalogue {
    let names = Set(other.entries.map(\.name))
    return Catalogue(entries: entries.filter { !names.contains($0.name) } + other.entries)
  }

  /// The model of a name or alias, in upper or lower case; nil where there is none.
  public func find(_ name: String) -> CatalogueEntry? {
    let wanted = name.lowercased()
    return entries.first { $0.name == wanted }
      ?? entries.first { $0.aliases.contains { $0.lowercased() == wanted } }
  }

  /// The model of a name or alias.
  /// - Throws: ``CheckpointError/notFound(_:advice:)`` with the nearest names.
  public func entry(named name: String) throws(CheckpointError) -> CatalogueEntry {
    if let entry = find(name) { return entry }
    let near = suggestions(for: name)
    throw .notFound(
      "There is no model \"\(name)\" in the catalogue",
      advice: near.isEmpty
        ? "`martlet models` lists the models that there are."
        : "Did you mean \(near.joined(separator: " or "))?")
  }

  /// Up to three names that are near to a misspelt one, the nearest first.
  public func suggestions(for name: String) -> [String] {
    let wanted = Array(name.lowercased().utf8.prefix(100))
    let scored = entries.map { entry -> (name: String, distance: Int) in
      let distances = ([entry.name] + entry.aliases).map { candidate in
        let candidate = Array(candidate.lowercased().utf8)
        return candidate.starts(with: wanted) && wanted.count >= 3 ? 1 : editDistance(wanted, candidate)
      }
      return (entry.name, distances.min() ?? Int.max)
    }
    return scored.filter { $0.distance <= max(2, wanted.count / 3) }
      .sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }.prefix(3).map(\.name)
  }
}

/// How many bytes must be put in, left out or changed to make `a` of `b` (Levenshtein 1966).
private func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
  var row = Array(0...b.count)
  for (i, x) in a.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for (j, y) in b.enumerated() {
      let substituted = diagonal + (x == y ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = min(substituted, row[j] + 1, diagonal + 1)
    }
  }
  return row[b.count]
}
