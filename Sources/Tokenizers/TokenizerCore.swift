import Synchronization

/// How a normalized text becomes ids.
enum TokenizerModel: Sendable {
  /// Pieces by a pattern, then byte pairs; digits apart first where the model wants that.
  case bytePairs(BytePairModel, PatternScanner, digitsApart: Bool)
  /// Pieces by several steps, then byte pairs.
  case cutBytePairs(BytePairModel, [TextCut])
  /// BERT's words.
  case words(WordPieceModel)
  /// Pieces by a pre-tokenizer, then a model of subwords.
  case pieces(SubwordModel, PreTokenizer)

  /// Whether it matters that the first piece begins where the text as given does.
  var asksForOrigin: Bool {
    if case .pieces(_, let preTokenizer) = self { preTokenizer.asksForOrigin } else { false }
  }
}

/// What all copies of a tokenizer share.
final class TokenizerCore: Sendable {
  let spellings: PackedStrings
  let normalizer: Normalizer
  let model: TokenizerModel
  let added: AddedTokens
  /// What each token adds to a text, in bytes; special tokens as they are spelled.
  let decoded: PackedStrings
  let decoder: TokenDecoder
  let template: EncodingTemplate
  private let spellingTable: TokenTable
  private let scratches = Mutex<[EncodingScratch]>([])

  init(
    spellings: PackedStrings, normalizer: Normalizer, model: TokenizerModel, added: [AddedTokens.Token],
    decoder: TokenDecoder, template: EncodingTemplate = EncodingTemplate()
  ) {
    self.spellings = spellings
    self.normalizer = normalizer
    self.model = model
    self.added = AddedTokens(added, normalizer: normalizer)
    self.decoder = decoder
    self.template = template
    spellingTable = TokenTable(spellings)
    let special = self.added.specialIDs
    var decoded = PackedStrings()
    decoded.reserveCapacity(strings: spellings.count, bytes: spellings.count * 8)
    for index in spellings.indices {
      let spelling = spellings.bytes(at: index)
      if special.contains(TokenID(index)) {
        decoded.append(spelling)
      } else {
        decoded.append(decoder.bytes(of: spelling, isFirst: false))
      }
    }
    self.decoded = decoded
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
  var pieces: [Range<Int>] = []
  private var words = WordBuffers(cache: WordCache())

  /// Lends the buffers that every word needs, as values: reading them through a class costs more than the word.
  func withWordBuffers(_ body: (inout WordBuffers) -> Void) {
    var own = WordBuffers(cache: .empty)
    swap(&own, &words)
    body(&own)
    swap(&own, &words)
  }
}

/// What encoding a word needs.
struct WordBuffers {
  var cache: WordCache
  var ends: [Int] = []
}
