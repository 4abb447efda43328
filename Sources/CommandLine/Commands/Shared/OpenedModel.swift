import MartletLanguageModels
import Synchronization

/// The model, once it has been needed.
final class OpenedModel: Sendable {
  private let model = Mutex<(any LanguageModel)?>(nil)
  private let source: String?

  /// - Parameter source: The command whose prompts and answers go into the log; nil for none.
  init(loggedAs source: String? = nil) { self.source = source }

  var opened: (any LanguageModel)? { model.withLock { $0 } }

  /// - Parameter question: What the person asks, where prompts hold more than that.
  func open(
    _ arguments: Arguments, asking question: String? = nil, _ console: Console
  ) throws -> any LanguageModel {
    try model.withLock { model in
      let opened = try model ?? OpenModel.answerer(arguments, loggedAs: source, asking: question, console)
      model = opened
      return opened
    }
  }
}
