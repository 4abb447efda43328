import Foundation
import MartletJSON
import MartletYAML

/// What is asked of a model, how the answers are read, and what counts as right: a benchmark, or a person's own questions.
///
/// The definition of a benchmark is a small file in the vocabulary of lm-evaluation-harness, whose prompts and scores it
/// gives, byte for byte. Its rows are ``TaskData``; a task of one's own holds its questions itself.
///
/// ```swift
/// let task = try EvaluationTask.builtIn(named: "arc_easy")
/// let own = try EvaluationTask(lines: #"{"question": "2+2=?", "number": 4}"#, file: "sums.jsonl")
/// ```
public struct EvaluationTask: Sendable {
  /// What a model is asked for.
  public enum OutputType: String, Sendable, CaseIterable {
    /// How probable it finds each of a few continuations.
    case multipleChoice = "multiple_choice"
    /// A text.
    case generateUntil = "generate_until"
  }

  /// Where a benchmark's rows come from.
  public struct Dataset: Sendable, Equatable {
    /// Its name in the catalogue of data sets.
    public var name: String
    /// Its name on the Hugging Face hub, as lm-evaluation-harness loads it.
    public var path: String?
    /// Its configuration there.
    public var configuration: String?
    /// Further names of files that hold a split, by the split's name.
    public var fileNames: [String: [String]] = [:]
  }

  /// The name, such as `hellaswag`.
  public let name: String
  /// The version, which grows when scores change: that of lm-evaluation-harness's task for benchmarks.
  public let version: String
  /// Where the rows come from; nil for a task that holds its questions.
  public var dataset: Dataset? { if case .benchmark(let task) = kind { task.dataset } else { nil } }
  /// The file's members, but for the questions: what a run's recipe tells of the task.
  let source: JSON
  let kind: Kind

  enum Kind: Sendable {
    case benchmark(TaskDefinition)
    case own(OwnQuestions)
  }

  init(name: String, version: String, source: JSON, kind: Kind) {
    (self.name, self.version, self.source, self.kind) = (name, version, source, kind)
  }
}

extension EvaluationTask {
  /// The examples in a prompt where nobody says otherwise.
  public var standardShots: Int {
    switch kind {
    case .benchmark(let task): task.fewshotCount ?? 0
    case .own(let questions): questions.shots
    }
  }

  /// How many outputs are asked for per question.
  public var repeats: Int { if case .benchmark(let task) = kind { task.repeats } else { 1 } }

  /// Whether scoring runs programs that the model wrote.
  public var runsPrograms: Bool {
    guard case .benchmark(let task) = kind else { return false }
    return task.metrics.contains {
      switch $0 {
      case .passAtK, .passAtOne: true
      default: false
      }
    }
  }

  /// The names of the scores, the most important first.
  public var scoreNames: [String] {
    guard case .benchmark(let task) = kind else { return ["acc"] }
    return task.metrics.flatMap { metric in metric.names(filters: task.filters) }
  }
}

extension TaskMetric {
  /// The names of its scores, as lm-evaluation-harness has them, without the filter "none".
  func names(filters: [OutputFilter]) -> [String] {
    func named(_ name: String) -> [String] {
      filters.map { $0.name == "none" ? name : "\(name),\($0.name)" }
    }
    switch self {
    case .accuracy, .trueProbability: return ["acc"]
    case .normalizedAccuracy: return ["acc_norm"]
    case .exactMatch: return named("exact_match")
    case .passAtOne: return named("pass_at_1")
    case .passAtK(let ks): return ks.flatMap { named("pass@\($0)") }
    }
  }
}
