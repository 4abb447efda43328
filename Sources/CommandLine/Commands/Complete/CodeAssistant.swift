import Foundation
import MartletCodeCompletion
import MartletGeneration
import MartletRetrieval
import MartletTensors
import MartletVectorStore

/// The model and the indexed code that `complete` works with, loaded.
struct CodeAssistant {
  private let completer: CodeCompleter
  private let library: Library?
  /// How long it took to load them.
  let loadSeconds: Double

  init(_ arguments: Arguments, _ console: Console) throws {
    let start = ContinuousClock.now
    library = try Self.library(arguments)
    let model = try OpenModel.answerer(
      arguments, named: OpenModel.localName(arguments[CompleteOptions.model]), console)
    guard let local = model.local else {
      throw UsageError("complete needs a model that runs here.", advice: "‘martlet models’ lists some.")
    }
    // The model that embeds is loaded now, and not while a person waits for the first completion.
    if let library { _ = try library.embedder() }
    var completer = CodeCompleter(local, passages: library)
    completer.maximumTokens = arguments[CompleteOptions.maximumTokens]
    completer.promptTokens = arguments[CompleteOptions.promptTokens]
    completer.passageCount = arguments[CompleteOptions.passages]
    completer.root =
      URL(fileURLWithPath: FileManager.default.currentDirectoryPath)
      .resolvingSymlinksInPath().path
    self.completer = completer
    loadSeconds = (ContinuousClock.now - start).inSeconds
  }

  /// What `--index` names, opened; nil without it.
  private static func library(_ arguments: Arguments) throws -> Library? {
    guard let name = arguments[CompleteOptions.index] else {
      if arguments.has(CompleteOptions.passages) {
        throw UsageError(
          "--passages says how many passages are looked for in --index, and there is no --index.",
          advice: "Name a collection of indexed code with --index, or leave --passages out.")
      }
      return nil
    }
    guard name.contains("#") else { return try StoreParameters.openLibrary(arguments, collection: name) }
    let location = try StoreLocation(collection: name)
    return try Library.open(
      in: StoreParameters.open(StoreLocation(location.place), .readOnly),
      collection: location.collection ?? Library.defaultCollection,
      device: Device(threads: arguments[ModelParameters.threads]))
  }

  func complete(_ point: CompletionPoint) async throws -> CodeSuggestion {
    try await completer.complete(point)
  }

  /// What was odd about the store or the embedder since the last call.
  func takeWarnings() -> [String] { library?.takeWarnings() ?? [] }
}
