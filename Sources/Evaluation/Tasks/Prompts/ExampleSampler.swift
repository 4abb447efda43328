import MartletJSON
import MartletPrompting

/// Chooses the examples of each prompt, as lm-evaluation-harness 0.4.13 does: one generator for all questions of a task,
/// whose state goes on from question to question.
struct ExampleSampler {
  private let pool: [TaskRow]
  private let rule: TaskDefinition.Examples.Sampler
  private let task: String
  private var random: PythonRandom

  init(_ pool: [TaskRow], rule: TaskDefinition.Examples.Sampler, task: String, seed: Int) {
    (self.pool, self.rule, self.task) = (pool, rule, task)
    random = PythonRandom(seed: seed)
  }

  /// The examples for one question.
  /// - Parameter own: The question's row, which is no example for itself; nil where rows are not compared.
  mutating func examples(_ count: Int, without own: TaskRow?) throws(TaskError) -> [TaskRow] {
    guard count > 0 else { return [] }
    switch rule {
    case .first:
      let rows = own.map { own in pool.filter { !$0.object.isSame(as: own.object) } } ?? pool
      try require(count, of: rows.count)
      return Array(rows.prefix(count))
    case .random:
      guard let own else {
        try require(count, of: pool.count)
        return random.sample(count, of: pool.count).map { pool[$0] }
      }
      // One more is drawn than needed, because the question's own row may be among them.
      try require(count, of: pool.count - 1)
      let drawn = random.sample(count + 1, of: pool.count).map { pool[$0] }
      let others = drawn.filter { !$0.object.isSame(as: own.object) }
      if others.count >= count { return Array(others.prefix(count)) }
      let rest = pool.filter { !$0.object.isSame(as: own.object) }
      try require(count, of: rest.count)
      return random.sample(count, of: rest.count).map { rest[$0] }
    }
  }

  private func require(_ count: Int, of available: Int) throws(TaskError) {
    guard count <= available else {
      throw .tooFewExamples(task: task, asked: count, available: available)
    }
  }
}
