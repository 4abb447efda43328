import MartletHTTPClient

/// Files that are fetched over HTTP, from the hub or from anywhere.
struct HTTPSource {
  /// What to fetch, in the order of the model's files.
  let requests: [DownloadRequest]
  let files: [CatalogueFile]
  /// The bytes of all files, where they are known.
  let byteCount: Int?
  let title: String
  let patience: HTTPPatience

  /// The bytes that are still to come, where that is known.
  func missingBytes(in folder: PullFolder) -> Int? {
    var sum = 0
    for (number, file) in files.enumerated() {
      guard let size = file.size else { return nil }
      let path = folder.download(of: file, number: number, from: requests[number].address)
      sum += max(0, size - (FileSystem.size(path) ?? 0))
    }
    return sum
  }

  /// Fetches and checks all files, then moves them to where the model is made.
  /// - Throws: ``CheckpointError/unavailable(_:)`` where the source does not deliver; what came of it is kept.
  func fetch(into folder: PullFolder, progress: @escaping PullObserver) throws(CheckpointError) {
    try FileSystem.makeFolder(folder.downloads)
    var paths: [String] = []
    var done = 0
    // Files whose SHA-256 nobody knows are all taken from the commit that the first was of.
    var commit: String?
    for number in files.indices {
      let request = commit.flatMap { requests[number].atCommit?($0) } ?? requests[number]
      let path = folder.download(of: files[number], number: number, from: request.address)
      let fetched = try fetch(number, request, to: path, after: done, progress: progress)
      done += fetched.bytes
      if !request.isPinned { commit = commit ?? fetched.commit }
      paths.append(path)
    }
    for (file, path) in zip(files, paths) { try FileSystem.rename(path, to: folder.target(file.name)) }
  }

  private func fetch(
    _ number: Int, _ request: DownloadRequest, to path: String, after done: Int,
    progress: @escaping PullObserver
  ) throws(CheckpointError) -> (bytes: Int, commit: String?) {
    let partial = PartialFile(path: path)
    partial.expectedSize = files[number].size
    let early = partial.size
    do throws(CheckpointError) {
      return try fetchOnce(number, request, partial, after: done, progress: progress)
    } catch .unavailable(let reason) where early > 0 && partial.size == 0 {
      // Bytes of an earlier run were not what they should be. Those of this one may be.
      progress(PullProgress(phase: .retrying(reason: reason)))
      return try fetchOnce(number, request, partial, after: done, progress: progress)
    }
  }

  private func fetchOnce(
    _ number: Int, _ request: DownloadRequest, _ partial: PartialFile, after done: Int,
    progress: @escaping PullObserver
  ) throws(CheckpointError) -> (bytes: Int, commit: String?) {
    let known = byteCount
    let isOnlyFile = files.count == 1
    let fetching = PullProgress.Phase.fetching(source: title)
    let download = HTTPDownload(
      request, into: partial, patience: patience,
      progress: { bytes, total in
        progress(
          PullProgress(phase: fetching, bytes: done + bytes, total: known ?? (isOnlyFile ? total : nil)))
      },
      retrying: {
        progress(PullProgress(phase: .retrying(reason: $0), bytes: done + partial.size, total: known))
      }
    )
    do throws(HTTPFailure) { try download.run() } catch { throw Self.error(error) }
    do throws(CheckpointError) {
      try files[number].verify(at: partial.path, stated: download.statedSHA256, progress: progress)
    } catch .unavailable(let reason) {
      try partial.restart()
      throw .unavailable(reason + ". What came is deleted")
    }
    return (partial.size, download.statedCommit)
  }

  private static func error(_ failure: HTTPFailure) -> CheckpointError {
    switch failure {
    case .cancelled: .cancelled
    case .unreachable(let reason), .passing(let reason, _), .lasting(let reason): .unavailable(reason)
    case .local(let error): error
    }
  }
}
