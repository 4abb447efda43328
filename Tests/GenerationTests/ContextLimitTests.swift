import MartletLanguageModels
import Testing

@testable import MartletGeneration

/// The tiny model has a context of 128 tokens; the answer needs at least one of them.
@Suite("What fits into the context, to the token")
struct ContextLimitTests {
  private let model: LocalModel

  init() throws { model = try TinyModel.open() }

  private func prompt(_ count: Int) -> Prompt { .tokens([1] + (1..<count).map { Int32(4 + $0 % 90) }) }

  private func request(_ count: Int, maximumTokens: Int? = nil, _ overflow: ContextOverflow = .refuse)
    -> GenerationRequest
  {
    // The end token is forbidden.
    GenerationRequest(
      prompt(count), sampling: SamplingParameters(temperature: 0, logitBias: [2: -.infinity]),
      maximumTokens: maximumTokens, overflow: overflow)
  }

  @Test(
    "A prompt one token shorter than the context is answered with one token, and that it ended for length")
  func longestPrompt() async throws {
    let completion = try await model.complete(request(127))
    #expect(completion.promptTokenCount == 127 && completion.tokenIDs.count == 1)
    #expect(completion.finishReason == .length)
  }

  @Test(
    "A prompt as long as the context, or longer, is refused with both numbers", arguments: [128, 129, 500])
  func tooLong(count: Int) async throws {
    await #expect(throws: GenerationError.promptTooLong(promptTokenCount: count, contextLength: 128)) {
      try await model.complete(request(count))
    }
  }

  @Test("What may be cut is not cut where it fits, and gives way to the answer where it does not")
  func cutAtTheBoundary() async throws {
    for overflow in [ContextOverflow.cutStart, .cutMiddle] {
      for (count, kept) in [(126, 126), (127, 127), (128, 124), (129, 124)] {
        var started: GenerationEvent?
        var completion: Completion?
        for try await event in model.generate(request(count, maximumTokens: 4, overflow)) {
          if case .started = event { started = event }
          if case .finished(let result) = event { completion = result }
        }
        #expect(started == .started(promptTokenCount: kept, cutTokens: count - kept), "\(overflow) \(count)")
        #expect(completion?.promptTokenCount == kept, "\(overflow) \(count)")
        #expect(completion?.tokenIDs.count == min(4, 128 - kept), "\(overflow) \(count)")
      }
    }
  }
}
