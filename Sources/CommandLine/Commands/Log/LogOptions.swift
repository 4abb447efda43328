import Foundation
import MartletLanguageModels
import MartletPrompting

/// What commands that ask a model take for the log, and what the commands of `log` share.
enum LogOptions {
  /// Asks a model without a trace.
  static let isOff = Parameter<Bool>.flag(
    "no-log", help: "Keep the prompt and the answer out of the log (see martlet log).")

  static let file = Parameter<String?>.option(
    "log", .path("FILE"), shownAs: "log.sqlite in the state folder", help: "The log's file.")

  /// The environment's variable: `off`, or the log's file.
  private static let variable = "MARTLET_LOG"

  /// Whether prompts and answers are kept.
  static func isKept(_ arguments: Arguments) -> Bool { !arguments[isOff] && !isOffEverywhere }

  /// Nobody means a file of these names.
  private static var isOffEverywhere: Bool {
    ["off", "no", "none", "false", "0"].contains(Environment[variable]?.lowercased())
  }

  /// The model with a log behind it, where one is kept. A log that cannot be opened stops no answer.
  static func logged(
    _ model: any LanguageModel, by source: String, asking question: String? = nil, _ arguments: Arguments,
    _ console: Console
  ) -> any LanguageModel {
    guard isKept(arguments) else { return model }
    let isNew = !FileManager.default.fileExists(atPath: path)
    do {
      let log = try PromptLog(at: path)
      if isNew {
        console.note(
          "Prompts and answers are kept in \(path), which only you can read. ‘martlet log’ shows them; --no-log or "
            + "MARTLET_LOG=off keeps none.\n")
      }
      return LoggedModel(
        model, log: log, source: source, question: question, logsStatedOnly: model.local == nil)
    } catch {
      console.warn("The prompt will not be in the log: \(error)")
      return model
    }
  }

  /// The log that `arguments` name; nil where it does not exist yet.
  static func log(_ arguments: Arguments) throws -> PromptLog? {
    let path = arguments[file] ?? Self.path
    guard FileManager.default.fileExists(atPath: path) else {
      if arguments[file] != nil { throw PromptLogError.unusable(path: path, reason: "there is no such file") }
      return nil
    }
    return try PromptLog(at: path)
  }

  private static var path: String {
    guard let path = Environment[variable], !path.isEmpty, !isOffEverywhere else { return Places.log }
    return path
  }
}
