import MartletEvaluation
import MartletMetrics
import Testing

@Suite("People's judgements")
struct RatingTests {
  private func records(_ answers: [String]) throws -> [ItemRecord] {
    let lines = answers.indices.map { #"{"question": "Q\#($0)", "equals": "a"}"# }.joined(separator: "\n")
    let task = try PreparedTask(
      EvaluationTask(lines: lines, file: "own.jsonl"), data: TaskData(), chat: false)
    return zip(task.items, answers).enumerated().map { position, pair in
      let result = ItemResult(id: pair.0.id, expected: "a", outputs: [pair.1])
      return ItemRecord(position: position, item: pair.0, result: result)
    }
  }

  @Test("A queue shows each pair once, on either side, and the same way in each session")
  func queue() throws {
    let here = try records((0..<40).map { "here \($0)" })
    let there = try records((0..<40).map { $0 < 3 ? "here \($0)" : "there \($0)" })
    let queue = RatingQueue(here, there, seed: 1)
    #expect(queue.identical == 3 && queue.entries.count == 37)
    #expect(Set(queue.entries.map(\.record.result.id)).count == 37)
    let swapped = queue.entries.count(where: \.isSwapped)
    #expect((8...29).contains(swapped), "\(swapped) of 37 swapped")
    for entry in queue.entries {
      #expect(entry.answer.hasPrefix(entry.isSwapped ? "there" : "here"))
      #expect(entry.otherAnswer?.hasPrefix(entry.isSwapped ? "here" : "there") == true)
    }
    let done = Set(queue.entries.prefix(10).map(\.record.result.id))
    let rest = RatingQueue(here, there, done: done, seed: 1)
    #expect(rest.entries.count == 27 && rest.entries.allSatisfy { !done.contains($0.record.result.id) })
    let sides = Dictionary(uniqueKeysWithValues: queue.entries.map { ($0.record.result.id, $0.isSwapped) })
    #expect(rest.entries.allSatisfy { sides[$0.record.result.id] == $0.isSwapped })
  }

  @Test("A judgement of two runs is the same in whatever order they are named")
  func order() {
    let straight = Rating(rater: "a", item: "1", runs: (3, 7), preference: .first)
    #expect(Rating(rater: "a", item: "1", runs: (7, 3), preference: .second) == straight)
    #expect(
      Rating(rater: "a", item: "1", runs: (7, 3), preference: .tie)
        == Rating(rater: "a", item: "1", runs: (3, 7), preference: .tie))
  }

  @Test("Win rates, strengths and kappa are those of the statistics")
  func summary() throws {
    var ratings: [Rating] = []
    for item in 0..<20 {
      ratings.append(
        Rating(rater: "a", item: "\(item)", runs: (1, 2), preference: item < 15 ? .first : .second))
      ratings.append(
        Rating(rater: "b", item: "\(item)", runs: (1, 2), preference: item < 12 ? .first : .second))
    }
    let summary = try RatingSummary(ratings)
    let match = try #require(summary.matches.first)
    #expect(match.firstWins == 27 && match.secondWins == 13 && match.winRate == 27.0 / 40)
    #expect(match.interval == (try ConfidenceInterval.wilson(successes: 27, trials: 40)))
    #expect(summary.strengths.map(\.run) == [1, 2])
    // Both say first for 12 items and second for 5: 0.85 observed, 0.55 by chance.
    guard case .cohen(let kappa, let items)? = summary.agreement else {
      Issue.record("no kappa")
      return
    }
    #expect(items == 20 && abs(kappa - (0.85 - 0.55) / 0.45) < 1e-12)
  }

  @Test("Raters who always agree on one answer have no kappa, and that is said")
  func undefined() throws {
    let ratings = ["a", "b"].map { Rating(rater: $0, item: "1", run: 1, grade: 5) }
    let summary = try RatingSummary(ratings)
    #expect(summary.agreement == nil && summary.agreementProblem != nil)
    #expect(summary.grades.map(\.mean) == [5])
    #expect(try RatingSummary([]).count == 0)
  }
}
