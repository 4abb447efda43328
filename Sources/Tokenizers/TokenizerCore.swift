import Synchronization

/// How the pieces of a normalized text become ids.
enum TokenizerModel: Sendable {
  /// Pieces by a pattern, then byte pairs; digits apart first where the model wants that.
  case bytePairs(BytePairModel, PatternScanner, digitsApart: Bool)
  case wordPiece(WordPieceModel)
  case sentencePiece(SentencePieceModel)
}

/// How ids become text again.
enum TextDecoding: Sendable {
  /// A token is its bytes.
  case bytes
  /// "##" continues a word; other tokens have a space before them, but for some that English writes together.
  case words(cleansUp: Bool)
  /// "▁" is a space, and "<0x0A>" is a byte; a first space is dropped where encoding had put one there.
  case sentencePiece(dropsFirstSpace: Bool)
}

/// What all copies of a tokenizer share.
final class TokenizerCore: Sendable {
  let spellings: PackedStrings
  let normalizer: Normalizer
  let model: TokenizerModel
  let added: AddedTokens
  /// What each token stands for, in bytes.
  let decoded: PackedStrings
  let decoding: TextDecoding
  let prefix: [TokenID]
  let suffix: [TokenID]
  private let spellingTable: TokenTable
  private let scratches = Mutex<[EncodingScratch]>([])

  init(
    spellings: PackedStrings, decoded: PackedStrings, normalizer: Normalizer, model: TokenizerModel,
    added: [AddedTokens.Token], decoding: TextDecoding, prefix: [TokenID], suffix: [TokenID]
  ) {
    self.spellings = spellings
    self.decoded = decoded
    self.normalizer = normalizer
    self.model = model
    self.added = AddedTokens(added)
    self.decoding = decoding
    self.prefix = prefix
    self.suffix = suffix
    spellingTable = TokenTable(spellings)
  }

  var vocabularySize: Int { spellings.count }

  func id(of spelling: String) -> TokenID? { spellingTable.find(spelling.utf8) }

  /// Lends buffers to one call; they come back for the next one.
  func withScratch<R>(_ body: (EncodingScratch) -> R) -> R {
    let scratch = scratches.withLock { $0.popLast() } ?? EncodingScratch()
    defer { scratches.withLock { $0.append(scratch) } }
    return body(scratch)
  }
}

/// The buffers of one call. A core lends each to one call at a time.
final class EncodingScratch: @unchecked Sendable {
  var text = MappedText()
  var spare = MappedText()
  var cache = WordCache()
  var ends: [Int] = []
}
