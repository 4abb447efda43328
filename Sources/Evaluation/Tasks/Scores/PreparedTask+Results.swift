import Foundation
import MartletLanguageModels
import MartletMetrics
import MartletPrompting

extension PreparedTask {
  /// Scores what a model gave for one question.
  /// - Parameters:
  ///   - item: The question.
  ///   - reply: What the model gave.
  ///   - runProgram: Runs the text of a Python program, and says whether it ended without an error. It is asked only by
  ///     tasks whose ``EvaluationTask/runsPrograms`` is true, and must guard against what such a program may do.
  /// - Throws: ``TaskError/reply(item:problem:)`` where the reply does not fit the question, or what `runProgram` throws.
  public func result(
    of item: EvaluationItem, reply: ItemReply, runProgram: (String) async throws -> Bool
  ) async throws -> ItemResult {
    var result = ItemResult(id: item.id, group: item.group, expected: item.expected)
    switch (item.prompt, reply) {
    case (.choices(_, let continuations), .choices(let scores)):
      guard scores.count == continuations.count else {
        throw TaskError.reply(
          item: item.id, problem: "there are \(continuations.count) continuations and \(scores.count) scores")
      }
      scoreChoices(scores.map(\.logLikelihood), of: item, &result)
    case (.generation(let prompt, _, _, _), .outputs(let outputs)):
      guard !outputs.isEmpty else { throw TaskError.reply(item: item.id, problem: "there is no output") }
      result.outputs = outputs
      var answers: [String?] = outputs
      // A model that is asked in a conversation may think first; so it may with one's own questions in any form.
      var thinks = task.dataset == nil
      if case .messages = prompt { thinks = true }
      if thinks { answers = outputs.map(Thinking.answer) }
      result.unansweredOutputs = answers.count { $0 == nil }
      try await scoreOutputs(answers, of: item, &result, runProgram: runProgram)
    case (.choices, .outputs):
      throw TaskError.reply(
        item: item.id, problem: "scores of continuations are needed, and outputs were given")
    case (.generation, .choices):
      throw TaskError.reply(item: item.id, problem: "an output is needed, and scores were given")
    }
    return result
  }

  private func scoreChoices(_ logLikelihoods: [Double], of item: EvaluationItem, _ result: inout ItemResult) {
    result.logLikelihoods = logLikelihoods
    let best = Self.largest(logLikelihoods)
    result.choice = best
    switch item.gold {
    case .choice(let right, let characters):
      for name in task.scoreNames {
        switch name {
        case "acc_norm":
          let normalized = zip(logLikelihoods, characters).map { $0 / Double($1) }
          result.scores[name] = Self.largest(normalized) == right ? 1 : 0
        default: result.scores[name] = best == right ? 1 : 0
        }
      }
      result.correct = best == right
    case .labels(let labels):
      result.scores["acc"] = Self.trueShare(logLikelihoods, labels)
    case .reference, .expectation: break
    }
  }

  private func scoreOutputs(
    _ answers: [String?], of item: EvaluationItem, _ result: inout ItemResult,
    runProgram: (String) async throws -> Bool
  ) async throws {
    switch (item.gold, task.kind) {
    case (.expectation(let expectation), _):
      let (extracted, isCorrect) = expectation.judge(answers[0])
      if let extracted { result.extracted = ["answer": extracted] }
      result.scores["acc"] = isCorrect ? 1 : 0
      if answers.count > 1 { result.repeats = ["acc": answers.map { expectation.judge($0).isCorrect }] }
    case (.reference(let reference), .benchmark(let definition)):
      let row = TaskRow(item.document, at: item.place)
      for filter in definition.filters {
        // Where the thinking never ended there is no answer, which is an empty one.
        let values = try filter.apply(to: answers.map { $0 ?? "" }, of: row)
        result.extracted = (result.extracted ?? [:]).merging([filter.name: values.first ?? ""]) { $1 }
        // A filter may take the first output only; each repeat is filtered by itself.
        var each: [String] = []
        for answer in answers { each.append(try filter.apply(to: [answer ?? ""], of: row).first ?? "") }
        for metric in definition.metrics {
          try await metric.score(
            values, each, reference, suffix: filter.name == "none" ? "" : ",\(filter.name)", into: &result,
            runProgram: runProgram)
        }
      }
    default: break
    }
    try result.addRepeatScores()
    let scores = result.scores
    result.correct = task.scoreNames.lazy.compactMap { scores[$0] }.first.map { $0 == 1 }
  }

  /// The place of the largest number, the first of equals, as NumPy's `argmax` finds it: what is not a number is largest.
  static func largest(_ values: [Double]) -> Int {
    var best = 0
    for index in values.indices.dropFirst() {
      if values[best].isNaN { return best }
      if values[index].isNaN || values[index] > values[best] { best = index }
    }
    return best
  }

  /// The share of the true choices in the sum of the probabilities. All are divided by the largest first, so that the sum
  /// is never zero.
  static func trueShare(_ logLikelihoods: [Double], _ labels: [Bool]) -> Double {
    let largest = logLikelihoods.max() ?? 0
    guard largest.isFinite else { return .nan }
    let shares = logLikelihoods.map { exp($0 - largest) }
    let total = shares.reduce(0, +)
    return zip(shares, labels).reduce(0) { $0 + ($1.1 ? $1.0 / total : 0) }
  }
}

extension TaskMetric {
  /// - Parameters:
  ///   - values: What the filter leaves of all outputs.
  ///   - each: What it leaves of each output by itself.
  fileprivate func score(
    _ values: [String], _ each: [String], _ reference: String, suffix: String, into result: inout ItemResult,
    runProgram: (String) async throws -> Bool
  ) async throws {
    let name: String
    var verdicts: [Bool] = []
    switch self {
    case .accuracy, .normalizedAccuracy, .trueProbability: return
    case .exactMatch(let match):
      name = "exact_match" + suffix
      result.scores[name] = values.first.map { match.holds($0, reference) } ?? false ? 1 : 0
      verdicts = each.map { match.holds($0, reference) }
    case .passAtOne, .passAtK:
      for program in each { verdicts.append(try await runProgram(program + "\n" + reference)) }
      guard case .passAtK(let ks) = self else {
        name = "pass_at_1" + suffix
        result.scores[name] = verdicts.first == true ? 1 : 0
        break
      }
      name = "pass@1" + suffix
      for k in ks where k <= verdicts.count {
        result.scores["pass@\(k)" + suffix] = try PassAtK.estimate(
          k, samples: verdicts.count, correct: verdicts.count { $0 })
      }
    }
    if each.count > 1 { result.repeats = (result.repeats ?? [:]).merging([name: verdicts]) { $1 } }
  }
}
