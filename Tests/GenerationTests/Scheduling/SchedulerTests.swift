import MartletLanguageModels
import Testing

@testable import MartletGeneration

@Suite("Generations that share the steps of a model do not disturb each other")
struct SchedulerTests {
  /// A prompt of its own for each number, and a completion up to the end of the context.
  private func request(_ number: Int) -> GenerationRequest {
    let prompt = [1] + (0..<8 + number * 5).map { Int32(4 + ($0 * 7 + number * 13) % 90) }
    return GenerationRequest(
      .tokens(prompt), sampling: SamplingParameters(seed: UInt64(number)), maximumTokens: 60, ignoresEnd: true
    )
  }

  /// Reads a generation up to some pieces of its text, and cancels it then.
  private static func cancel(_ request: GenerationRequest, of model: LocalModel, after pieces: Int)
    async throws
  {
    var seen = 0
    for try await event in model.generate(request) {
      if case .text = event { seen += 1 }
      if seen == pieces { return }
    }
  }

  @Test(
    "Cancelling some leaves the tokens of the others as they are alone, also where all wait for one place",
    arguments: [1, 3, 16])
  func cancelled(places: Int) async throws {
    let model = try TinyModel.open(maximumSequences: places)
    let numbers = Array(0..<8)
    var alone: [Int: [Int32]] = [:]
    for number in numbers where number.isMultiple(of: 2) {
      alone[number] = try await model.complete(request(number)).tokenIDs
    }
    for round in 0..<4 {
      let together = try await withThrowingTaskGroup(of: (Int, [Int32]).self) { group in
        for number in numbers {
          let request = request(number)
          group.addTask {
            if number.isMultiple(of: 2) { return (number, try await model.complete(request).tokenIDs) }
            // At the start, while the prompt is read, or in the middle of the text.
            try await Self.cancel(request, of: model, after: (number / 2 + round) % 4)
            return (number, [])
          }
        }
        return try await group.reduce(into: [Int: [Int32]]()) { $0[$1.0] = $1.1 }
      }
      for (number, tokens) in alone { #expect(together[number] == tokens, "\(number) in round \(round)") }
    }
  }

  @Test("A cancelled task ends its generation, and the model goes on with the next one")
  func cancelledTask() async throws {
    let model = try TinyModel.open(maximumSequences: 1)
    let expected = try await model.complete(request(1)).tokenIDs
    let request = request(0)
    let task = Task { try await model.complete(request) }
    task.cancel()
    _ = await task.result
    #expect(try await model.complete(self.request(1)).tokenIDs == expected)
  }

  @Test(
    "A cancelled generation ends with CancellationError, whole or read event by event, and never just stops")
  func cancellationError() async throws {
    let model = try TinyModel.open(maximumSequences: 1)
    let request = request(0)
    let whole = Task { try await model.complete(request) }
    whole.cancel()
    await #expect(throws: CancellationError.self) { try await whole.value }
    let streamed = Task {
      for try await event in model.generate(request) {
        if case .text = event { withUnsafeCurrentTask { $0?.cancel() } }
      }
    }
    await #expect(throws: CancellationError.self) { try await streamed.value }
  }

  @Test("One that fails, since its biases forbid every token, fails alone")
  func failing() async throws {
    let model = try TinyModel.open()
    let expected = try await model.complete(request(2)).tokenIDs
    async let other = model.complete(request(2)).tokenIDs
    await #expect(throws: GenerationError.everyTokenForbidden) {
      var failing = request(3)
      failing.sampling.logitBias = Dictionary(uniqueKeysWithValues: (0..<128).map { ($0, -.infinity) })
      return try await model.complete(failing)
    }
    #expect(try await other == expected)
  }
}
