import MartletJSON
import MartletLanguageModels

/// One question of a task, ready to be put to a model.
public struct EvaluationItem: Sendable {
  /// Distinct within the task, and the same in each run over the same rows.
  public let id: String
  /// What it is scored with, such as the subject of an MMLU question.
  public let group: String?
  /// The row, with the members that the task added.
  public let document: JSONObject
  /// What the model is given.
  public let prompt: ItemPrompt
  /// What the reply begins with: in a conversation, the model goes on from it within the assistant's turn. Prompts that
  /// are one text end with it already.
  public let replyPrefix: String?
  /// The right answer, for people.
  public let expected: String
  let gold: Gold
  let place: RowPlace

  /// What is right.
  enum Gold: Sendable {
    /// One of the choices, whose lengths in characters `acc_norm` divides by.
    case choice(Int, characters: [Int])
    /// Each choice is true or not.
    case labels([Bool])
    /// The text that answers or programs are compared with.
    case reference(String)
    case expectation(Expectation)
  }
}

/// What a model is given for one question.
public enum ItemPrompt: Sendable, Equatable {
  /// Which of the continuations is the most probable after the context? They have their space in front where the task
  /// puts one there.
  case choices(context: Prompt, continuations: [String])
  /// What comes after the prompt, up to one of the `stop` texts or so many tokens?
  case generation(Prompt, stop: [String], maximumTokens: Int, sampling: SamplingParameters)
}

/// What a model gave for one question.
public enum ItemReply: Sendable, Equatable {
  /// The scores of the continuations, in their order.
  case choices([ContinuationScore])
  /// The outputs, one for each time that it was asked, without the stop texts.
  case outputs([String])
}
