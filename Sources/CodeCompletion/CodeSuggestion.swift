import MartletLanguageModels

/// What a model would write at a cursor.
public struct CodeSuggestion: Sendable, Equatable {
  /// The text, to be put in at the cursor; empty where the model has nothing to add.
  public var text = ""
  /// The passages of other files that the model saw, best first.
  public var passages: [CodePassage]
  /// Whether the text came to an end of its own, or has as many tokens as were allowed.
  public var finishReason = FinishReason.stop
  /// The tokens that the model read.
  public var promptTokens: Int
  /// The tokens that the model wrote, those after the end of the line or block among them.
  public var completionTokens = 0
  /// How long it took, passages and all.
  public var seconds = 0.0

  init(passages: [CodePassage], promptTokens: Int) {
    (self.passages, self.promptTokens) = (passages, promptTokens)
  }
}
