import MartletGeneration
import MartletJSON
import MartletLanguageModels
import MartletTokenizers

/// Turns rows into tokens as the model sees them when it generates.
///
/// The tokens of a prompt are those that the prompt has alone, since generation begins after them; what follows are the
/// further tokens of the whole text. Where the whole text does not begin with the prompt's tokens (a prompt that ends in
/// a space, which would join the word after it), what follows is tokenized alone.
struct ExampleEncoder {
  /// What is odd about a row, to be reported once for all rows.
  enum Note: Hashable, CaseIterable {
    case repeatedBeginning
    case joinedBoundary
    case missingEnd
    case examplePerAnswer
    case templateWithoutEnd
  }

  let encoder: PromptEncoder
  let loss: TrainingDataOptions.Loss
  /// What was odd about the rows so far.
  private(set) var notes: [Note: Int] = [:]

  init(_ encoder: PromptEncoder, loss: TrainingDataOptions.Loss) {
    (self.encoder, self.loss) = (encoder, loss)
  }

  var tokenizer: Tokenizer { encoder.tokenizer }

  /// The token that ends a text.
  private var endToken: TokenID? { tokenizer.special.eos ?? tokenizer.special.endOfGeneration.min() }

  private func isEnd(_ token: TokenID) -> Bool {
    token == tokenizer.special.eos || tokenizer.special.endOfGeneration.contains(token)
  }

  /// The examples of a row: one, or one for each answer where the chat template demands that.
  mutating func examples(of row: TrainingRow) throws(RowError) -> [TokenizedExample] {
    var examples: [TokenizedExample]
    switch row {
    case .completion(let prompt, let completion):
      examples = [completed(prompt, completion)]
    case .text(let text): examples = [self.text(text)]
    case .messages(let messages, let tools): examples = try conversation(messages, tools)
    case .instruction(let instruction, let input, let output):
      if encoder.hasChatTemplate {
        let question = input.isEmpty ? instruction : instruction + "\n\n" + input
        examples = try conversation([.user(question), .assistant(output)], nil)
      } else {
        examples = [completed(Self.alpaca(instruction, input), output)]
      }
    }
    if loss == .all { for index in examples.indices { examples[index].countAll() } }
    return examples
  }

  /// Text that counts as a whole, and in which special tokens may be written.
  private mutating func text(_ text: String) -> TokenizedExample {
    var example = TokenizedExample()
    example.append(tokens(of: text), counts: true)
    end(&example)
    return example
  }

  /// Text as people wrote it, in which what looks like a special token is none.
  /// - Parameters:
  ///   - isBeginning: Whether it begins a text, before which a model may want a token.
  ///   - isEnd: Whether the text ends there.
  mutating func plainText(_ text: String, isBeginning: Bool = true, isEnd: Bool) -> TokenizedExample {
    var example = TokenizedExample()
    if isBeginning, tokenizer.special.addsBOS, let beginning = tokenizer.special.bos {
      example.append([beginning], counts: false)
    }
    example.append(
      isBeginning ? tokenizer.encode(text) : continuation(text, parsesSpecialTokens: false), counts: true)
    if isEnd { end(&example) }
    return example
  }

  /// The prompt in the words of Stanford Alpaca (Taori et al. 2023).
  static func alpaca(_ instruction: String, _ input: String) -> String {
    let task = "Below is an instruction that describes a task"
    let request = "Write a response that appropriately completes the request."
    return input.isEmpty
      ? "\(task). \(request)\n\n### Instruction:\n\(instruction)\n\n### Response:\n"
      : "\(task), paired with an input that provides further context. \(request)\n\n"
        + "### Instruction:\n\(instruction)\n\n### Input:\n\(input)\n\n### Response:\n"
  }

  private mutating func completed(_ prompt: String, _ completion: String) -> TokenizedExample {
    var (example, _) = joined([(prompt, false), (completion, true)])
    end(&example)
    return example
  }

  /// Puts the end token after an example that does not end with one.
  mutating func end(_ example: inout TokenizedExample) {
    if let last = example.tokens.last, isEnd(last) { return }
    guard let endToken else { return note(.missingEnd) }
    example.append([endToken], counts: true)
  }

  /// The tokens of texts that follow each other, and where each text's begin.
  private mutating func joined(_ texts: [(text: String, counts: Bool)]) -> (TokenizedExample, starts: [Int]) {
    var example = TokenizedExample()
    var starts: [Int] = []
    var text = ""
    var isJoined = false
    for part in texts {
      starts.append(example.tokens.count)
      guard !part.text.isEmpty else { continue }
      text += part.text
      let whole = tokens(of: text)
      if whole.starts(with: example.tokens) {
        example.append(whole[example.tokens.count...], counts: part.counts)
      } else {
        isJoined = true
        example.append(continuation(part.text), counts: part.counts)
      }
    }
    if isJoined { note(.joinedBoundary) }
    return (example, starts)
  }

  /// The tokens of a text from its beginning: special tokens are read, and the beginning-of-text token stands once where
  /// the model wants one.
  private mutating func tokens(of text: String) -> [TokenID] {
    var tokens = encoder.encode(text: text).tokens
    guard let beginning = tokenizer.special.bos else { return tokens }
    let repeated = tokens.prefix { $0 == beginning }.count
    if repeated > 1 {
      note(.repeatedBeginning)
      tokens.removeFirst(repeated - 1)
    }
    return tokens
  }

  /// The tokens of a text that others stand before. Some tokenizers put a space before each text that they are given; here
  /// it does not belong.
  private func continuation(_ text: String, parsesSpecialTokens: Bool = true) -> [TokenID] {
    let encode = { tokenizer.encode($0, parseSpecialTokens: parsesSpecialTokens) }
    let alone = encode(text)
    guard let first = alone.first, !tokenizer.isSpecial(first),
      !text.utf8.starts(with: tokenizer.bytes(of: first))
    else { return alone }
    let anchor = encode("\n")
    let anchored = encode("\n" + text)
    return anchored.starts(with: anchor) ? Array(anchored[anchor.count...]) : alone
  }

  private mutating func note(_ note: Note) { notes[note, default: 0] += 1 }
}

/// Why a row has no example: something is wrong with it, or with the model.
enum RowError: Error {
  case row(RowProblem)
  case noChatTemplate
  case unstableTemplate
}

// MARK: - Conversations

extension ExampleEncoder {
  /// A conversation in which the assistant's messages count, each with the token that ends it.
  ///
  /// What the assistant said is found by rendering what stands before it, with the beginning of the assistant's turn, and
  /// what ends with it: both must be beginnings of the whole. A template that writes earlier answers otherwise than the
  /// last one (without its reasoning) makes an example of each answer, after the prompt that generation would see.
  private mutating func conversation(
    _ messages: [ChatMessage], _ tools: JSON?
  ) throws(RowError) -> [TokenizedExample] {
    guard encoder.hasChatTemplate || tools != nil else { throw .noChatTemplate }
    let answers = messages.indices.filter { messages[$0].role == "assistant" }
    let whole = try render(messages[...], tools, isPrompt: false)
    var parts: [(text: String, counts: Bool)] = []
    var done = whole.startIndex
    for answer in answers {
      let prompt = try render(messages[..<answer], tools, isPrompt: true)
      let said = try render(messages[...answer], tools, isPrompt: false)
      guard let start = end(of: prompt, in: whole), let stop = end(of: said, in: whole), done <= start,
        start < stop
      else { return try eachAnswer(answers, messages, tools) }
      parts += [(String(whole[done..<start]), false), (String(whole[start..<stop]), true)]
      done = stop
    }
    parts.append((String(whole[done...]), false))
    return [conversation(parts)]
  }

  private mutating func eachAnswer(
    _ answers: [Int], _ messages: [ChatMessage], _ tools: JSON?
  ) throws(RowError) -> [TokenizedExample] {
    var examples: [TokenizedExample] = []
    for answer in answers {
      let prompt = try render(messages[..<answer], tools, isPrompt: true)
      let said = try render(messages[...answer], tools, isPrompt: false)
      guard let start = end(of: prompt, in: said), start < said.endIndex else { throw .unstableTemplate }
      examples.append(conversation([(prompt, false), (String(said[start...]), true)]))
    }
    if answers.count > 1 { note(.examplePerAnswer) }
    return examples
  }

  /// Where a text ends that another begins with; nil where it does not.
  private func end(of beginning: String, in text: String) -> String.Index? {
    text.utf8.starts(with: beginning.utf8)
      ? text.utf8.index(text.startIndex, offsetBy: beginning.utf8.count) : nil
  }

  /// The tokens of a rendered conversation. In each part that counts, nothing counts after the token that ends the turn: a
  /// model that generates never gets there.
  private mutating func conversation(_ parts: [(text: String, counts: Bool)]) -> TokenizedExample {
    var (example, starts) = joined(parts)
    starts.append(example.tokens.count)
    var lacksEnd = false
    for (index, part) in parts.enumerated() where part.counts {
      let range = starts[index]..<starts[index + 1]
      guard let last = example.tokens[range].lastIndex(where: isEnd) else {
        lacksEnd = true
        if parts[(index + 1)...].allSatisfy(\.text.isEmpty) { end(&example) }
        continue
      }
      example.stopCounting(in: last + 1..<range.upperBound)
    }
    if lacksEnd { note(.templateWithoutEnd) }
    return example
  }

  private func render(
    _ messages: ArraySlice<ChatMessage>, _ tools: JSON?, isPrompt: Bool
  ) throws(RowError) -> String {
    do {
      return try encoder.text(of: Array(messages), tools: tools, addGenerationPrompt: isPrompt)
    } catch {
      throw .row(RowProblem(reason: "the chat template cannot render the messages (\(error))"))
    }
  }
}
