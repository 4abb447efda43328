import MartletCodeCompletion
import MartletJSON

/// `complete --stdio`: answers one request after the other, and gives one up for a newer one.
struct CompletionService {
  private let assistant: CodeAssistant
  private let console: Console

  init(_ assistant: CodeAssistant, _ console: Console) {
    (self.assistant, self.console) = (assistant, console)
  }

  func run() async throws {
    var current: Task<Void, any Error>?
    do {
      for try await line in Self.lines() {
        if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) { continue }
        // One answer after the other: they come in the order of the requests.
        current?.cancel()
        try await current?.value
        current = Task { try await answer(line) }
      }
    } catch {
      current?.cancel()
      throw error
    }
    try await withTaskCancellationHandler {
      [current] in
      try await current?.value
    } onCancel: {
      [current] in
      current?.cancel()
    }
  }

  /// The lines of standard input while they come.
  private static func lines() -> AsyncThrowingStream<[UInt8], any Error> {
    AsyncThrowingStream { continuation in
      let reading = Task.detached {
        do {
          var reader = LineReader()
          while let line = try reader.next() { continuation.yield(line) }
          continuation.finish()
        } catch {
          continuation.finish(throwing: error)
        }
      }
      continuation.onTermination = { _ in reading.cancel() }
    }
  }

  private func answer(_ line: [UInt8]) async throws {
    var id: JSON?
    var answer: JSONObject
    do {
      let request = try CompletionRequest(line, id: &id)
      let suggestion = try await assistant.complete(request.place.point(in: request.text))
      answer = suggestion.members
    } catch is CancellationError {
      answer = ["text": "", "sources": [], "cancelled": true]
    } catch {
      answer = ["error": .string("\(error)")]
    }
    assistant.takeWarnings().forEach(console.warn)
    if let id { answer = JSONObject([("id", id)] + answer.map { ($0.key, $0.value) }) }
    try console.result(JSON.object(answer).serialized() + "\n")
    try console.flush()
  }
}

/// A request of an editor.
private struct CompletionRequest {
  let place: CodePlace
  let text: String?

  private struct Malformed: Error, CustomStringConvertible {
    let description: String
  }

  private static let known: Set<String> = ["id", "file", "line", "column", "text"]

  /// - Parameter id: Gets the request's own, so that an error can be told with it.
  init(_ line: [UInt8], id: inout JSON?) throws {
    let members: JSONObject
    do {
      guard let object = try JSON(parsing: line).objectValue else {
        throw Malformed(description: "The request is not a JSON object.")
      }
      members = object
    } catch let error as JSONError {
      throw Malformed(description: "The request is not JSON. \(error)")
    }
    id = members["id"]
    if let unknown = members.first(where: { !Self.known.contains($0.key) })?.key {
      throw Malformed(
        description:
          "The request has a member \"\(unknown)\", which is not known; known are id, file, line, column and text."
      )
    }
    guard let file = members["file"]?.stringValue, !file.isEmpty else {
      throw Malformed(description: "The request has no \"file\", a text.")
    }
    guard let number = members["line"]?.intValue else {
      throw Malformed(description: "The request has no \"line\", a whole number from 1.")
    }
    let column = members["column"].flatMap { $0.isNull ? nil : $0 }
    if column != nil, column?.intValue == nil {
      throw Malformed(description: "The request's \"column\" is not a whole number from 1.")
    }
    let text = members["text"].flatMap { $0.isNull ? nil : $0 }
    if text != nil, text?.stringValue == nil {
      throw Malformed(description: "The request's \"text\" is not a text.")
    }
    place = CodePlace(path: file, line: number, column: column?.intValue)
    self.text = text?.stringValue
  }
}
