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
  /// How many of these were known from an earlier completion; 0 where the text ended at a line or a block, of which the
  /// model does not tell.
  public var cachedTokens = 0
  /// The tokens that the model wrote, those after the end of the line or block among them.
  public var completionTokens = 0
  /// How long it took, passages and all.
  public var seconds = 0.0

  init(passages: [CodePassage], promptTokens: Int) {
    (self.passages, self.promptTokens) = (passages, promptTokens)
  }
}
