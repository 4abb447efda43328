/// The regular expressions that byte-level tokenizers split text with, as one scanner with switches.
///
/// They are all relatives of GPT-2's: contractions, letters, numbers, other signs, white space. A
/// scanner over bytes is many times faster than an engine for regular expressions.
struct SplitPattern: Sendable, Equatable {
  enum Contractions: Sendable { case none, lowercase, anyCase }
  enum Letters: Sendable {
    /// ` ?\p{L}+`
    case afterSpace
    /// `[^\r\n\p{L}\p{N}]?\p{L}+`
    case afterAnySign
    /// The same with `[\p{L}\p{M}]+`.
    case withMarksAfterAnySign
    /// Capitals, then small letters: the words of `camelCase` apart.
    case cased
  }

  /// `'s`, `'ll`, … as pieces of their own.
  var contractions: Contractions
  /// What a word is, and what may stand before it.
  var letters: Letters
  /// How many digits make a piece.
  var maximumDigits: Int
  /// Whether a space belongs to the number behind it.
  var spaceBeforeNumber: Bool
  /// Line breaks (and slashes) that belong to the signs before them.
  var signsTakeLineBreaks: Bool
  var signsTakeSlashes = false
  /// `\s*[\r\n]+` as a piece.
  var lineBreaksApart: Bool
  /// A contraction belongs to the word before it.
  var contractionsEndWords = false

  static let gpt2 = SplitPattern(
    contractions: .lowercase, letters: .afterSpace, maximumDigits: .max, spaceBeforeNumber: true,
    signsTakeLineBreaks: false, lineBreaksApart: false)
  static let llama3 = SplitPattern(
    contractions: .anyCase, letters: .afterAnySign, maximumDigits: 3, spaceBeforeNumber: false,
    signsTakeLineBreaks: true, lineBreaksApart: true)
  static let qwen2 = llama3.with { $0.maximumDigits = 1 }
  static let qwen35 = qwen2.with { $0.letters = .withMarksAfterAnySign }
  static let gpt4o = llama3.with {
    $0.contractions = .none
    $0.letters = .cased
    $0.signsTakeSlashes = true
    $0.contractionsEndWords = true
  }
  static let tekken = gpt4o.with {
    $0.maximumDigits = 1
    $0.contractionsEndWords = false
  }

  private func with(_ change: (inout SplitPattern) -> Void) -> SplitPattern {
    var copy = self
    change(&copy)
    return copy
  }
}

extension SplitPattern {
  /// The patterns by the text they have in published `tokenizer.json` files.
  static let published: [(text: String, pattern: SplitPattern)] = [
    (#"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#, .gpt2),
    (#"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#, .gpt2),
    (
      #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#,
      .llama3
    ),
    (
      #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#,
      .qwen2
    ),
    (
      #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#,
      .qwen35
    ),
    (
      #"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"#,
      .gpt4o
    ),
    (
      #"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"#,
      .tekken
    ),
  ]
}
