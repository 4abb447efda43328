import Foundation
import MartletMetrics

/// A person's judgement of an answer, or of two answers to one item.
public struct Rating: Sendable, Equatable {
  /// What was judged.
  public enum Verdict: Sendable, Equatable {
    /// How good one answer is, from 1 to 5.
    case grade(Int)
    /// Which of two answers is better: that of the first run, of the second, or neither.
    case preference(Preference)
  }

  /// Which of two answers is better.
  public enum Preference: String, Sendable, CaseIterable {
    /// The first run's.
    case first
    /// The second run's.
    case second
    /// Neither.
    case tie
  }

  /// Who judged.
  public let rater: String
  /// The item's id.
  public let item: String
  /// The run, or the first of two; of two the one with the smaller number.
  public let first: Int
  /// The second run; nil where one answer was judged.
  public let second: Int?
  /// The judgement.
  public let verdict: Verdict

  /// A judgement of one answer.
  public init(rater: String, item: String, run: Int, grade: Int) {
    self.init(rater: rater, item: item, first: run, second: nil, verdict: .grade(grade))
  }

  /// A judgement of two answers.
  public init(rater: String, item: String, runs: (Int, Int), preference: Preference) {
    guard runs.0 > runs.1 else {
      self.init(rater: rater, item: item, first: runs.0, second: runs.1, verdict: .preference(preference))
      return
    }
    let turned: Preference =
      switch preference {
      case .first: .second
      case .second: .first
      case .tie: .tie
      }
    self.init(rater: rater, item: item, first: runs.1, second: runs.0, verdict: .preference(turned))
  }

  init(rater: String, item: String, first: Int, second: Int?, verdict: Verdict) {
    self.rater = rater
    self.item = item
    self.first = first
    self.second = second
    self.verdict = verdict
  }
}

/// Answers that a person has not judged yet, in an order and on sides that tell nothing of where they come from.
public struct RatingQueue: Sendable {
  /// One answer or a pair of answers to be judged.
  public struct Entry: Sendable {
    /// The item with its prompt; its result is the first run's.
    public let record: ItemRecord
    /// The answer, or the one that is shown first.
    public let answer: String
    /// The answer that is shown second; nil where one answer is judged.
    public let otherAnswer: String?
    /// Whether the answer that is shown first is the second run's.
    public let isSwapped: Bool
  }

  /// The entries, in the order in which they are shown.
  public let entries: [Entry]
  /// Items that both runs answered alike: there is nothing to judge.
  public let identical: Int

  /// - Parameters:
  ///   - first: A run's items; those that have outputs.
  ///   - second: Another run's items, for pairs.
  ///   - done: The ids of items that are judged.
  ///   - seed: What order and sides are drawn with.
  public init(_ first: [ItemRecord], _ second: [ItemRecord]? = nil, done: Set<String> = [], seed: UInt64) {
    var random = RandomDraws(seed: seed)
    let others = Dictionary(
      ItemRecord.pairs(first, second ?? []).map { ($0.position, $1) }, uniquingKeysWith: { first, _ in first }
    )
    var entries: [Entry] = []
    var identical = 0
    // Sides are drawn for all items, so that they stay the same when some are judged.
    for record in first {
      let isSwapped = random.next() & 1 == 1
      guard let answer = record.result.output else { continue }
      var shown: (String, String?) = (answer, nil)
      if second != nil {
        guard let other = others[record.position]?.result.output else { continue }
        if other == answer {
          identical += 1
          continue
        }
        shown = isSwapped ? (other, answer) : (answer, other)
      }
      guard !done.contains(record.result.id) else { continue }
      entries.append(
        Entry(record: record, answer: shown.0, otherAnswer: shown.1, isSwapped: second != nil && isSwapped))
    }
    entries.shuffle(using: &random)
    self.entries = entries
    self.identical = identical
  }
}
