import Foundation
import MartletCodeCompletion
import MartletGeneration
import MartletJSON
import MartletRetrieval
import MartletVectorStore

/// What `complete` takes.
enum CompleteOptions {
  static let place = Parameter<String?>.argument(
    "FILE:LINE[:COL]", .path("PLACE"),
    help: "The cursor: a file, a line and a column, both from 1. Without COL it is the end of the line.")
  static let model = ModelParameters.answerer
  static let index = Parameter<String?>.option(
    "index", .path("COLLECTION", completing: .collections),
    help: "Indexed code to take passages from: a collection of the store, or STORE#COLLECTION.")
  static let passages = Parameter<Int>.option(
    "passages", .integer(in: 1...50), default: 4, help: "How many passages are looked for in --index.")
  static let maximumTokens = Parameter<Int>.option(
    "max-tokens", .integer(in: 1...4096), default: 32, help: "The most tokens that are written.")
  static let promptTokens = Parameter<Int>.option(
    "prompt-tokens", .integer(in: 64...(1 << 20)), default: 640,
    help: "The most tokens that the model reads. Fewer are quicker.")
  static let stdio = Parameter<Bool>.flag(
    "stdio", help: "Read requests from standard input, one JSON object a line, and answer each with one.")
  static let json = Parameter<Bool>.flag("json", help: "Print one JSON object.")

  static let definitions = [
    place.definition, model.definition, index.definition, StoreParameters.store.definition,
    AdapterOptions.adapters.definition, passages.definition, maximumTokens.definition,
    promptTokens.definition, stdio.definition,
    ModelParameters.threads.definition, json.definition,
  ]

  static let discussion = """
    The model sees the text before and after the cursor where it has tokens for filling in the middle, as \
    Qwen2.5-Coder, StarCoder, CodeGemma, Code Llama and DeepSeek-Coder do; any other one continues what is before it. \
    With --index it also sees passages of other code that are like the lines above the cursor; those of the same file \
    around the cursor are left out. The most probable text is taken.

    In the midst of a line the completion ends with that line. At the end of a line with text it ends with the line, \
    or with the block that the line opens. On an empty line it is the lines of a block: up to an empty line, a line \
    that is indented less, or one that is in the file already.

    --json prints an object: text, sources (a list of path, start_line and end_line, which are null where a passage has \
    none), finish_reason (stop or length), prompt_tokens, completion_tokens, seconds, and \
    load_seconds.

    --stdio loads the model once. A request is {"file": …, "line": …, "column": …, "text": …}: column may be left out, \
    text is what the file holds if that is not what is on disk, and an id, if there is one, comes back. An answer has \
    the members of --json but load_seconds, or "error". A newer request ends the one before it, whose answer is \
    {"text": "", "sources": [], "cancelled": true}. At the end of the input the last one is still answered.
    """

  static let examples: [Command.Example] = [
    .init("martlet complete Sources/App.swift:120", "What the line goes on with:"),
    .init(
      "martlet complete Sources/App.swift:120:17 --index code --json",
      "With passages of the collection code, for a program:"),
    .init("martlet complete --stdio --index code", "For an editor:"),
  ]
}

extension Command {
  /// Completes code at a cursor.
  static let complete: Command = Command(
    name: "complete",
    summary: "Complete code at a cursor, with what other files hold.",
    discussion: CompleteOptions.discussion,
    parameters: CompleteOptions.definitions,
    examples: CompleteOptions.examples
  ) { arguments, console in
    if arguments[CompleteOptions.stdio] {
      if let place = arguments[CompleteOptions.place] {
        throw UsageError(
          "--stdio takes no place, and there is ‘\(place)’.", advice: "Requests name their own.")
      }
      return try await CompletionService(CodeAssistant(arguments, console), console).run()
    }
    guard let text = arguments[CompleteOptions.place] else {
      throw UsageError(
        "FILE:LINE is missing.", advice: "Name the cursor, as in Sources/App.swift:120, or give --stdio.")
    }
    let place = try CodePlace(text)
    // What is wrong with the place is said before a model is loaded.
    let point = try place.point()
    let assistant = try CodeAssistant(arguments, console)
    let suggestion = try await assistant.complete(point)
    assistant.takeWarnings().forEach(console.warn)
    if arguments[CompleteOptions.json] {
      var object = suggestion.members
      object["load_seconds"] = JSON(assistant.loadSeconds)
      return try console.result(JSON.object(object).serialized() + "\n")
    }
    try console.result(suggestion.text + "\n")
    for passage in suggestion.passages {
      let (first, last) = (passage.lines?.lowerBound, passage.lines?.upperBound)
      let place = ShownPlace(
        path: passage.path, page: nil, startLine: first, endLine: last, place: nil, attributes: [:])
      console.note("With \(place.text).\n")
    }
  }
}

/// A cursor in a file, as it is typed.
struct CodePlace {
  let path: String
  let line: Int
  let column: Int?

  init(path: String, line: Int, column: Int?) { (self.path, self.line, self.column) = (path, line, column) }

  /// Reads `FILE:LINE` or `FILE:LINE:COL`. A file's name may have colons itself.
  init(_ text: String) throws(UsageError) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    let numbers = parts.dropFirst().reversed().prefix { Int($0) != nil }.prefix(2).reversed().compactMap {
      Int($0)
    }
    let path = parts.dropLast(numbers.count).joined(separator: ":")
    guard let line = numbers.first, !path.isEmpty else {
      throw UsageError(
        "‘\(text)’ names no line.",
        advice: "Write FILE:LINE or FILE:LINE:COL, as in Sources/App.swift:120:17.")
    }
    self.init(path: path, line: line, column: numbers.count > 1 ? numbers[1] : nil)
  }

  /// The place in its file.
  /// - Parameter text: What the file holds; nil reads it.
  func point(in text: String? = nil) throws -> CompletionPoint {
    var reader = try text == nil ? LineReader(path: path) : nil
    let contents = try text ?? decodedText(reader?.rest() ?? [], from: path)
    return try CompletionPoint(
      in: contents, path: URL(fileURLWithPath: path).resolvingSymlinksInPath().path, line: line,
      column: column)
  }
}

extension CodeSuggestion {
  /// The suggestion for programs.
  var members: JSONObject {
    [
      "text": .string(text),
      "sources": .array(
        passages.map { passage in
          [
            "path": .string(passage.path),
            "start_line": passage.lines.map { JSON($0.lowerBound) } ?? .null,
            "end_line": passage.lines.map { JSON($0.upperBound) } ?? .null,
          ]
        }),
      "finish_reason": .string(finishReason.rawValue), "prompt_tokens": JSON(promptTokens),
      "completion_tokens": JSON(completionTokens),
      "seconds": JSON(seconds),
    ]
  }
}
