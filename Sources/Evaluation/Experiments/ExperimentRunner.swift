import MartletJSON
import MartletLanguageModels
import MartletPrompting

/// Puts the tests of an experiment to a model with one of its prompts, and checks the outputs.
///
/// Tests are asked side by side; a model that runs here decodes them together. Results come as records of the same kind
/// as a benchmark's.
public struct ExperimentRunner: Sendable {
  /// How tests are put to the model.
  public struct Settings: Sendable {
    /// How many requests are made side by side.
    public var concurrency: Int
    /// How often each test is asked.
    public var repeats: Int
    /// What outputs are drawn with; each test and each repeat has a seed of its own that is made from this one. Nil draws
    /// without seeds, for models that take none.
    public var seed: UInt64?

    /// Settings.
    public init(concurrency: Int = 16, repeats: Int = 1, seed: UInt64? = 1234) {
      self.concurrency = max(1, concurrency)
      self.repeats = max(1, repeats)
      self.seed = seed
    }

    /// Sees to it that repeats of a prompt can differ.
    /// - Throws: ``ExperimentError/sameRepeats(prompt:repeats:)``.
    public func check(_ prompt: PromptVariant) throws(ExperimentError) {
      guard repeats == 1 || prompt.generation.temperature > 0 else {
        throw .sameRepeats(prompt: prompt.name, repeats: repeats)
      }
    }
  }

  let prompt: PromptVariant
  let tests: [ExperimentTest]
  let model: any LanguageModel
  let services: ExperimentServices
  let settings: Settings

  /// - Parameters:
  ///   - prompt: How the tests are asked.
  ///   - tests: What is asked.
  ///   - model: Who is asked.
  ///   - services: What assertions and examples need.
  ///   - settings: How often, and how many at once.
  /// - Throws: ``ExperimentError/sameRepeats(prompt:repeats:)``.
  public init(
    _ prompt: PromptVariant, tests: [ExperimentTest], model: any LanguageModel,
    services: ExperimentServices = ExperimentServices(), settings: Settings = Settings()
  ) throws(ExperimentError) {
    try settings.check(prompt)
    self.prompt = prompt
    self.tests = tests
    self.model = model
    self.services = services
    self.settings = settings
  }

  /// Asks the tests that have no result yet.
  /// - Parameters:
  ///   - done: The places of tests that have one.
  ///   - tell: Told of results as they come. They do not come in the tests' order.
  /// - Throws: What the model or a prompt throws, or `CancellationError`. What was told before stands.
  public func run(
    skipping done: Set<Int> = [], _ tell: @Sendable (Evaluator.Event) throws -> Void
  ) async throws {
    let open = tests.indices.filter { !done.contains($0) }
    // The samples of a vote are requests side by side, too.
    let count = max(1, settings.concurrency / prompt.strategy.samples)
    try await SideBySide.run(open, atOnce: count, work: { try await outcome(of: $0) }, tell)
  }

  private func outcome(of position: Int) async throws -> SideBySide.Outcome {
    let test = tests[position]
    let (prompt, model, settings) = (prompt, model, settings)
    var outcomes: [PromptOutcome] = []
    for number in 0..<settings.repeats {
      outcomes.append(
        try await prompt.answer(
          test.variables, model: model, repetition: number,
          seed: { number in settings.seed.map { Evaluator.seed($0, of: test.id, repeat: number) } },
          embeddings: services.embeddings))
    }
    var result = ItemResult(id: test.id, expected: test.expected)
    var checks: [[AssertionOutcome]] = []
    for outcome in outcomes {
      let subject = Assertion.Subject(
        question: outcome.steps.last?.request.prompt.lastText ?? "", answer: outcome.answer,
        usage: outcome.usage)
      var list: [AssertionOutcome] = []
      for assertion in test.assertions {
        list.append(try await assertion.outcome(of: subject, with: services))
      }
      checks.append(list)
    }
    result.fill(outcomes, checks)
    try result.addRepeatScores()
    let requests = outcomes.first?.steps.map(\.request) ?? []
    return SideBySide.Outcome(
      record: ItemRecord(
        position: position, prompt: Self.json(of: requests), document: test.document, result: result),
      warnings: outcomes.flatMap(\.warnings))
  }

  /// The request whose completion is the answer, and where there are several, all of them.
  private static func json(of requests: [GenerationRequest]) -> JSON {
    guard let last = requests.last else { return [:] }
    var object: JSONObject = [
      "prompt": last.prompt.json, "until": .array(last.stop.map { .string($0) }),
      "max_gen_toks": last.maximumTokens.map { JSON($0) } ?? .null,
      "temperature": JSON(last.sampling.temperature),
    ]
    let prompts = requests.map(\.prompt)
    if prompts.contains(where: { $0 != last.prompt }) {
      object["prompts"] = .array(prompts.map(\.json))
    }
    return .object(object)
  }
}

extension ItemResult {
  /// Takes in what the prompt gave in each repeat, and how the assertions held.
  fileprivate mutating func fill(_ outcomes: [PromptOutcome], _ all: [[AssertionOutcome]]) {
    outputs = outcomes.map(\.text)
    if let answer = outcomes.first?.answer { extracted = ["answer": answer] }
    if outcomes.contains(where: { $0.steps.count > 1 }) {
      completions = outcomes.map { $0.steps.map(\.completion.text) }
    }
    checks = all
    usage = outcomes.reduce(PromptUsage()) { $0 + $1.usage }
    cutOutputs = outcomes.count { $0.cutCompletions > 0 }
    cutPromptTokens = outcomes.flatMap(\.steps).map(\.cutPromptTokens).max() ?? 0
    // A reply without an answer is one whose thinking never ended, or one in which the prompt's rule found nothing.
    let missing = outcomes.filter { $0.answer == nil }
    unansweredOutputs = missing.count { Thinking.answer(in: $0.text) == nil }
    unextractedOutputs = missing.count - unansweredOutputs

    var verdicts = ["acc": all.map { $0.allSatisfy(\.holds) }]
    for name in Set(all.joined().compactMap(\.name)) {
      verdicts["acc,\(name)"] = all.map { $0.filter { $0.name == name }.allSatisfy(\.holds) }
    }
    for (name, list) in verdicts { scores[name] = Double(list.count { $0 }) / Double(list.count) }
    if all.count > 1 { repeats = verdicts }
    correct = scores["acc"].flatMap { $0 == 1 ? true : $0 == 0 ? false : nil }
  }
}

extension Prompt {
  /// What was said last.
  var lastText: String {
    switch self {
    case .messages(let messages, _): messages.last?.content ?? ""
    case .text(let text): text
    case .tokens: ""
    }
  }
}
