import MartletCodeCompletion
import MartletGeneration
import MartletRetrieval

/// The code in doc comments of the module, which lint compares with these lines: it compiles.
private enum DocCommentExamples {
  static func complete(_ model: LocalModel, _ library: Library, _ source: String) async throws
    -> CodeSuggestion
  {
    let completer = CodeCompleter(model, passages: library)
    let point = try CompletionPoint(in: source, path: "Sources/Swift.swift", line: 12)
    let suggestion = try await completer.complete(point)
    return suggestion
  }
}
