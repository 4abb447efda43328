import Foundation

/// Where pulled models live: a folder each, under its name, complete or not there at all.
public struct ModelCache: Sendable {
  /// The folder that holds the models' folders.
  public let root: String
  /// The variables that say where the hub is, and who asks.
  let environment: [String: String]

  /// The cache under `root`, or by default under `MARTLET_HOME`, else `XDG_CACHE_HOME`, else `~/.cache`.
  public init(root: String? = nil, environment: [String: String] = ProcessInfo.processInfo.environment) {
    self.root = root ?? Self.home(environment) + "/models"
    self.environment = environment
  }

  /// The folder under which Martlet keeps what it fetched.
  package static func home(_ environment: [String: String]) -> String {
    if let home = environment["MARTLET_HOME"], !home.isEmpty { return home }
    // The XDG specification says that a relative path is to be ignored.
    if let base = environment["XDG_CACHE_HOME"], base.hasPrefix("/") { return "\(base)/martlet" }
    return "\(environment["HOME"] ?? NSHomeDirectory())/.cache/martlet"
  }

  /// A model of the cache.
  public struct InstalledModel: Sendable, Equatable {
    /// Its name.
    public let name: String
    /// Its folder.
    public let path: String
    /// The bytes that its files take.
    public let byteCount: Int
  }

  /// The standard catalogue, with the entries of a `catalogue.json` beside the models, if there is one.
  public func catalogue() throws(CheckpointError) -> Catalogue {
    let standard = try Catalogue.standard()
    let folder = ModelFolder(path: root)
    guard let bytes = try folder.bytes("catalogue.json") else { return standard }
    return standard.merging(try Catalogue(json: bytes, file: folder.path(of: "catalogue.json")))
  }

  /// The folder of a model, whether it is there or not.
  public func path(of entry: CatalogueEntry) -> String { "\(root)/\(entry.name)" }

  /// Whether a model is there, with all its files in the sizes that the catalogue states.
  public func isInstalled(_ entry: CatalogueEntry) -> Bool {
    entry.files.allSatisfy { file in
      guard let size = FileSystem.size("\(path(of: entry))/\(file.name)") else { return false }
      return file.size == nil || file.size == size
    }
  }

  /// The models that are there, by name, also those that no catalogue lists.
  public func installed() throws(CheckpointError) -> [InstalledModel] {
    guard FileSystem.isFolder(root) else { return [] }
    var models: [InstalledModel] = []
    for name in try FileSystem.names(in: root)
    where !name.hasPrefix(".") && FileSystem.isFolder("\(root)/\(name)") {
      let path = "\(root)/\(name)"
      models.append(InstalledModel(name: name, path: path, byteCount: FileSystem.byteCount(under: path)))
    }
    return models.sorted { $0.name < $1.name }
  }

  /// Removes a model, and what a broken-off pull has left of it.
  /// - Returns: The bytes that became free.
  /// - Throws: ``CheckpointError`` where there is no such model, or it cannot be removed.
  @discardableResult
  public func remove(_ name: String) throws(CheckpointError) -> Int {
    try requireKept(name)
    let name = try catalogue().find(name)?.name ?? name
    let staging = PullFolder(of: name, in: root).path
    let folder = "\(root)/\(name)"
    let lock = try FileLock("\(root)/.\(name).lock", waiting: {})
    defer { lock.release() }
    let freed = FileSystem.byteCount(under: folder) + FileSystem.byteCount(under: staging)
    // Renamed first, so that nobody ever finds half a model.
    let trash = "\(root)/.\(name).removed"
    try FileSystem.remove(trash)
    if FileSystem.isFolder(folder) { try FileSystem.rename(folder, to: trash) }
    try FileSystem.remove(trash)
    try FileSystem.remove(staging)
    return freed
  }

  /// Checks that a model, or what a broken-off pull has left of it, is in the cache.
  /// - Throws: ``CheckpointError/notFound(_:advice:)`` where it is not.
  public func requireKept(_ name: String) throws(CheckpointError) {
    let name = try catalogue().find(name)?.name ?? name
    guard !name.isEmpty, !name.contains("/"), !name.hasPrefix("."),
      FileSystem.isFolder("\(root)/\(name)") || FileSystem.isFolder(PullFolder(of: name, in: root).path)
    else {
      throw .notFound(
        "The model \"\(name)\" is not in \(root)", advice: "`martlet models` lists those that are.")
    }
  }
}
