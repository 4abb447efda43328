import MartletDocuments
import MartletEmbedding

/// What would be taken from a file into an index: to see what was extracted and how it is cut, without a store.
public struct DocumentPreview: Sendable, Equatable {
  /// The absolute path.
  public var path: String
  /// Kind, title, warnings, and for a PDF the characters of each page.
  public var summary: DocumentSummary
  /// The passages, in the order of the file.
  public var chunks: [Chunk]

  /// What the walk over the paths comes to.
  public enum Event: Sendable, Equatable {
    /// A file that was read.
    case document(DocumentPreview)
    /// A file or folder that could not be read.
    case failed(DocumentError)
    /// A file or folder that is passed over.
    case skipped(IndexReport.Skipped)
  }

  /// Reads files and folders as ``Library/index(_:settings:progress:)`` does, and hands over what it finds.
  ///
  /// Each document is held in memory as a whole.
  /// - Parameters:
  ///   - paths: Files and folders.
  ///   - settings: How they are read and cut.
  ///   - embedder: The model in whose tokens chunks are measured.
  ///   - body: Called for each file and each thing passed over, in order.
  /// - Throws: What `body` throws, or `CancellationError`.
  public static func of(
    _ paths: [String], settings: IndexSettings = IndexSettings(), embedder: any PassageEmbedder,
    _ body: (Event) throws -> Void
  ) throws {
    let chunker = settings.chunker(embedder)
    let walker = FileWalker(exclude: settings.exclude, honoursGitignore: settings.honoursGitignore)
    try walker.walk(paths) { entry in
      try Task.checkCancellation()
      switch entry {
      case .skipped(let path, .unreadable(let problem)):
        try body(.failed(DocumentError(path: path, problem: problem)))
      case .skipped(let path, let reason): try body(.skipped(.init(path: path, reason: reason)))
      case .file(let file):
        let document: LoadedDocument
        do throws(DocumentError) { document = try DocumentLoader().load(file.path, as: file.kind) } catch {
          if error.problem == .cancelled { throw CancellationError() }
          return try body(.failed(error))
        }
        let chunks = chunker.chunks(of: document)
        try body(.document(.init(path: file.path, summary: document.summary, chunks: chunks)))
      }
    }
  }
}
