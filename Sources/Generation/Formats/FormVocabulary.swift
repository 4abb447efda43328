import MartletGrammars
import MartletTokenizers

/// What forms need to know of a model's tokens.
final class FormVocabulary: Sendable {
  /// The tokens as bytes.
  let tokens: GrammarVocabulary
  /// Each of them ends a completion.
  let endTokens: [TokenID]
  /// The tokens around what a model thinks; nil for a model that has no such tokens.
  let marks: CompletionForm.ThinkingMarks?
  /// The tokens that are white space alone.
  let blanks: [TokenID]
  /// What may come while a model thinks: all but special tokens, one of which would end the completion.
  let thinkingMask: TokenMask
  private let blankSet: Set<TokenID>

  init(_ tokenizer: Tokenizer) {
    let count = tokenizer.vocabularySize
    let marks = tokenizer.id(of: "<think>").flatMap { open in
      tokenizer.id(of: "</think>").map { CompletionForm.ThinkingMarks(open: open, close: $0) }
    }
    var tokens = [[UInt8]?](repeating: nil, count: count)
    var blanks: [TokenID] = []
    var thinkingMask = TokenMask(count: count)
    for id in 0..<count {
      let token = TokenID(id)
      let isMark = token == marks?.open || token == marks?.close
      if isMark { thinkingMask[id] = token == marks?.close }
      guard !isMark, !tokenizer.isSpecial(token) else { continue }
      let bytes = tokenizer.bytes(of: token)
      guard !bytes.isEmpty else { continue }
      tokens[id] = bytes
      thinkingMask[id] = true
      if bytes.allSatisfy({ $0 == 0x20 || 0x09...0x0D ~= $0 }) { blanks.append(token) }
    }
    endTokens = tokenizer.special.endOfGeneration.filter { 0..<count ~= Int($0) }.sorted()
    for token in endTokens {
      tokens[Int(token)] = nil
      thinkingMask[Int(token)] = false
    }
    self.tokens = GrammarVocabulary(tokens: tokens)
    self.marks = marks
    self.blanks = blanks
    self.thinkingMask = thinkingMask
    blankSet = Set(blanks)
  }

  func isBlank(_ token: TokenID) -> Bool { blankSet.contains(token) }
}
