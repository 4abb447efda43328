extension CatalogueFile {
  /// Holds what a source delivered to the catalogue's size and SHA-256.
  /// - Parameter stated: The SHA-256 that the source itself states, for files whose hash the catalogue does not know.
  /// - Throws: ``CheckpointError/unavailable(_:)`` that says how it differs; ``CheckpointError/cancelled``.
  func verify(
    at path: String, stated: String? = nil, progress: PullObserver
  ) throws(CheckpointError) {
    guard let found = FileSystem.size(path) else { throw .unavailable("it does not hold \(name)") }
    if let size, size != found {
      throw .unavailable("its \(name) has \(found) bytes instead of \(size): it is another file")
    }
    guard let expected = sha256 ?? stated else { return }
    let hash = try SHA256.hexadecimal(ofFile: path) { bytes throws(CheckpointError) in
      if Task.isCancelled { throw .cancelled }
      progress(PullProgress(phase: .checking, bytes: bytes, total: found))
    }
    guard hash == expected else {
      throw .unavailable(
        "its \(name) has the SHA-256 \(hash), not \(expected): it is damaged, or another file")
    }
  }
}
