/// A score over several questions.
public struct ScoreSummary: Sendable, Equatable {
  /// The mean, where groups are weighted by their questions.
  public var mean: Double
  /// The standard error of the mean: the sample's standard deviation divided by the root of the number. Over groups it is
  /// pooled, as lm-evaluation-harness does. Nil where some group has one question only.
  public var standardError: Double?
  /// The questions.
  public var count: Int

  /// A score.
  public init(mean: Double, standardError: Double?, count: Int) {
    (self.mean, self.standardError, self.count) = (mean, standardError, count)
  }

  /// The score of values.
  init(of values: [Double]) {
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    let deviations = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let error = values.count > 1 ? (deviations / (count - 1)).squareRoot() / count.squareRoot() : nil
    self.init(mean: mean, standardError: error, count: values.count)
  }

  /// The scores of results by name; those of repeats, too, which no task names.
  public static func all(of results: [ItemResult]) -> [String: ScoreSummary] {
    var summaries: [String: ScoreSummary] = [:]
    for name in Set(results.flatMap(\.scores.keys)) {
      let values = results.compactMap { $0.scores[name] }
      if !values.isEmpty { summaries[name] = ScoreSummary(of: values) }
    }
    return summaries
  }

  /// The score of groups together.
  init(pooling groups: [ScoreSummary]) {
    let count = groups.reduce(0) { $0 + $1.count }
    let mean = groups.reduce(0) { $0 + $1.mean * Double($1.count) } / Double(count)
    let errors = groups.compactMap(\.standardError)
    guard errors.count == groups.count, count > groups.count else {
      self.init(mean: mean, standardError: nil, count: count)
      return
    }
    let sum = zip(errors, groups).reduce(0) { sum, group in
      let size = Double(group.1.count)
      return sum + (size - 1) * group.0 * group.0 * size
    }
    let variance = sum / Double(count - groups.count)
    self.init(mean: mean, standardError: (variance / Double(count)).squareRoot(), count: count)
  }
}

/// The scores of a run: of all questions, and of each group.
public struct TaskScores: Sendable, Equatable {
  /// The scores of a group or a category of groups.
  public struct Group: Sendable, Equatable {
    /// Its name, such as `stem` or `astronomy`.
    public var name: String
    /// The category that it belongs to; nil for a category.
    public var category: String?
    /// Its scores by name.
    public var scores: [String: ScoreSummary]
  }

  /// The scores of all questions by name.
  public var overall: [String: ScoreSummary] = [:]
  /// The categories, each before its groups, in the order of the task's file; those without results are left out.
  public var groups: [Group] = []
}

extension PreparedTask {
  /// The means and standard errors of results, as lm-evaluation-harness computes them.
  ///
  /// Results may be some of the items' only: those of a run that was stopped.
  public func scores(of results: [ItemResult]) -> TaskScores {
    var scores = TaskScores()
    guard case .benchmark(let definition) = task.kind, let groups = definition.groups else {
      scores.overall = ScoreSummary.all(of: results)
      return scores
    }
    let byGroup = Dictionary(grouping: results) { $0.group ?? "" }.mapValues(ScoreSummary.all)
    for (category, names) in groups.categories {
      let present = names.compactMap { name in byGroup[name].map { (name, $0) } }
      guard !present.isEmpty else { continue }
      scores.groups.append(.init(name: category, category: nil, scores: pooled(present.map(\.1))))
      scores.groups += present.map { .init(name: $0.0, category: category, scores: $0.1) }
    }
    scores.overall = pooled(scores.groups.filter { $0.category != nil }.map(\.scores))
    return scores
  }

  private func pooled(_ groups: [[String: ScoreSummary]]) -> [String: ScoreSummary] {
    var summaries: [String: ScoreSummary] = [:]
    for name in Set(groups.flatMap(\.keys)) {
      let parts = groups.compactMap { $0[name] }
      if !parts.isEmpty { summaries[name] = ScoreSummary(pooling: parts) }
    }
    return summaries
  }
}
