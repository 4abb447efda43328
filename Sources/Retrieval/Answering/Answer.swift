import MartletLanguageModels
import MartletVectorStore

/// What is asked for beside the question.
public struct AskSettings: Sendable {
  /// How passages are looked for.
  public var method: SearchMethod
  /// How many of the passages found are kept and searched for quotes.
  public var passageCount: Int
  /// How many of those the model is shown at most: the strongest, and others that are nearly as strong.
  public var shownPassageCount: Int
  /// How many sentences are quoted.
  public var quoteCount: Int
  /// The most tokens of the answer.
  public var maximumTokens: Int
  /// How tokens are drawn.
  public var sampling: SamplingParameters
  /// Whether the model is asked even where the evidence is weak.
  public var answersAnyway: Bool
  /// Whether an answer that no passage supports is refused. Its words are held back until that is known.
  public var requiresSupport: Bool
  /// What reads and ranks the passages that were found; nil ranks them by their strength.
  public var reranker: (any Reranker)?
  /// How many passages are found and ranked.
  public var candidateCount: Int
  /// Which passages may be found; nil takes all. ``PassageFilter`` makes one of senders, dates and so on.
  public var filter: Filter?

  /// Settings; the defaults are those that answered most questions right with small models (docs/answers.md).
  public init(
    method: SearchMethod = .hybrid, passageCount: Int = 5, shownPassageCount: Int = 3, quoteCount: Int = 3,
    maximumTokens: Int = 256, sampling: SamplingParameters = .greedy, answersAnyway: Bool = false,
    requiresSupport: Bool = false, reranker: (any Reranker)? = nil, candidateCount: Int = 20,
    filter: Filter? = nil
  ) {
    self.method = method
    self.passageCount = passageCount
    self.shownPassageCount = shownPassageCount
    self.quoteCount = quoteCount
    self.maximumTokens = maximumTokens
    self.sampling = sampling
    self.answersAnyway = answersAnyway
    self.requiresSupport = requiresSupport
    self.reranker = reranker
    self.candidateCount = candidateCount
    self.filter = filter
  }
}

/// A finished answer.
public struct Answer: Sendable, Equatable {
  /// Why a question was not answered.
  public enum Refusal: String, Sendable {
    /// The documents do not seem to hold an answer, so that no model was asked.
    case weakEvidence = "weak_evidence"
    /// A model was asked, no passage supports its answer, and the settings refuse such answers.
    case unsupported
  }

  /// The model's own words; empty where the question was refused.
  public var text: String
  /// Why there is no answer; nil where there is one.
  public var refusal: Refusal?
  /// Whether there is an answer.
  public var isAnswered: Bool { refusal == nil }
  /// Whether a passage that the model was shown holds the words of its answer.
  public var isSupported: Bool { isAnswered && !supportingPassages.isEmpty }
  /// The ranks of the passages that the model was shown, from 1.
  public var shownPassages: [Int] = []
  /// The ranks of those that hold the answer's words; empty where none does, which is a reason to doubt it.
  public var supportingPassages: [Int] = []
  /// Numbers in brackets that the model wrote as if they were sources, though it was shown none of these numbers.
  public var unknownCitations: [Int] = []
  /// Passages, quotes and how strong they are.
  public var evidence: Evidence
  /// Why the model stopped; nil where it was not asked.
  public var finishReason: FinishReason?
}

/// What asking reports while it goes on, in this order.
public enum AskEvent: Sendable {
  /// The passages and quotes were found.
  case found(Evidence)
  /// The model is about to be shown this.
  case prompt(AnswerPrompt)
  /// Something that a person should know.
  case warning(String)
  /// More of the answer.
  case text(String)
  /// The end.
  case finished(Answer)
}

extension AskEvent: StreamEvent {
  /// Whether the answer is finished.
  public var isLast: Bool { if case .finished = self { true } else { false } }
}
