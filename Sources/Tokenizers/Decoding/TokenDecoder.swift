/// How ids become text again: what a token adds to the text before it, as the decoders of Hugging Face `tokenizers`
/// have it.
struct TokenDecoder: Sendable, Equatable {
  enum Step: Sendable, Equatable {
    /// The alphabet of byte-level vocabularies, to bytes.
    case byteLevel
    /// A token with the prefix continues a word, others have a space before them; `cleansUp` takes that of English
    /// punctuation off again.
    case words(prefix: [UInt8], cleansUp: Bool)
    /// A sign for a space; in the first token it is dropped where `dropsFirst`.
    case metaspace(replacement: [UInt8], dropsFirst: Bool)
    /// `<0x0A>` to its byte.
    case bytes
    case replace(pattern: [UInt8], content: [UInt8])
    /// At most so many of a character off the ends of each token.
    case strip(content: [UInt8], start: Int, stop: Int)
    /// A space between tokens, where a file names no decoder.
    case spaced
  }

  var steps: [Step]
  /// What is taken off the beginning of the whole text, and how often at most.
  var leading: (content: [UInt8], count: Int) = ([], 0)

  init(_ steps: [Step], leading: (content: [UInt8], count: Int) = ([], 0)) {
    self.steps = steps
    self.leading = leading
  }

  /// SentencePiece's: "▁" is a space, `<0x0A>` a byte, and the space that encoding put in front goes.
  static func sentencePiece(dropsFirstSpace: Bool) -> TokenDecoder {
    TokenDecoder(
      [.replace(pattern: Array("▁".utf8), content: [0x20]), .bytes],
      leading: ([0x20], dropsFirstSpace ? 1 : 0))
  }

  static func == (left: TokenDecoder, right: TokenDecoder) -> Bool {
    left.steps == right.steps && left.leading == right.leading
  }

  /// The bytes that a token adds to a text, or begins it with.
  func bytes(of spelling: ArraySlice<UInt8>, isFirst: Bool) -> [UInt8] {
    var bytes = Array(spelling)
    for step in steps {
      switch step {
      case .byteLevel: bytes = ByteAlphabet.decode(bytes[...])
      case .words(let prefix, let cleansUp):
        if !isFirst {
          bytes = bytes.starts(with: prefix) ? Array(bytes.dropFirst(prefix.count)) : [0x20] + bytes
        }
        if cleansUp { Self.cleanUp(&bytes) }
      case .metaspace(let replacement, let dropsFirst):
        Self.replace(replacement, with: isFirst && dropsFirst ? [] : [0x20], in: &bytes)
      case .bytes: if let byte = ByteTokens.byte(of: bytes) { bytes = [byte] }
      case .replace(let pattern, let content): Self.replace(pattern, with: content, in: &bytes)
      case .strip(let content, let start, let stop): Self.strip(content, start, stop, &bytes)
      case .spaced: if !isFirst { bytes.insert(0x20, at: 0) }
      }
    }
    return bytes
  }

  /// What stands between two tokens that are no text themselves.
  var separator: [UInt8] {
    for step in steps {
      switch step {
      case .words, .spaced: return [0x20]
      default: continue
      }
    }
    return []
  }

  private static func strip(_ content: [UInt8], _ start: Int, _ stop: Int, _ bytes: inout [UInt8]) {
    guard !content.isEmpty else { return }
    for _ in 0..<start where bytes.starts(with: content) { bytes.removeFirst(content.count) }
    for _ in 0..<stop where bytes.suffix(content.count).elementsEqual(content) {
      bytes.removeLast(content.count)
    }
  }

  private static func replace(_ pattern: [UInt8], with content: [UInt8], in bytes: inout [UInt8]) {
    guard let first = pattern.first, bytes.contains(first) else { return }
    var result: [UInt8] = []
    var index = 0
    while index < bytes.count {
      if bytes[index...].starts(with: pattern) {
        result += content
        index += pattern.count
      } else {
        result.append(bytes[index])
        index += 1
      }
    }
    bytes = result
  }

  /// What `transformers` calls `clean_up_tokenization`, on one token.
  private static func cleanUp(_ bytes: inout [UInt8]) {
    // Nearly no token has any of them, and a vocabulary is long.
    let mayMatch = bytes.indices.dropFirst().contains { index in
      guard bytes[index - 1] == 0x20 else { return false }
      switch bytes[index] {
      case 0x21, 0x27, 0x2C, 0x2E, 0x3F, 0x64, 0x6E: return true
      default: return false
      }
    }
    guard mayMatch else { return }
    for (pattern, content) in cleanings { replace(pattern, with: content, in: &bytes) }
  }

  private static let cleanings: [([UInt8], [UInt8])] = [
    (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"), (" 'm", "'m"),
    (" do not", " don't"), (" 's", "'s"), (" 've", "'ve"), (" 're", "'re"),
  ].map { (Array($0.utf8), Array($1.utf8)) }
}
