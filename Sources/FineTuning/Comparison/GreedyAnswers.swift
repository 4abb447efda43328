import MartletTensors
import MartletTokenizers
import MartletTransformers

/// Answers of a model, each token the most probable one, several prompts at a time.
struct GreedyAnswers {
  /// Prompts that are answered together.
  private static let atOnce = 8

  let model: any CausalTransformer
  let tokenizer: Tokenizer
  let maximumTokens: Int

  private struct Sequence {
    let prompt: Int
    let cache: KeyValueCache
    var unread: [TokenID]
    var answer: [TokenID] = []
  }

  /// The answers to prompts, in their order, without the tokens that end them.
  /// - Parameter progress: Called with how many prompts are answered.
  /// - Throws: `ModelError` where a prompt cannot be read, `PagePoolError`, or `CancellationError`.
  func answers(to prompts: [AnswerPrompt], progress: (Int) -> Void = { _ in }) throws -> [String] {
    var answers = [String](repeating: "", count: prompts.count)
    var done = 0
    for start in stride(from: 0, to: prompts.count, by: Self.atOnce) {
      var running = (start..<min(start + Self.atOnce, prompts.count)).map { index in
        Sequence(prompt: index, cache: model.makeCache(), unread: kept(prompts[index].tokens))
      }
      while !running.isEmpty {
        try Task.checkCancellation()
        try step(&running)
        running.removeAll { sequence in
          guard hasEnded(sequence, prompts[sequence.prompt]) else { return false }
          answers[sequence.prompt] = text(of: sequence)
          done += 1
          progress(done)
          return true
        }
      }
    }
    return answers
  }

  /// A prompt's end, where the whole leaves no room for an answer.
  private func kept(_ prompt: [TokenID]) -> [TokenID] {
    Array(prompt.suffix(max(1, model.shape.context - maximumTokens)))
  }

  private func step(_ running: inout [Sequence]) throws {
    var batch = PackedBatch()
    var lastRows: [Int] = []
    var rows = 0
    for sequence in running {
      try sequence.cache.reserve(sequence.cache.length + sequence.unread.count)
      batch.append(sequence.unread, cache: sequence.cache)
      rows += sequence.unread.count
      lastRows.append(rows - 1)
    }
    let logits = model.logits(of: try model.hiddenStates(of: batch).gatherRows(lastRows))
    for index in running.indices {
      let token = TokenID(logits.argmax(row: index))
      running[index].answer.append(token)
      running[index].unread = [token]
    }
  }

  private func hasEnded(_ sequence: Sequence, _ prompt: AnswerPrompt) -> Bool {
    guard let last = sequence.answer.last else { return false }
    return isEnd(last) || sequence.answer.count >= maximumTokens
      || sequence.cache.length + 1 >= model.shape.context
      || (prompt.isLine && text(of: sequence).contains { $0.isNewline })
  }

  private func isEnd(_ token: TokenID) -> Bool {
    token == tokenizer.special.eos || tokenizer.special.endOfGeneration.contains(token)
      || tokenizer.isSpecial(token)
  }

  private func text(of sequence: Sequence) -> String {
    AnswerPrompt.text(of: sequence.answer, tokenizer)
  }
}
