import MartletGeneration
import MartletLanguageModels
import MartletPrompting

extension LanguageModel {
  /// The model that runs in this process, for what no other has: its template, its makers' sampling, its tokenizer. Nil
  /// for a model behind an API.
  var local: LocalModel? { ((self as? LoggedModel)?.model ?? self) as? LocalModel }

  /// Sees to it that the model can be given messages, before a person has written one. Those behind an API all can.
  func requireChat() throws { try local?.requireChatTemplate() }
}
