import Foundation
import MartletDatasets
import MartletEvaluation
import MartletJSON
import MartletLanguageModels
import MartletSandbox

/// `eval run`: prepares a task, puts it to a model, and keeps what comes of it.
struct EvalRun {
  private let arguments: Arguments
  private let console: Console

  init(_ arguments: Arguments, _ console: Console) {
    self.arguments = arguments
    self.console = console
  }

  func run() async throws {
    // What is cheap to find wrong is looked at before a model is loaded.
    let (task, isOwn) = try openTask()
    guard !arguments[EvalRunOptions.chat] || !arguments[EvalRunOptions.raw] else {
      throw UsageError("--chat and --raw exclude each other.", advice: "Leave one of them out.")
    }
    let store = try EvaluateOptions.store(arguments)
    let (data, location) = try rows(of: task)
    let subject = try SubjectModel(
      arguments[ModelParameters.answerer], precision: arguments[ModelParameters.exactPrecision], arguments)
    let isRaw = arguments[EvalRunOptions.raw]
    func prepare(chat: Bool) throws -> PreparedTask {
      try PreparedTask(
        task, data: data, shots: arguments[EvalRunOptions.shots], limit: arguments[EvalRunOptions.limit],
        seed: arguments[EvalRunOptions.seed], chat: chat)
    }
    var isChat = arguments[EvalRunOptions.chat] || isOwn && !isRaw && subject.takesMessages
    var prepared = try prepare(chat: isChat)
    if !isChat, !isRaw, subject.isProvider, prepared.items.contains(where: \.isGeneration) {
      isChat = true
      prepared = try prepare(chat: true)
    }
    let repeats = try repeats(of: prepared)
    let sandbox = try await self.sandbox(for: task)
    let model = try subject.load(console)
    if isChat { try model.requireChat() }
    prepared.warnings.forEach(console.warn)

    let recipe = RunRecipe(
      task: prepared.recipe, taskName: task.name, model: try subject.recipe(),
      data: location.map { .init(location: $0, sha256: data.sha256) },
      generation: generation(repeats: repeats, of: prepared, model), program: "martlet \(Program.version)")
    let settings = Evaluator.Settings(
      repeats: repeats, temperature: arguments[EvalRunOptions.temperature].map { Float($0) },
      seed: subject.takesSeeds ? UInt64(arguments[EvalRunOptions.seed]) : nil)
    let evaluator = Evaluator(model: model, task: prepared, settings: settings) { program in
      try await sandbox?.passes(program) ?? false
    }
    let kept = KeptRun(
      recipe: recipe, title: task.name, itemCount: prepared.items.count, store: store, console: console)
    let finished = try await kept.perform(
      isFresh: arguments[EvalRunOptions.fresh], scores: { prepared.scores(of: $0).overall }
    ) { done, tell in try await evaluator.run(skipping: done, tell) }
    try EvalRunPrinter(
      run: finished.run, task: prepared, results: finished.records.map(\.result), console: console
    )
    .print(json: arguments[StoreParameters.json], warnings: prepared.warnings + finished.warnings)
  }

  // MARK: Preparing

  /// The outputs for each item, where that makes sense.
  private func repeats(of task: PreparedTask) throws -> Int {
    let settings = task.items.compactMap { item -> SamplingParameters? in
      if case .generation(_, _, _, let sampling) = item.prompt { sampling } else { nil }
    }
    guard let sampling = settings.first else {
      for option in [EvalRunOptions.repeats.definition, EvalRunOptions.temperature.definition]
      where arguments.has(option) {
        console.warn("\(option.spelling) changes nothing here: the model only compares choices.")
      }
      return 1
    }
    let repeats = max(arguments[EvalRunOptions.repeats], task.task.repeats)
    if repeats > 1, (arguments[EvalRunOptions.temperature] ?? Double(sampling.temperature)) == 0 {
      throw UsageError(
        "--repeats \(repeats) would give the same output \(repeats) times.",
        advice: "Add a --temperature above 0, such as 0.8.")
    }
    return repeats
  }

  private func openTask() throws -> (EvaluationTask, isOwn: Bool) {
    let name = arguments[EvalRunOptions.task]
    if EvaluationTask.builtInNames.contains(name) { return (try EvaluationTask.builtIn(named: name), false) }
    guard name.contains("/") || name.contains(".") || FileManager.default.fileExists(atPath: name) else {
      throw UsageError(
        "There is no task ‘\(name)’.",
        advice:
          "Benchmarks are \(EvaluationTask.builtInNames.joined(separator: ", ")); a file of questions ends in "
          + ".jsonl, .yaml, .yml or .json.")
    }
    let task = try EvaluationTask(file: URL(filePath: name))
    return (task, task.dataset == nil)
  }

  private func rows(of task: EvaluationTask) throws -> (TaskData, location: String?) {
    guard let dataset = task.dataset else {
      if arguments[EvalRunOptions.data] != nil {
        throw UsageError(
          "\(task.name) holds its own questions, so --data has no use.", advice: "Leave it out.")
      }
      return (TaskData(), nil)
    }
    if let path = arguments[EvalRunOptions.data] {
      return (try TaskData(contentsOf: URL(filePath: path)), path)
    }
    let entry = try DatasetCatalogue.standard().entry(named: dataset.name)
    let cache = DatasetCache()
    guard try cache.manifest(of: entry) != nil else {
      throw ReportedFailure(
        .noInput,
        "The data of \(task.name) are not here. Fetch them with ‘martlet data pull \(dataset.name)’, or name a folder "
          + "with --data.")
    }
    let folder = cache.path(of: entry)
    return (try TaskData(contentsOf: URL(filePath: folder)), folder)
  }

  /// What runs the programs of a task that has such; found out to work before the model writes one.
  private func sandbox(for task: EvaluationTask) async throws -> Sandbox? {
    guard task.runsPrograms else { return nil }
    let sandbox = Sandbox()
    let result = try await sandbox.run("pass")
    guard result.outcome != .refused else {
      throw ReportedFailure(
        .unavailable, result.reason ?? "The programs that the model writes cannot be contained here.")
    }
    return sandbox
  }

  private func generation(repeats: Int, of task: PreparedTask, _ model: any LanguageModel) -> JSONObject {
    var members: JSONObject = [:]
    if let context = model.contextLength { members["context"] = JSON(context) }
    guard task.items.contains(where: \.isGeneration) else { return members }
    members["repeats"] = JSON(repeats)
    members["temperature"] = arguments[EvalRunOptions.temperature].map { JSON($0) } ?? .string("task")
    members["seed"] = JSON(arguments[EvalRunOptions.seed])
    return members
  }
}

extension EvaluationItem {
  /// Whether a text is generated; else choices are compared.
  fileprivate var isGeneration: Bool { if case .generation = prompt { true } else { false } }
}

extension Sandbox {
  /// Whether a program passes.
  fileprivate func passes(_ program: String) async throws -> Bool {
    let result = try await run(program)
    guard result.outcome != .refused else {
      throw ReportedFailure(.unavailable, result.reason ?? "A program cannot be contained here.")
    }
    return result.outcome == .passed
  }
}
