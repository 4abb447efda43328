import MartletTokenizers

/// The prompt that an example asks a model, and what the example answers.
///
/// The answer is the last run of tokens that count, without the token that ends it. Of text, which counts as a whole, it is
/// the line after the middle.
struct AnswerPrompt: Sendable, Equatable {
  let tokens: [TokenID]
  /// The prompt's tokens as text, special ones among them.
  let text: String
  /// The answer, as far as it is compared.
  let expected: String
  /// Whether one line is all that is asked for.
  let isLine: Bool

  /// nil where an example has no prompt or no answer.
  /// - Parameter maximumTokens: As much of the answer is compared.
  init?(_ example: TrainingExample, _ tokenizer: Tokenizer, maximumTokens: Int) {
    guard let last = example.counts.lastIndex(of: true) else { return nil }
    var start = last
    while start > 0, example.counts[start - 1] { start -= 1 }
    isLine = start <= 1
    if isLine {
      guard let line = Self.line(of: example.tokens, from: example.tokens.count / 2, tokenizer) else {
        return nil
      }
      start = line
    }
    guard start > 0 else { return nil }
    let answer = example.tokens[start...last].prefix(maximumTokens)
    tokens = Array(example.tokens[..<start])
    text = tokenizer.decode(tokens, skipSpecialTokens: false)
    let said = Self.text(of: answer, tokenizer)
    expected = isLine ? Self.line(said) : said
    guard expected.contains(where: { !$0.isWhitespace }) else { return nil }
  }

  /// The place after the first line break from `middle` on that is followed by something.
  private static func line(of tokens: [TokenID], from middle: Int, _ tokenizer: Tokenizer) -> Int? {
    guard middle > 0 else { return nil }
    return (middle..<tokens.count).first { tokenizer.bytes(of: tokens[$0 - 1]).last == 0x0A }
  }

  /// Tokens as text, up to the first special one.
  static func text(of tokens: some Sequence<TokenID>, _ tokenizer: Tokenizer) -> String {
    var decoder = tokenizer.makeStreamingDecoder(continuesText: true)
    var text = ""
    for token in tokens {
      if tokenizer.isSpecial(token) { break }
      text += decoder.append(token)
    }
    return text + decoder.finish()
  }

  /// As much of an answer as is compared.
  func comparable(_ answer: String) -> String { isLine ? Self.line(answer) : answer }

  private static func line(_ text: String) -> String {
    String(text.drop(while: \.isNewline).prefix { !$0.isNewline })
  }
}
