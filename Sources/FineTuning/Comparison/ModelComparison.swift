import Foundation
import MartletMetrics
import MartletTokenizers
import MartletTransformers

/// A model before and after it was tuned, measured by the same examples: how well each predicts what counts in them, and
/// how each answers their prompts.
public struct ModelComparison: Sendable, Equatable {
  /// What one of the two models reaches.
  public struct Scores: Sendable, Equatable {
    /// The mean of -log p over the tokens that count.
    public let loss: Double
    /// The share of prompts whose answer's first line is the example's, but for white space at its ends.
    public let exactMatch: Double
    /// The mean similarity of the answers to the examples', from 0 to 1, by the edits between them.
    public let editSimilarity: Double

    /// The exponential of ``loss``.
    public var perplexity: Double { exp(loss) }
  }

  /// A prompt, and how both models answer it.
  public struct Answer: Sendable, Equatable {
    /// The prompt with its special tokens.
    public let prompt: String
    /// What the example says.
    public let expected: String
    /// What the model wrote before it was tuned, and after.
    public let before, after: String
  }

  /// How far a measurement is.
  public enum Progress: Sendable, Equatable {
    /// So many examples are scored, counted for both models.
    case scored(Int, of: Int)
    /// So many prompts are answered, counted for both models.
    case answered(Int, of: Int)
  }

  /// The examples that were measured.
  public let examples: Int
  /// The tokens that the losses are the means of.
  public let countedTokens: Int
  /// What the model reaches before it was tuned, and after.
  public let before, after: Scores
  /// The prompts, and how they were answered. Examples without a prompt have none.
  public let answers: [Answer]

  /// Measures two models that have one tokenizer, such as a base and the same with an adapter, which share their weights.
  ///
  /// Both answer each prompt with the most probable tokens. The prompt of an example is what stands before its last answer;
  /// of text it is the first half, and the next line is compared.
  /// - Parameters:
  ///   - before: The model before it was tuned.
  ///   - after: The model after it was tuned.
  ///   - tokenizer: Text to ids and back, for both.
  ///   - examples: What they are measured with.
  ///   - maximumTokens: The most tokens of an answer; what the example says is compared as far.
  ///   - maximumAnswers: The most prompts that are answered, from the first one; nil answers all.
  ///   - progress: Called while it goes on.
  /// - Throws: `ModelError` where no token counts or an example is too long, or `CancellationError`.
  public init(
    before: any CausalTransformer, after: any CausalTransformer, tokenizer: Tokenizer,
    examples: [TrainingExample], maximumTokens: Int = 64, maximumAnswers: Int? = nil,
    progress: (Progress) -> Void = { _ in }
  ) throws {
    self.examples = examples.count
    countedTokens = examples.reduce(0) { $0 + $1.countedTokens }
    let models = [before, after]
    var losses: [Double] = []
    for model in models {
      let done = losses.count * examples.count
      losses.append(
        try HeldOutLoss(model: model).mean(of: examples) {
          progress(.scored(done + $0, of: 2 * examples.count))
        })
    }
    let prompts = Array(
      examples.lazy.compactMap { AnswerPrompt($0, tokenizer, maximumTokens: maximumTokens) }
        .prefix(maximumAnswers ?? .max))
    var texts: [[String]] = []
    for model in models {
      let done = texts.count * prompts.count
      let greedy = GreedyAnswers(model: model, tokenizer: tokenizer, maximumTokens: maximumTokens)
      texts.append(
        try greedy.answers(to: prompts) { progress(.answered(done + $0, of: 2 * prompts.count)) })
    }
    let answers = prompts.enumerated().map { index, prompt in
      Answer(
        prompt: prompt.text, expected: prompt.expected, before: prompt.comparable(texts[0][index]),
        after: prompt.comparable(texts[1][index]))
    }
    self.answers = answers
    self.before = Self.scores(loss: losses[0], answers.map { ($0.expected, $0.before) })
    self.after = Self.scores(loss: losses[1], answers.map { ($0.expected, $0.after) })
  }

  private static func scores(loss: Double, _ pairs: [(expected: String, said: String)]) -> Scores {
    let count = Double(max(1, pairs.count))
    let exact = pairs.count { firstLine($0.expected) == firstLine($0.said) }
    let similarity = pairs.reduce(0) { $0 + EditSimilarity.score($1.said, references: [$1.expected]) }
    return Scores(loss: loss, exactMatch: Double(exact) / count, editSimilarity: similarity / count)
  }

  /// The first line that has more than white space, without white space at its ends.
  static func firstLine(_ text: String) -> String {
    text.split(whereSeparator: \.isNewline).lazy.map { $0.trimmingCharacters(in: .whitespaces) }
      .first { !$0.isEmpty } ?? ""
  }
}
