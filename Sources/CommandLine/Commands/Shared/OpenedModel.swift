import MartletLanguageModels
import Synchronization

/// The model, once it has been needed.
final class OpenedModel: Sendable {
  private let model = Mutex<(any LanguageModel)?>(nil)

  var opened: (any LanguageModel)? { model.withLock { $0 } }

  func open(_ arguments: Arguments, _ console: Console) throws -> any LanguageModel {
    try model.withLock { model in
      let opened = try model ?? OpenModel.answerer(arguments, console)
      model = opened
      return opened
    }
  }
}
