import Foundation
import MartletJSON
import MartletMetrics
import MartletPrompting

/// The runs of an experiment side by side: how good each prompt is with each model, what it takes, and whether the best
/// one is better than chance explains.
public struct ExperimentReport: Sendable {
  /// A prompt with a model.
  public struct Row: Sendable {
    /// The run.
    public let run: EvaluationRun
    /// Its items, in their order.
    public let records: [ItemRecord]
    /// The prompt's name.
    public let prompt: String
    /// The share of outputs that pass all assertions: the mean over the tests.
    public let accuracy: Double
    /// The 95% interval of ``accuracy``: Wilson's, or with repeats by bootstrap over the tests.
    public let interval: ConfidenceInterval
    /// The other scores, such as `acc,NAME` of an assertion with a name, and with repeats `pass@k` and `pass^k`.
    public let scores: [(name: String, value: Double)]
    /// How much the accuracy moves from repeat to repeat; nil where there is one.
    public let repeats: RepeatScores?
    /// Outputs: the tests times the repeats.
    public let outputs: Int
    /// What all of them took.
    public let usage: PromptUsage
    /// Whether it is the best of its group; of equals the first.
    public internal(set) var isBest = false

    /// The model's name.
    public var model: String { run.recipe.model.name }
    /// The tokens of the prompts for one output.
    public var promptTokens: Double { Double(usage.promptTokens) / Double(max(1, outputs)) }
    /// The generated tokens for one output.
    public var completionTokens: Double { Double(usage.completionTokens) / Double(max(1, outputs)) }
    /// The seconds for one output, side by side with others as they were.
    public var seconds: Double { run.seconds / Double(max(1, outputs)) }
    /// The seconds that one output had to be waited for.
    public var latency: Double { usage.seconds / Double(max(1, outputs)) }
    /// What makes the numbers doubtful.
    public var warnings: [String] { RunWarnings.texts(of: records.map(\.result)) }
  }

  /// The best of a group and another one, test by test.
  public struct Comparison: Sendable {
    /// The places of both in the report's rows.
    public let best, other: Int
    /// The comparison: its difference is the best one's mean minus the other's.
    public let comparison: RunComparison
  }

  /// The experiment's name.
  public let name: String
  /// The prompts with each model, in the order of the runs.
  public let rows: [Row]
  /// The best of each group against the others of it. A group is all prompts with one model; where there is one prompt, it
  /// is all models.
  public let comparisons: [Comparison]

  /// Puts runs together.
  /// - Parameter runs: Finished runs of one experiment with their items.
  /// - Throws: ``ExperimentError`` where runs are of something else, or what the statistics throw.
  public init(_ runs: [(run: EvaluationRun, records: [ItemRecord])]) throws {
    guard let first = runs.first else { throw ExperimentError.noRuns(experiment: "that was named") }
    let name = first.run.recipe.taskName
    var rows: [Row] = []
    for (run, records) in runs {
      guard let prompt = run.recipe.promptName else { throw ExperimentError.notOfAnExperiment(run: run.id) }
      guard run.recipe.taskName == name else {
        throw ExperimentError.otherExperiment(run: run.id, name: run.recipe.taskName, expected: name)
      }
      rows.append(try Row(run, records, prompt: prompt))
    }
    let models = Set(rows.map(\.model))
    let isByPrompt = Set(rows.map(\.prompt)).count > 1 || models.count == 1
    var comparisons: [Comparison] = []
    var seen: Set<String> = []
    for row in rows {
      let key = isByPrompt ? row.model : row.prompt
      guard seen.insert(key).inserted else { continue }
      let group = rows.indices.filter { (isByPrompt ? rows[$0].model : rows[$0].prompt) == key }
      guard
        let best = group.max(by: {
          rows[$0].accuracy < rows[$1].accuracy || rows[$0].accuracy == rows[$1].accuracy && $0 > $1
        }),
        group.count > 1
      else { continue }
      rows[best].isBest = true
      for other in group where other != best {
        let comparison = try RunComparison(
          (rows[other].run, rows[other].records), (rows[best].run, rows[best].records), score: "acc")
        comparisons.append(Comparison(best: best, other: other, comparison: comparison))
      }
    }
    self.name = name
    self.rows = rows
    self.comparisons = comparisons
  }
}

extension ExperimentReport.Row {
  fileprivate init(_ run: EvaluationRun, _ records: [ItemRecord], prompt: String) throws {
    self.run = run
    self.records = records
    self.prompt = prompt
    let results = records.map(\.result)
    let values = results.compactMap { $0.scores["acc"] }
    guard !values.isEmpty else { throw ReportError.noSuchScore("acc", known: run.scores.keys.sorted()) }
    accuracy = values.reduce(0, +) / Double(values.count)
    interval =
      values.allSatisfy { $0 == 0 || $0 == 1 }
      ? try ConfidenceInterval.wilson(successes: values.count { $0 == 1 }, trials: values.count)
      : try Bootstrap.standard.interval(ofMeanOf: values)
    let summaries = ScoreSummary.all(of: results)
    scores = summaries.keys.filter { $0 != "acc" }
      .sorted { $0.compare($1, options: .numeric) == .orderedAscending }
      .compactMap { name in summaries[name].map { (name, $0.mean) } }
    repeats = RepeatScores.all(of: results).first { $0.name == "acc" }
    outputs = results.reduce(0) { $0 + ($1.outputs?.count ?? 0) }
    usage = results.compactMap(\.usage).reduce(PromptUsage(), +)
  }
}
