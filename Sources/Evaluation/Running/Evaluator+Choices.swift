import MartletLanguageModels

extension Evaluator {
  /// Scores the choices of items, some dozens of items at a time.
  func score(_ positions: [Int], _ tell: @Sendable (Event) throws -> Void) async throws {
    for begin in stride(from: 0, to: positions.count, by: settings.itemsPerStep) {
      let step = positions[begin..<min(positions.count, begin + settings.itemsPerStep)]
      let start = ContinuousClock.now
      let requests = step.compactMap { position -> ScoringRequest? in
        guard case .choices(let context, let continuations) = task.items[position].prompt else { return nil }
        // As lm-evaluation-harness does: the beginning of what is too long is left out, and that is reported.
        return ScoringRequest(context, continuations: continuations, overflow: .cutStart)
      }
      let scores = try await model.score(requests)
      var results: [ItemRecord] = []
      for (position, scores) in zip(step, scores) {
        let item = task.items[position]
        if let cut = scores.map(\.cutTokens).max(), cut > 0 {
          try tell(.warning("\(item.id): the first \(cut) tokens of the prompt do not fit into the context."))
        }
        let result = try await task.result(of: item, reply: .choices(scores), runProgram: runProgram)
        results.append(ItemRecord(position: position, item: item, result: result))
      }
      try tell(.results(results, seconds: (ContinuousClock.now - start) / .seconds(1)))
    }
  }
}
