import MartletLanguageModels
import MartletTensors
import MartletTokenizers
import Testing

@testable import MartletGeneration

@Suite("Prompts that begin alike")
struct PrefixTests {
  private let beginning: [TokenID] = (0..<40).map { 20 + $0 % 60 }

  private func request(_ ids: [TokenID], tokens: Int = 6) -> GenerationRequest {
    GenerationRequest(.tokens(ids), sampling: .greedy, maximumTokens: tokens, ignoresEnd: true)
  }

  @Test("The next turn of a conversation computes what is new, and says how much was known")
  func nextTurn() async throws {
    let model = try TinyModel.open(precision: .float32)
    let first = try await model.complete(request(beginning))
    #expect(first.cachedTokenCount == 0)
    let next = beginning + first.tokenIDs + [3, 4, 5]
    let second = try await model.complete(request(next))
    // The last token that was drawn was never read.
    #expect(second.cachedTokenCount == beginning.count + first.tokenIDs.count - 1)
    let fresh = try await TinyModel.open(precision: .float32).complete(request(next))
    #expect(second.tokenIDs == fresh.tokenIDs && fresh.cachedTokenCount == 0)
  }

  @Test("The same prompt again computes its last token alone")
  func again() async throws {
    let model = try TinyModel.open(precision: .float32)
    let first = try await model.complete(request(beginning))
    let second = try await model.complete(request(beginning))
    #expect(second.cachedTokenCount == beginning.count - 1)
    #expect(second.tokenIDs == first.tokenIDs)
    model.forgetPrefixes()
    #expect(model.cacheByteCount == 0)
    #expect(try await model.complete(request(beginning)).cachedTokenCount == 0)
  }

  @Test("Prompts that come together share their beginning")
  func together() async throws {
    let model = try TinyModel.open(precision: .float32)
    let long: [TokenID] = (0..<100).map { 20 + $0 % 70 }
    let completions = try await withThrowingTaskGroup(of: (Int, Completion).self) { group in
      for index in 0..<4 {
        group.addTask { (index, try await model.complete(request(long + [TokenID(30 + index)], tokens: 4))) }
      }
      return try await group.reduce(into: [Int: Completion]()) { $0[$1.0] = $1.1 }
    }
    #expect(completions.values.filter { $0.cachedTokenCount >= long.count - 1 }.count == 3)
    for (index, completion) in completions {
      let alone = try await TinyModel.open(precision: .float32)
        .complete(request(long + [TokenID(30 + index)], tokens: 4))
      #expect(completion.tokenIDs == alone.tokenIDs, "\(index)")
    }
  }

  @Test("One that has no room in the cache's budget fails by itself, and what is kept gives way")
  func budget() async throws {
    let page = try TinyModel.open(precision: .float32).transformer.makePagePool(.float32).shape.pageByteCount
    let model = try TinyModel.open(precision: .float32, cacheBudget: page)
    let long: [TokenID] = (0..<100).map { 20 + $0 % 70 }
    let small = Task { try await model.complete(request(beginning)) }
    let large = Task { try await model.complete(request(long)) }
    await #expect(throws: PagePoolError.self) { _ = try await large.value }
    let first = try await small.value
    #expect(first.tokenIDs.count == 6)
    let other = try await model.complete(request(Array(beginning.reversed())))
    #expect(other.tokenIDs.count == 6 && other.cachedTokenCount == 0)
    #expect(model.cacheByteCount <= page)
  }

  @Test("More sequences than the budget holds wait their turn, and each gets what it gets alone")
  func waiting() async throws {
    let page = try TinyModel.open(precision: .float32).transformer.makePagePool(.float32).shape.pageByteCount
    let model = try TinyModel.open(precision: .float32, cacheBudget: 2 * page)
    let results = try await withThrowingTaskGroup(of: (Int, [TokenID]).self) { group in
      for index in 0..<6 {
        group.addTask { (index, try await model.complete(request([TokenID(20 + index), 30, 31])).tokenIDs) }
      }
      return try await group.reduce(into: [Int: [TokenID]]()) { $0[$1.0] = $1.1 }
    }
    for index in 0..<6 {
      let alone = try await TinyModel.open(precision: .float32).complete(
        request([TokenID(20 + index), 30, 31]))
      #expect(results[index] == alone.tokenIDs)
    }
  }

  @Test("Tokens come with their log-probabilities, which are those that scoring gives")
  func logProbabilities() async throws {
    let model = try TinyModel.open(precision: .float32)
    var request = request(beginning)
    request.topLogProbabilities = 3
    var events: [GeneratedToken] = []
    var finished: Completion?
    for try await event in model.generate(request) {
      if case .token(let token) = event { events.append(token) }
      if case .finished(let completion) = event { finished = completion }
    }
    let completion = try #require(finished)
    #expect(completion.tokens == events && events.map(\.chosen.id) == completion.tokenIDs)
    let losses = try model.losses(of: beginning + completion.tokenIDs, from: beginning.count - 1)
    for (token, loss) in zip(events, losses) {
      #expect(abs(token.chosen.logProbability + Double(loss)) < 1e-4)
      #expect(token.top.count == 3 && token.top[0].id == token.chosen.id, "greedy takes the best")
      #expect(token.top[0].logProbability >= token.top[1].logProbability)
    }
    request.topLogProbabilities = nil
    #expect(try await model.complete(request).tokens.isEmpty)
  }
}
