import MartletLanguageModels

extension Evaluator {
  /// Scores the choices of items, so many at a time as take a second or some, and ``Settings/itemsPerStep`` at most:
  /// what a run that is stopped loses is the step at hand.
  func score(_ positions: [Int], _ tell: @Sendable (Event) throws -> Void) async throws {
    var open = positions[...]
    var count = min(8, settings.itemsPerStep)
    while !open.isEmpty {
      let step = open.prefix(count)
      open = open.dropFirst(count)
      let start = ContinuousClock.now
      let requests = step.compactMap { position -> ScoringRequest? in
        guard case .choices(let context, let continuations) = task.items[position].prompt else { return nil }
        // As lm-evaluation-harness does: the beginning of what is too long is left out. The result tells how much.
        return ScoringRequest(context, continuations: continuations, overflow: .cutStart)
      }
      let scores = try await model.score(requests)
      var results: [ItemRecord] = []
      for (position, scores) in zip(step, scores) {
        let item = task.items[position]
        var result = try await task.result(of: item, reply: .choices(scores), runProgram: runProgram)
        result.cutPromptTokens = scores.map(\.cutTokens).max() ?? 0
        results.append(ItemRecord(position: position, item: item, result: result))
      }
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      try tell(.results(results, seconds: seconds))
      if seconds < 1 { count = min(settings.itemsPerStep, count * 2) }
      if seconds > 4 { count = max(1, count / 2) }
    }
  }
}
