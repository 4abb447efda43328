import MartletJSON

/// How a question is put to a model.
public enum PromptStrategy: Sendable {
  /// The names by which files know strategies.
  public enum Kind: String, Sendable, CaseIterable {
    /// The question alone.
    case zeroShot = "zero_shot"
    /// Answered questions in front of it (Brown et al. 2020, "Language Models are Few-Shot Learners").
    case fewShot = "few_shot"
    /// Reasoning before the answer (Wei et al. 2022, "Chain-of-Thought Prompting Elicits Reasoning in Large Language
    /// Models").
    case chainOfThought = "chain_of_thought"
    /// Several samples that vote (Wang et al. 2022).
    case selfConsistency = "self_consistency"
    /// Several prompts, of which later ones read the outputs of earlier ones.
    case chain
  }

  /// The question alone.
  case zeroShot
  /// Answered questions in front of it.
  case fewShot(ExampleSelection)
  /// Reasoning before the answer, after examples where there are some.
  case chainOfThought(instruction: String, examples: ExampleSelection?)
  /// Samples that vote, each with the instruction and the examples where there are some.
  case selfConsistency(SelfConsistency)
  /// Steps before the prompt itself.
  case chain([ChainStep])

  /// What a model is told to reason, unless the prompt says otherwise; its answer is what follows `Answer:`.
  public static let standardInstruction = """
    Let's think step by step. Then write the final answer alone on the last line, after "Answer:".
    """

  /// Its name.
  public var kind: Kind {
    switch self {
    case .zeroShot: .zeroShot
    case .fewShot: .fewShot
    case .chainOfThought: .chainOfThought
    case .selfConsistency: .selfConsistency
    case .chain: .chain
    }
  }

  /// The examples in front of the question.
  public var examples: ExampleSelection? {
    switch self {
    case .fewShot(let examples): examples
    case .chainOfThought(_, let examples): examples
    case .selfConsistency(let settings): settings.examples
    case .zeroShot, .chain: nil
    }
  }

  /// What is written below each question.
  public var instruction: String? {
    switch self {
    case .chainOfThought(let instruction, _): instruction
    case .selfConsistency(let settings): settings.instruction
    case .zeroShot, .fewShot, .chain: nil
    }
  }

  /// The completions that vote on one answer.
  public var samples: Int { if case .selfConsistency(let settings) = self { settings.samples } else { 1 } }
}

/// Samples of one prompt whose most frequent answer counts.
public struct SelfConsistency: Sendable {
  /// How many completions vote, 2 or more.
  public let samples: Int
  /// How freely they are drawn, above 0: otherwise all of them would be the same.
  public let temperature: Double
  /// What is written below the question; nil for nothing.
  public let instruction: String?
  /// The examples in front of it.
  public let examples: ExampleSelection?

  /// Samples that vote.
  /// - Throws: ``PromptingError/unusable(prompt:problem:)`` for fewer than 2 samples, or without a temperature.
  public init(
    samples: Int = 5, temperature: Double = 0.7, instruction: String? = PromptStrategy.standardInstruction,
    examples: ExampleSelection? = nil
  ) throws(PromptingError) {
    guard samples >= 2 else {
      throw .unusable(prompt: "with self-consistency", problem: "needs 2 samples or more to vote")
    }
    guard temperature > 0, temperature.isFinite else {
      throw .unusable(
        prompt: "with self-consistency", problem: "needs a temperature above 0, else its samples are the same"
      )
    }
    self.samples = samples
    self.temperature = temperature
    self.instruction = instruction
    self.examples = examples
  }
}

/// A prompt whose answer becomes a variable of those after it.
public struct ChainStep: Sendable {
  /// The variable that its answer is.
  public let output: String
  /// What is asked.
  public let template: PromptTemplate
  /// How the answer is found in the completion.
  public let extraction: AnswerExtraction
  /// The most tokens; nil takes the prompt's number.
  public let maximumTokens: Int?

  /// A step.
  public init(
    output: String, template: PromptTemplate, extraction: AnswerExtraction = .whole, maximumTokens: Int? = nil
  ) {
    self.output = output
    self.template = template
    self.extraction = extraction
    self.maximumTokens = maximumTokens
  }

  var json: JSON {
    [
      "output": .string(output), "template": template.json, "answer": extraction.json,
      "max_tokens": maximumTokens.map { JSON($0) } ?? .null,
    ]
  }
}
