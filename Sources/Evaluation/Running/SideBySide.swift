import MartletLanguageModels

/// Work on several items at once, whose results are told of as soon as they are there.
enum SideBySide {
  /// What one item came to.
  struct Outcome: Sendable {
    let record: ItemRecord
    let warnings: [String]
  }

  /// - Parameters:
  ///   - positions: The items, in the order in which they are begun.
  ///   - count: How many are worked on at once.
  ///   - work: What is done for an item.
  ///   - tell: Told of results as they come, with the seconds since the one before.
  static func run(
    _ positions: [Int], atOnce count: Int, work: @escaping @Sendable (Int) async throws -> Outcome,
    _ tell: @Sendable (Evaluator.Event) throws -> Void
  ) async throws {
    var open = positions[...]
    var mark = ContinuousClock.now
    try await withThrowingTaskGroup(of: Outcome.self) { group in
      for position in open.prefix(count) { group.addTask { try await work(position) } }
      open.removeFirst(min(open.count, count))
      while let outcome = try await group.next() {
        if let position = open.popFirst() { group.addTask { try await work(position) } }
        for warning in outcome.warnings { try tell(.warning(warning)) }
        let now = ContinuousClock.now
        try tell(.results([outcome.record], seconds: (now - mark) / .seconds(1)))
        mark = now
      }
    }
  }
}
