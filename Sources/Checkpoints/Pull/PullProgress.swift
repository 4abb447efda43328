/// How far a pull has come.
public struct PullProgress: Sendable, Equatable {
  /// What is being done.
  public enum Phase: Sendable, Equatable {
    /// Another process pulls the same model; this one waits for it.
    case waiting
    /// Packages or files are on their way from this source.
    case fetching(source: String)
    /// The connection failed for this reason; it is tried again after a pause.
    case retrying(reason: String)
    /// The model's files are taken out of what came.
    case unpacking
    /// Their SHA-256 is compared with the catalogue's.
    case checking
  }

  /// What is being done.
  public var phase: Phase
  /// The bytes of this phase that are done.
  public var bytes = 0
  /// The bytes of this phase in all, where that is known; for packages, those of the files in them.
  public var total: Int?
}

/// Is told of progress.
typealias PullObserver = @Sendable (PullProgress) -> Void
