import MartletLanguageModels
import MartletSeededRandom
import MartletTensors
import MartletTokenizers
import Testing

@testable import MartletGeneration

@Suite("Scoring continuations")
struct ScoringTests {
  private func model(context: Int? = nil) throws -> LocalModel {
    try TinyModel.open(precision: .float32, context: context)
  }

  private func words(_ count: Int, _ random: inout SplitMix64) -> String {
    (0..<count).map { _ in ["a", "b", "the", "cat", "is", "on", "mat"].randomElement(using: &random) ?? "a" }
      .joined(separator: " ")
  }

  /// The same by computing each pair alone.
  private func alone(_ model: LocalModel, _ context: [TokenID], _ continuation: [TokenID]) throws -> Double {
    let losses = try model.losses(of: context + continuation, from: context.count - 1)
    return losses.reduce(0) { $0 - Double($1) }
  }

  @Test("Scores are those of each pair alone, however much the requests have in common")
  func parity() async throws {
    let model = try model()
    var random = SplitMix64(seed: 27)
    let examples = words(12, &random)
    var requests: [ScoringRequest] = []
    for _ in 0..<12 {
      let prompt =
        (Int.random(in: 0..<4, using: &random) == 0 ? "" : examples)
        + words(1 + Int.random(in: 0..<12, using: &random), &random)
      let choices = (0..<4).map { _ in " " + words(1 + Int.random(in: 0..<3, using: &random), &random) }
      requests.append(ScoringRequest(.text(prompt), continuations: choices))
    }
    // Twice: the second time what the first has left is used.
    for _ in 0..<2 {
      let scores = try await model.score(requests)
      for (request, scores) in zip(requests, scores) {
        guard case .text(let prompt) = request.prompt else { return }
        for (continuation, score) in zip(request.continuations, scores) {
          let whole = try model.render(.text(prompt + continuation)).tokens
          let length = try model.render(.text(prompt)).tokens.count
          let expected = try alone(model, Array(whole[..<length]), Array(whole[length...]))
          #expect(abs(score.logLikelihood - expected) < 1e-3, "\(prompt)|\(continuation)")
          #expect(score.tokenCount == whole.count - length && score.cutTokens == 0)
        }
      }
    }
  }

  @Test("A continuation is greedy where generating gives it")
  func greedy() async throws {
    let model = try model()
    let prompt = Prompt.tokens([5, 9, 30, 41])
    let best = try await model.complete(
      GenerationRequest(prompt, sampling: .greedy, maximumTokens: 1, ignoresEnd: true))
    let scores = try await model.score((20..<60).map { model.tokenizer.decode([$0]) }, after: prompt)
    let greedy = zip(20..<60, scores).filter { $1.isGreedy && $1.tokenCount == 1 }.map { TokenID($0.0) }
    #expect(Set(greedy).isSubset(of: Set(best.tokenIDs)))
  }

  @Test("Spaces at the end of a prompt are the continuation's")
  func spaces() async throws {
    let model = try model()
    let joined = try await model.score([" cat"], after: .text("the mat is"))
    let split = try await model.score(["cat"], after: .text("the mat is "))
    #expect(abs(joined[0].logLikelihood - split[0].logLikelihood) < 1e-5)
    #expect(joined[0].tokenCount == split[0].tokenCount)
  }

  @Test("A prompt that is too long is refused, or cut where the request allows it, and that is counted")
  func overflow() async throws {
    let model = try model(context: 16)
    let ids: [TokenID] = (0..<30).map { 20 + $0 }
    let ending = model.tokenizer.decode([70])
    let count = model.tokenizer.encode(ending, addSpecialTokens: false).count
    await #expect(throws: GenerationError.self) { try await model.score([ending], after: .tokens(ids)) }
    let cut = try await model.score([
      ScoringRequest(.tokens(ids), continuations: [ending], overflow: .cutStart)
    ])[0][0]
    let kept = 17 - count
    let expected = try await model.score([ending], after: .tokens(Array(ids.suffix(kept))))[0]
    #expect(cut.cutTokens == 30 - kept)
    #expect(abs(cut.logLikelihood - expected.logLikelihood) < 1e-4)
  }

  @Test("An empty prompt stands for the beginning of a text, and an empty continuation is refused")
  func empty() async throws {
    let model = try model()
    let scores = try await model.score(["the"], after: .text(""))
    #expect(scores[0].logLikelihood < 0 && scores[0].tokenCount > 0)
    await #expect(throws: GenerationError.emptyContinuation) {
      try await model.score(["a", ""], after: .text("the"))
    }
  }

  @Test("Where the task is cancelled, scoring ends")
  func cancelled() async throws {
    let model = try model()
    let request = ScoringRequest(.text("the cat is on the mat"), continuations: [" a", " b"])
    let task = Task {
      while true { _ = try await model.score([ScoringRequest](repeating: request, count: 50)) }
    }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
  }

  @Test("A tree holds each sequence, and no more tokens than the sequences have together")
  func tree() {
    var random = SplitMix64(seed: 4)
    for _ in 0..<200 {
      let stem = (0..<Int.random(in: 0..<60, using: &random)).map { _ in
        TokenID(Int.random(in: 0..<3, using: &random))
      }
      let sequences = (0..<1 + Int.random(in: 0..<12, using: &random)).map { _ in
        let beginning = stem.prefix(Int.random(in: 0..<(stem.count + 1), using: &random))
        let rest = (0..<2 + Int.random(in: 0..<40, using: &random)).map { _ in
          TokenID(Int.random(in: 0..<2, using: &random))
        }
        return ScoredSequence(tokens: beginning + rest, firstScored: 1)
      }
      let tree = ScoringTree(sequences)
      var paths = [[TokenID]](repeating: [], count: sequences.count)
      var open = tree.roots
      while let index = open.popLast() {
        let node = tree.nodes[index]
        let tokens = sequences[node.members[0]].tokens[node.range]
        for member in node.members {
          #expect(paths[member].count == node.range.lowerBound)
          paths[member] += tokens
        }
        open += node.children
      }
      #expect(paths == sequences.map { Array($0.input) })
      let computed = tree.nodes.reduce(0) { $0 + $1.range.count }
      #expect(computed <= sequences.reduce(0) { $0 + $1.input.count })
    }
  }

  @Test("Choices share their question, and questions the examples before them")
  func shared() {
    let examples = [TokenID](repeating: 7, count: 300)
    let sequences = (0..<8).flatMap { question in
      (0..<4).map { choice in
        let own = [TokenID](repeating: 10 + TokenID(question), count: 50)
        return ScoredSequence(tokens: examples + own + [20 + TokenID(choice)], firstScored: 350)
      }
    }
    let tree = ScoringTree(sequences)
    #expect(tree.nodes.reduce(0) { $0 + $1.range.count } == 300 + 8 * 50)
  }
}
