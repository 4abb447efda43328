import MartletDocuments

/// What an indexing run did, and what it could not do.
public struct IndexReport: Sendable, Equatable {
  /// A file, and what is to be said of it.
  public struct Note: Sendable, Equatable {
    /// The absolute path.
    public var path: String
    /// What happened, to be read after the path.
    public var text: String

    /// A note about a file.
    public init(path: String, text: String) {
      self.path = path
      self.text = text
    }
  }

  /// A file or folder that was passed over, and why.
  public struct Skipped: Sendable, Equatable {
    /// The absolute path.
    public var path: String
    /// Why.
    public var reason: FileWalker.Reason
  }

  /// Files that were not in the index before.
  public var addedCount = 0
  /// Files whose content, or the way to cut it, has changed.
  public var changedCount = 0
  /// Files that are as they were.
  public var unchangedCount = 0
  /// Files that were in the index and are gone, or are to be left out now: in a folder, or named themselves.
  public var removedPaths: [String] = []
  /// Files and folders that could not be read. Of one that is merely out of reach the old passages stay; of one that
  /// has become unreadable in itself they go.
  public var failures: [DocumentError] = []
  /// Of those the paths that were named, and do not exist or cannot be read: an error, where the others are not.
  public var failedRoots: [DocumentError] = []
  /// What was passed over.
  public var skipped: [Skipped] = []
  /// What a person should know of files that were read: guessed encodings, pages without text, no text at all.
  public var warnings: [Note] = []
  /// Files whose text is mostly in a language that the embedder does not know, by the language's name.
  public var foreignPaths: [String: [String]] = [:]
  /// Chunks that were embedded.
  public var chunkCount = 0
  /// Tokens of those chunks.
  public var tokenCount = 0
  /// Chunks that were taken over from another file with the same content, without being embedded again.
  public var reusedChunkCount = 0
  /// Messages of mail that several files have, or one file has twice: those copies that were left out.
  public var duplicateMessageCount = 0
  /// Chunks of which the embedder read only the beginning. None, as chunks are measured with its tokenizer.
  public var truncatedChunkCount = 0
  /// How long it took.
  public var seconds = 0.0
}

/// How far an indexing run is.
public struct IndexProgress: Sendable, Equatable {
  /// Bytes of the files that need reading whose passages are embedded, or which turned out to have none to embed.
  public var doneBytes: Int
  /// All bytes that need reading.
  public var totalBytes: Int
  /// Files that are done, of those that need reading: their passages are in the collection, durably.
  public var doneFiles: Int
  /// Files that need reading.
  public var totalFiles: Int
  /// Chunks that have been embedded.
  public var chunkCount: Int
  /// The file at hand.
  public var path: String
}
