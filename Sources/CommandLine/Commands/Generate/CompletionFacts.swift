import MartletJSON
import MartletLanguageModels

/// What `generate` tells of a completion, with null for what a provider does not say.
struct CompletionFacts {
  private let completion: Completion
  /// Whether the model runs here.
  let isLocal: Bool

  init(_ completion: Completion, of model: any LanguageModel) {
    self.completion = completion
    isLocal = model.local != nil
  }

  var tokenIDs: JSON { isLocal ? .array(completion.tokenIDs.map { JSON(Int($0)) }) : .null }
  var promptTokens: JSON { isCounted ? JSON(completion.promptTokenCount) : .null }
  var completionTokens: JSON { isCounted ? JSON(completion.completionTokenCount) : .null }

  /// No prompt is empty: a provider that has counted none has not told.
  private var isCounted: Bool { isLocal || completion.promptTokenCount > 0 }

  /// The members that answers of providers alone have.
  var ofProvider: [(name: String, value: JSON)] {
    isLocal
      ? []
      : [("cost", completion.cost.map { JSON($0) } ?? .null), ("replayed", .bool(completion.isReplayed))]
  }
}

extension Console {
  /// Says that a prompt was cut, which is never to happen in silence.
  func warnOfCut(_ tokens: Int, line: Int? = nil) {
    if tokens > 0 {
      warn(
        (line.map { "Line \($0): " } ?? "")
          + "The prompt did not fit into the context: \(tokens) of its tokens were cut, as allowed.")
    }
  }

  /// Says that a text ends where the context or a limit does, or where a provider wanted it, which looks like an end of the
  /// model's own otherwise.
  func warnOfEnd(
    _ completion: Completion, of model: any LanguageModel, _ format: ResponseFormat, asked: Int?,
    line: Int? = nil
  ) {
    let place = line.map { "Line \($0): " } ?? ""
    if completion.finishReason == .contentFilter {
      return warn("\(place)\(model.name) refused, or withheld the rest of the text.")
    }
    guard completion.finishReason == .length else { return }
    guard completion.completionTokenCount < asked ?? .max else {
      if format != .text {
        warn("\(place)The answer was cut before its form was complete. A larger --max-tokens allows more.")
      }
      return
    }
    guard model.local != nil else {
      return warn("\(place)The text was cut by the limit of tokens; --max-tokens N may allow more.")
    }
    warn(
      place
        + "The context is full after \(completion.promptTokenCount) tokens of the prompt and "
        + "\(completion.completionTokenCount) more, so that the text ends here. A larger "
        + "--context allows more, up to the model's own.")
  }
}
