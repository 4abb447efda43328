import Foundation
import MartletCheckpoints
import MartletJSON
import MartletLanguageModels
import MartletTensors
import MartletTestScope
import Testing

@testable import MartletGeneration

@Suite("Local models", .serialized, .enabled(if: Cache.has("smollm2-135m-instruct"), "\(Cache.hint)"))
struct LocalModelTests {
  func model(
    _ name: String = "smollm2-135m-instruct", context: Int? = nil, precision: Precision = .fast
  ) throws -> LocalModel {
    try LocalModel(
      Checkpoint.open(Cache.path(name)), name: name, precision: precision, contextLength: context,
      device: Device(threads: 2))
  }

  @Test("A greedy completion is right, streamed piece by piece, and the same each time")
  func greedy() async throws {
    let model = try model()
    let request = GenerationRequest(.text("The capital of France is"), sampling: .greedy, maximumTokens: 12)
    var streamed = ""
    var completion: Completion?
    for try await event in model.generate(request) {
      switch event {
      case .text(let piece): streamed += piece
      case .finished(let finished): completion = finished
      default: break
      }
    }
    #expect(streamed.hasPrefix(" Paris"))
    #expect(completion?.text == streamed)
    #expect(completion?.tokenIDs.count == 12)
    #expect(completion?.finishReason == .length)
    #expect(try await model.complete(request).tokenIDs == completion?.tokenIDs)
  }

  @Test("A conversation is rendered by the model's own template, with one beginning and no doubled tokens")
  func template() throws {
    let rendered = try model().render(.messages([.user("Hi")]))
    #expect(rendered.text?.hasSuffix("<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n") == true)
    #expect(rendered.warnings.isEmpty)
  }

  @Test("A last turn of the assistant is one that the model goes on with")
  func begunTurn() throws {
    let model = try model()
    let asked = try model.render(.messages([.user("Hi")]))
    let begun = try model.render(.messages([.user("Hi"), .assistant("Hello, I ")]))
    #expect(begun.text == (asked.text ?? "") + "Hello, I ")
    // One that calls a tool is over.
    let call: JSON = [["type": "function", "function": ["name": "f", "arguments": [:]]]]
    let over = try model.render(
      .messages([.user("Hi"), .init(role: "assistant", content: "", extra: ["tool_calls": call])]))
    #expect(over.text?.hasSuffix("<|im_start|>assistant\n") == true)
    #expect(throws: GenerationError.emptyPrompt) { try model.render(.messages([.assistant("I ")])) }
  }

  @Test("A stop text ends the generation and is no part of it")
  func stop() async throws {
    let request = GenerationRequest(
      .text("The capital of France is"), sampling: .greedy, maximumTokens: 40, stop: ["Paris"])
    let completion = try await model().complete(request)
    #expect(completion.text == " " && completion.finishReason == .stop)
  }

  @Test("A prompt beyond the context is refused with both numbers, or cut where the request allows it")
  func overflow() async throws {
    let model = try model(context: 64)
    let long = Prompt.text(String(repeating: "again and ", count: 100))
    let length = try model.countTokens(in: long)
    await #expect(throws: GenerationError.promptTooLong(promptTokenCount: length, contextLength: 64)) {
      try await model.complete(GenerationRequest(long))
    }
    let cut = GenerationRequest(long, sampling: .greedy, maximumTokens: 4, overflow: .cutMiddle)
    let completion = try await model.complete(cut)
    #expect(completion.promptTokenCount < 64 && completion.tokenIDs.count == 4)
  }

  @Test("In float32 sequences that are decoded together are those that are decoded alone")
  func together() async throws {
    // Rounding to 8 bits adds up in another order where more tokens come together, and near ties fall otherwise.
    let model = try model(precision: .float32)
    let prompts = ["The capital of France is", "Water boils at", "Once upon a time"]
    let requests = prompts.map { GenerationRequest(.text($0), sampling: .greedy, maximumTokens: 16) }
    var alone: [[Int32]] = []
    for request in requests { alone.append(try await model.complete(request).tokenIDs) }
    let together = try await withThrowingTaskGroup(of: (Int, [Int32]).self) { group in
      for (index, request) in requests.enumerated() {
        group.addTask { (index, try await model.complete(request).tokenIDs) }
      }
      return try await group.reduce(into: [Int: [Int32]]()) { $0[$1.0] = $1.1 }
    }
    for index in requests.indices { #expect(together[index] == alone[index]) }
  }

  @Test("In float32 one that is cancelled in the middle leaves the tokens of the others as they are alone")
  func cancelled() async throws {
    // Rounding to 8 bits adds up in another order where more tokens come together, and near ties fall otherwise.
    let model = try model(precision: .float32)
    let prompts = ["The capital of France is", "Water boils at"]
    let requests = prompts.map {
      GenerationRequest(.text($0), sampling: .greedy, maximumTokens: 24, ignoresEnd: true)
    }
    var alone: [[Int32]] = []
    for request in requests { alone.append(try await model.complete(request).tokenIDs) }
    let endless = GenerationRequest(
      .text("Once upon a time"), sampling: .greedy, maximumTokens: 4000, ignoresEnd: true)
    async let first = model.complete(requests[0]).tokenIDs
    async let second = model.complete(requests[1]).tokenIDs
    var pieces = 0
    for try await event in model.generate(endless) {
      if case .text = event { pieces += 1 }
      if pieces == 8 { break }
    }
    #expect(try await [first, second] == alone)
  }

  @Test(
    "Perplexity is within 1% of llama.cpp's",
    .enabled(if: Cache.has("qwen2.5-coder-0.5b-instruct"), "\(Cache.hint)"),
    // The larger one takes half a minute.
    arguments: [("smollm2", "smollm2-135m-instruct")]
      + (TestScope.isSlow ? [("qwen2.5-coder", "qwen2.5-coder-0.5b-instruct")] : []))
  func perplexity(key: String, name: String) throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Reference")
    let reference = try JSON(parsing: [UInt8](Data(contentsOf: folder.appending(path: "llama-cpp.json"))))
    let expected = try #require(reference["models"]?[key]?["perplexity"])
    let text = try String(contentsOf: folder.appending(path: "alice.txt"), encoding: .utf8)
    let found = try model(name).perplexity(of: text)
    #expect(found.tokenCount == expected["tokens"]?.intValue)
    let value = try #require(expected["perplexity"]?.doubleValue)
    #expect(abs(found.perplexity / value - 1) < 0.01, "\(found.perplexity) instead of \(value)")
  }
}
