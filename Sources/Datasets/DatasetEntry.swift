/// A data set that can be pulled by its name.
public struct DatasetEntry: Sendable, Equatable {
  /// The name, in lower case: also that of its folder in the cache.
  public var name: String
  /// Other names that mean this data set.
  public var aliases: [String] = []
  /// One line for people.
  public var summary: String
  /// Its licence.
  public var license: String
  /// Its authors' page.
  public var homepage: String
  /// Its parts.
  public var splits: [Split]
  /// Where it can be had; tried in this order.
  public var sources: [DatasetSource]

  /// A part of a data set.
  public struct Split: Sendable, Equatable {
    /// Its name, such as `test`.
    public var name: String
    /// Its rows.
    public var rows: Int
    /// Whether it is pulled only where it is asked for by name.
    public var isOptional = false
  }

  /// Whether some source's SHA-256 of a part is known.
  public func isPinned(_ split: String) -> Bool { sources.contains { $0.file(of: split)?.sha256 != nil } }
}

/// A file of JSON lines that has a part of a data set.
public struct DatasetFile: Sendable, Equatable {
  /// Its address, or its path inside a Python package. Where it ends with `.gz`, gzip has compressed it.
  public var location: String
  /// Its length in bytes, where that is known.
  public var size: Int?
  /// Its SHA-256 in hexadecimal, where that is known.
  public var sha256: String?
}

/// A place that has a data set. Parts are named by their names in the catalogue.
public enum DatasetSource: Sendable, Equatable {
  /// Rows of the Hugging Face data server; `splits` gives its names of the parts.
  case rows(dataset: String, config: String, splits: [String: String])
  /// Files at addresses.
  case url([String: DatasetFile])
  /// Files in a Python package.
  case wheel(package: String, files: [String: DatasetFile])

  /// The kinds of sources, as `--source` names them.
  public enum Kind: String, Sendable, CaseIterable {
    /// The Hugging Face data server.
    case rows
    /// Addresses.
    case url
    /// Python packages.
    case wheel
  }

  /// The kind of this source.
  public var kind: Kind {
    switch self {
    case .rows: .rows
    case .url: .url
    case .wheel: .wheel
    }
  }

  /// Whether it has a part.
  public func has(_ split: String) -> Bool {
    if case .rows(_, _, let splits) = self { return splits[split] != nil }
    return file(of: split) != nil
  }

  /// The file of a part; nil for the data server, which has rows.
  public func file(of split: String) -> DatasetFile? {
    switch self {
    case .rows: nil
    case .url(let files), .wheel(_, let files): files[split]
    }
  }

  /// The source of a part in a few words.
  public func summary(of split: String) -> String {
    switch self {
    case .rows(let dataset, let config, _): "Hugging Face \(dataset), \(config)"
    case .url(let files): files[split]?.location ?? "an address"
    case .wheel(let package, _): "Python package \(package)"
    }
  }
}
