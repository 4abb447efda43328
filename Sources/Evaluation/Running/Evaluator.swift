import MartletLanguageModels

/// Puts the items of a task to a model, and scores its replies.
///
/// Items with choices are scored some at a time, those of one group together, so that the model computes the
/// examples and questions that they share once. Items that ask for a text are generated side by side.
public struct Evaluator: Sendable {
  /// How items are put to the model.
  public struct Settings: Sendable {
    /// How many items with choices are scored together at most; fewer where they take long.
    public var itemsPerStep: Int
    /// How many texts are generated side by side.
    public var concurrency: Int
    /// How many outputs each item gets.
    public var repeats: Int
    /// The temperature that outputs are drawn with; nil is the task's own.
    public var temperature: Float?
    /// Makes drawing repeatable: each item and each repeat has a seed of its own that is made from this one. Nil draws
    /// without seeds, for models that take none.
    public var seed: UInt64?

    /// Settings.
    public init(
      itemsPerStep: Int = 32, concurrency: Int = 16, repeats: Int = 1, temperature: Float? = nil,
      seed: UInt64? = 1234
    ) {
      self.itemsPerStep = max(1, itemsPerStep)
      self.concurrency = max(1, concurrency)
      self.repeats = max(1, repeats)
      self.temperature = temperature
      self.seed = seed
    }
  }

  /// What happens during a run.
  public enum Event: Sendable {
    /// Items were scored, and what they took.
    case results([ItemRecord], seconds: Double)
    /// Something that the person should know.
    case warning(String)
  }

  let model: any LanguageModel
  let task: PreparedTask
  let settings: Settings
  let runProgram: @Sendable (String) async throws -> Bool

  /// - Parameters:
  ///   - model: What is asked.
  ///   - task: What it is asked.
  ///   - settings: How.
  ///   - runProgram: Runs a program that the model wrote, contained, and says whether it passed.
  public init(
    model: any LanguageModel, task: PreparedTask, settings: Settings = Settings(),
    runProgram: @escaping @Sendable (String) async throws -> Bool
  ) {
    self.model = model
    self.task = task
    self.settings = settings
    self.runProgram = runProgram
  }

  /// Scores the items that have no result yet.
  /// - Parameters:
  ///   - done: The places of items that have one.
  ///   - tell: Told of results as they come. They do not come in the items' order.
  /// - Throws: What the model or `runProgram` throws, or `CancellationError`. What was told before stands.
  public func run(
    skipping done: Set<Int> = [], _ tell: @Sendable (Event) throws -> Void
  ) async throws {
    let open = task.items.indices.filter { !done.contains($0) }
    var ranks: [String?: Int] = [:]
    for position in open where ranks[task.items[position].group] == nil {
      ranks[task.items[position].group] = ranks.count
    }
    let order = open.sorted {
      (ranks[task.items[$0].group] ?? 0, $0) < (ranks[task.items[$1].group] ?? 0, $1)
    }
    try await score(order.filter { task.items[$0].hasChoices }, tell)
    try await generate(order.filter { !task.items[$0].hasChoices }, tell)
  }
}

extension EvaluationItem {
  /// Whether continuations are compared; else a text is generated.
  var hasChoices: Bool { if case .choices = prompt { true } else { false } }
}
