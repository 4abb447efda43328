import MartletDocuments
import MartletEmbedding

/// How documents are read and cut.
public struct IndexSettings: Sendable, Equatable {
  /// Patterns in the language of `.gitignore` for files and folders to leave out.
  public var exclude: [String]
  /// Whether `.gitignore` files count.
  public var honoursGitignore: Bool
  /// The most tokens of a chunk; nil, or more than the embedder reads, takes what it reads.
  public var chunkTokens: Int?
  /// Tokens that a chunk repeats of the one before, where a passage had to be divided.
  public var overlapTokens: Int
  /// Whether unchanged files are read and embedded again too, and passages of a path dropped whose folder is gone as well.
  public var force: Bool
  /// Texts of more bytes than this are cut, embedded and written piece by piece, in memory that does not grow with them.
  public var streamedBytes: Int

  /// Settings; the defaults suit sentence embedders.
  public init(
    exclude: [String] = [], honoursGitignore: Bool = true, chunkTokens: Int? = nil, overlapTokens: Int = 32,
    force: Bool = false, streamedBytes: Int = 16 << 20
  ) {
    self.exclude = exclude
    self.honoursGitignore = honoursGitignore
    self.chunkTokens = chunkTokens
    self.overlapTokens = overlapTokens
    self.force = force
    self.streamedBytes = streamedBytes
  }

  /// Raised whenever loaders or chunker cut the same file differently, so that files are indexed anew.
  private static let version = 3

  func chunker(_ embedder: any PassageEmbedder) -> Chunker {
    let room = embedder.passageTokenLimit
    return Chunker(
      maximumTokens: min(chunkTokens ?? room, room), overlapTokens: overlapTokens,
      countTokens: { embedder.countTokens($0) })
  }

  /// What must be the same for a file's chunks to be the same.
  func key(_ chunker: Chunker) -> String {
    "\(Self.version) \(chunker.maximumTokens) \(chunker.overlapTokens)"
  }
}
