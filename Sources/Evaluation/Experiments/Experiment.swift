import MartletJSON
import MartletPrompting

/// Prompts that are compared on the same tests, as a file describes them.
///
/// ```swift
/// let experiment = try Experiment(yaml: bytes, file: "tip.yaml", folder: folder)
/// for prompt in experiment.prompts { print(prompt.name, prompt.strategy.kind.rawValue) }
/// ```
public struct Experiment: Sendable {
  /// The name, which its runs have as their task.
  public let name: String
  /// The version, which grows when its meaning changes.
  public let version: String
  /// The models that the file names; none leaves the choice to whoever runs it.
  public let models: [String]
  /// How often each test is asked.
  public let repeats: Int
  /// What outputs are drawn with.
  public let seed: Int
  /// The model that judges by rubrics, where the file names one.
  public let judge: String?
  /// The model that embeds texts, where the file names one.
  public let embedder: String?
  /// The prompts.
  public let prompts: [PromptVariant]
  /// The tests, in their order.
  public let tests: [ExperimentTest]
  /// What the person should know, such as variables that no prompt reads.
  public let warnings: [String]

  /// Whether a model has to judge.
  public var needsJudge: Bool { assertions.contains { if case .rubric = $0.check { true } else { false } } }

  /// Whether texts are compared by their meaning: by an assertion, or to choose examples.
  public var needsEmbedder: Bool {
    assertions.contains { if case .similar = $0.check { true } else { false } }
      || prompts.contains { $0.strategy.examples?.choice == .nearest }
  }

  private var assertions: [Assertion] { tests.flatMap(\.assertions) }

  /// The prompt of a name.
  /// - Throws: ``ExperimentError/noSuchPrompt(_:known:)``.
  public func prompt(named name: String) throws(ExperimentError) -> PromptVariant {
    guard let prompt = prompts.first(where: { $0.name == name }) else {
      throw .noSuchPrompt(name, known: prompts.map(\.name))
    }
    return prompt
  }

  init(
    name: String, version: String, models: [String], repeats: Int, seed: Int, judge: String?,
    embedder: String?, prompts: [PromptVariant], tests: [ExperimentTest]
  ) {
    self.name = name
    self.version = version
    self.models = models
    self.repeats = repeats
    self.seed = seed
    self.judge = judge
    self.embedder = embedder
    self.prompts = prompts
    self.tests = tests
    warnings = Self.warnings(prompts, tests)
  }

  /// What is given and nothing reads.
  private static func warnings(_ prompts: [PromptVariant], _ tests: [ExperimentTest]) -> [String] {
    var warnings: [String] = []
    var names: [String] = []
    for test in tests { for name in test.variables.keys where !names.contains(name) { names.append(name) } }
    for name in names {
      let isRead = prompts.contains { $0.mentions(name) } || tests.contains { $0.asserts(with: name) }
      if !isRead { warnings.append("No prompt and no assertion reads the variable \(JSON.quoted(name)).") }
    }
    for prompt in prompts {
      guard let examples = prompt.strategy.examples else { continue }
      let members = Set(examples.examples.flatMap(\.keys))
      for name in members.sorted() where !prompt.mentions(name) && !examples.answer.mentions(name) {
        warnings.append("The prompt \(prompt.name) does not read \(JSON.quoted(name)) of its examples.")
      }
    }
    return warnings
  }
}
