import MartletLanguageModels

extension Evaluator {
  /// Scores the choices of items, some dozens of items at a time.
  func score(_ positions: [Int], _ tell: @Sendable (Event) throws -> Void) async throws {
    for begin in stride(from: 0, to: positions.count, by: settings.itemsPerStep) {
      let step = positions[begin..<min(positions.count, begin + settings.itemsPerStep)]
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
      try tell(.results(results, seconds: (ContinuousClock.now - start) / .seconds(1)))
    }
  }
}
