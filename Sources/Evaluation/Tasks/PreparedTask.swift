import MartletJSON
import MartletLanguageModels
import MartletPrompting

/// A task's questions as prompts, with everything that moves the score.
///
/// ```swift
/// let task = try EvaluationTask(lines: #"{"question": "2+2=?", "number": 4}"#, file: "sums.jsonl")
/// let prepared = try PreparedTask(task, chat: true)
/// let reply = ItemReply.outputs(["It is 4."])
/// let result = try await prepared.result(of: prepared.items[0], reply: reply) { _ in false }
/// let scores = prepared.scores(of: [result])  // scores.overall["acc"]?.mean is 1
/// ```
public struct PreparedTask: Sendable {
  /// The task.
  public let task: EvaluationTask
  /// The questions, in the order of the rows; where the task has groups, group by group.
  public let items: [EvaluationItem]
  /// The examples in each prompt.
  public let shots: Int
  /// Everything of the task that moves the score: its name and version, the examples and how they are drawn, prompts,
  /// delimiters, generation settings, filters and metrics. The data's checksums and the model are the run's to add.
  public let recipe: JSON
  /// What the person should know, such as rows in a form that gives other prompts than the reference.
  public let warnings: [String]

  /// Makes the prompts.
  /// - Parameters:
  ///   - task: The task.
  ///   - data: Its rows; a task that holds its questions needs none.
  ///   - shots: The examples in each prompt; nil takes the task's own number.
  ///   - limit: The most questions, in order; of each group where the task has groups. Nil asks all.
  ///   - seed: What the examples are drawn with.
  ///   - chat: Whether prompts are conversations, for a model's chat template, or texts.
  /// - Throws: ``TaskError``, for a row with its file, line and member.
  public init(
    _ task: EvaluationTask, data: TaskData = TaskData(), shots: Int? = nil, limit: Int? = nil,
    seed: Int = 1234, chat: Bool
  ) throws(TaskError) {
    if let shots, shots < 0 { throw .invalidRequest("The number of examples cannot be \(shots).") }
    if let limit, limit < 1 { throw .invalidRequest("The number of questions cannot be \(limit).") }
    let shots = shots ?? task.standardShots
    let request = PreparationRequest(task: task, shots: shots, limit: limit, seed: seed, isChat: chat)
    let preparation =
      switch task.kind {
      case .benchmark(let definition): try request.prepare(definition, data)
      case .own(let questions): try request.prepare(questions)
      }
    self.task = task
    self.shots = shots
    items = preparation.items
    warnings = preparation.warnings
    var recipe: JSONObject = [
      "task": .string(task.name), "version": .string(task.version), "num_fewshot": JSON(shots),
      "fewshot_seed": JSON(seed), "limit": limit.map { JSON($0) } ?? .null, "chat": .bool(chat),
      "questions": JSON(items.count),
    ]
    for (key, value) in preparation.recipe { recipe[key] = value }
    if !warnings.isEmpty { recipe["warnings"] = .array(warnings.map { .string($0) }) }
    recipe["definition"] = task.source
    self.recipe = .object(recipe)
  }
}

/// How a task is asked this time.
struct PreparationRequest {
  let task: EvaluationTask
  let shots: Int
  let limit: Int?
  let seed: Int
  let isChat: Bool

  /// What comes of it.
  struct Outcome {
    var items: [EvaluationItem] = []
    var warnings: [String] = []
    var recipe: JSONObject = [:]
  }

  func prompt(of turns: PromptTurns) -> Prompt {
    isChat ? .messages(turns.messages) : .text(turns.text)
  }
}
