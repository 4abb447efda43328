import Foundation
import MartletCheckpoints
import MartletJSON

/// Where pulled data sets live: a folder each, with a file of JSON lines for each part and a manifest.
public struct DatasetCache: Sendable {
  /// The folder that holds the data sets' folders.
  public let root: String
  /// The variables that say where the data server is, and who asks.
  let environment: [String: String]

  /// The cache under `root`, or by default `datasets` under `MARTLET_HOME`, else `XDG_CACHE_HOME`, else `~/.cache`.
  public init(root: String? = nil, environment: [String: String] = ProcessInfo.processInfo.environment) {
    self.root = root ?? ModelCache.home(environment) + "/datasets"
    self.environment = environment
  }

  /// The folder of a data set, whether it is there or not.
  public func path(of entry: DatasetEntry) -> String { "\(root)/\(entry.name)" }

  /// The files of the parts that are there, by the parts' names.
  public func files(of entry: DatasetEntry) -> [String: String] {
    var files: [String: String] = [:]
    for split in entry.splits {
      let path = "\(path(of: entry))/\(split.name).jsonl"
      if FileSystem.size(path) != nil { files[split.name] = path }
    }
    return files
  }

  /// What the cache has of a data set; nil where there is nothing.
  /// - Throws: ``DatasetError/malformed(file:line:problem:)`` for a manifest that is none.
  public func manifest(of entry: DatasetEntry) throws(DatasetError) -> DatasetManifest? {
    let path = manifestPath(entry)
    guard FileSystem.size(path) != nil else { return nil }
    guard let bytes = FileManager.default.contents(atPath: path),
      let value = try? JSON(parsing: Array(bytes)),
      let manifest = DatasetManifest(value)
    else {
      throw .malformed(
        file: path, line: nil, problem: "it is no manifest of a data set; remove its folder and pull again")
    }
    return manifest
  }

  func manifestPath(_ entry: DatasetEntry) -> String { "\(path(of: entry))/manifest.json" }
}

/// What was pulled of a data set, from where, and when: `manifest.json` beside its files.
public struct DatasetManifest: Sendable, Equatable {
  /// The data set's name.
  public var name: String
  /// Its licence.
  public var license: String
  /// The parts that were pulled, by name.
  public var splits: [String: Split]

  /// A part that was pulled.
  public struct Split: Sendable, Equatable {
    /// Its rows.
    public var rows: Int
    /// The bytes of its file.
    public var bytes: Int
    /// The SHA-256 of its file, in hexadecimal.
    public var sha256: String
    /// Where it came from.
    public var source: String
    /// Whether what came was held to a SHA-256 of the catalogue, and not only to the number of its rows.
    public var isPinned: Bool
    /// When it came, in ISO 8601.
    public var date: String
  }

  init(name: String, license: String, splits: [String: Split]) {
    (self.name, self.license, self.splits) = (name, license, splits)
  }

  init?(_ value: JSON) {
    guard let name = value["dataset"]?.stringValue, let license = value["license"]?.stringValue,
      let members = value["splits"]?.objectValue
    else { return nil }
    var splits: [String: Split] = [:]
    for (key, item) in members {
      guard let rows = item["rows"]?.intValue, let bytes = item["bytes"]?.intValue,
        let hash = item["sha256"]?.stringValue, let source = item["source"]?.stringValue,
        let isPinned = item["pinned"]?.boolValue, let date = item["date"]?.stringValue
      else { return nil }
      splits[key] = Split(
        rows: rows, bytes: bytes, sha256: hash, source: source, isPinned: isPinned, date: date)
    }
    self.init(name: name, license: license, splits: splits)
  }

  /// The manifest as it is written.
  var json: JSON {
    var members = JSONObject()
    for (name, split) in splits.sorted(by: { $0.key < $1.key }) {
      let object: JSON = [
        "rows": JSON(split.rows), "bytes": JSON(split.bytes), "sha256": .string(split.sha256),
        "source": .string(split.source), "pinned": .bool(split.isPinned), "date": .string(split.date),
      ]
      members[name] = object
    }
    return ["dataset": .string(name), "license": .string(license), "splits": .object(members)]
  }
}
