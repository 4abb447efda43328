import MartletJSON
import MartletLanguageModels
import MartletMetrics
import MartletRetrieval

/// Measures a collection by questions: whether the right passages are found, and whether the answers are right, refused
/// where they should be, or invented.
public struct CollectionEvaluation: Sendable {
  private let library: Library
  private let settings: AskSettings
  private let model: (@Sendable () throws -> any LanguageModel)?

  /// - Parameters:
  ///   - library: The collection with its embedder.
  ///   - settings: How passages are found and answers are made; `passageCount` is the k of the rankings.
  ///   - model: Gives the model that answers; nil measures retrieval alone.
  public init(
    _ library: Library, settings: AskSettings, model: (@Sendable () throws -> any LanguageModel)?
  ) {
    self.library = library
    self.settings = settings
    self.model = model
  }

  /// The scores' names, the most important first. Those of rankings end with k.
  public var scoreNames: [String] {
    let k = settings.passageCount
    return (model == nil ? [] : ["right", "wrongly_refused", "refused", "invented", "supported"])
      + (k == 1 ? ["recall@1"] : ["recall@1", "recall@\(k)"]) + ["mrr@\(k)", "ndcg@\(k)"]
  }

  /// What came of one question.
  ///
  /// Of an answerable one: `right` (where it has an expected answer), `wrongly_refused`, `supported`, and the ranking's
  /// `recall@k`, `mrr@k` and `ndcg@k` (where it says where its answer stands). Of an unanswerable one: `refused` and
  /// `invented`.
  public func result(of question: CollectionQuestion) async throws -> CollectionResult {
    guard let model else {
      let evidence = try library.evidence(
        for: question.question, by: settings.method, passages: settings.passageCount, quotes: 0,
        rerankedBy: settings.reranker, candidates: settings.candidateCount)
      return CollectionResult(question, evidence: evidence, answer: nil, k: settings.passageCount)
    }
    for try await event in library.ask(question.question, settings: settings, model: model) {
      if case .finished(let answer) = event {
        return CollectionResult(question, evidence: answer.evidence, answer: answer, k: settings.passageCount)
      }
    }
    throw CancellationError()
  }

  /// The means of results with their 95% intervals, in the order of ``scoreNames``: Wilson's for shares, by bootstrap for
  /// the others.
  public func scores(
    of results: [CollectionResult], bootstrap: Bootstrap = .standard
  ) throws -> [CollectionScore] {
    try scoreNames.compactMap { name in
      let values = results.compactMap { $0.item.scores[name] }
      guard !values.isEmpty else { return nil }
      // A share has Wilson's interval, which is known also where all answers are right.
      let interval =
        values.allSatisfy { $0 == 0 || $0 == 1 }
        ? try ConfidenceInterval.wilson(successes: values.count { $0 == 1 }, trials: values.count)
        : try bootstrap.interval(ofMeanOf: values)
      return CollectionScore(
        name: name, value: values.reduce(0, +) / Double(values.count), interval: interval, count: values.count
      )
    }
  }
}

/// A score over several questions to documents.
public struct CollectionScore: Sendable, Equatable {
  /// Its name, such as `recall@5`.
  public let name: String
  /// The mean.
  public let value: Double
  /// The 95% interval of the mean.
  public let interval: ConfidenceInterval
  /// The questions that have it.
  public let count: Int
}

/// What came of one question to documents.
public struct CollectionResult: Sendable {
  /// The scores, the answer and whether it is right, as an item of a run.
  public let item: ItemResult
  /// The rank of the first passage that holds the answer, from 1; nil where none does or the question does not say.
  public let rank: Int?
  /// Why there is no answer; nil where there is one.
  public let refusal: String?
  /// How strong the evidence was, and how strong it had to be.
  public let strength, threshold: Double

  init(_ question: CollectionQuestion, evidence: Evidence, answer: Answer?, k: Int) {
    let held = evidence.results.prefix(k).map(question.isHeld)
    rank = question.hasPlace ? held.firstIndex(of: true).map { $0 + 1 } : nil
    refusal = answer?.refusal?.rawValue
    (strength, threshold) = (evidence.strength, evidence.threshold)
    var item = ItemResult(
      id: question.id,
      expected: question.isAnswerable ? question.expectation?.shown.text ?? "an answer" : "no answer")
    if question.hasPlace, question.isAnswerable {
      item.scores["recall@1"] = rank == 1 ? 1 : 0
      item.scores["recall@\(k)"] = rank == nil ? 0 : 1
      item.scores["mrr@\(k)"] = rank.map { 1 / Double($0) } ?? 0
      item.scores["ndcg@\(k)"] = Self.nDCG(held)
    }
    if let answer {
      item.outputs = [answer.text]
      if question.isAnswerable {
        item.scores["wrongly_refused"] = answer.isAnswered ? 0 : 1
        if answer.isAnswered { item.scores["supported"] = answer.isSupported ? 1 : 0 }
        if let expectation = question.expectation {
          let isRight = answer.isAnswered && expectation.judge(answer.text).isCorrect
          item.scores["right"] = isRight ? 1 : 0
          item.correct = isRight
        }
      } else {
        item.scores["refused"] = answer.isAnswered ? 0 : 1
        item.scores["invented"] = answer.isAnswered ? 1 : 0
        item.correct = !answer.isAnswered
      }
    }
    self.item = item
  }

  /// Against the ranking that has the same passages with those that hold the answer first.
  private static func nDCG(_ held: [Bool]) -> Double {
    let relevance = Dictionary(
      uniqueKeysWithValues: held.indices.filter { held[$0] }.map { ("\($0)", 1) })
    guard let ranking = try? RankedDocuments(held.indices.map { "\($0)" }, relevance: relevance) else {
      return 0
    }
    return ranking.nDCG(at: held.count)
  }

  /// The result for programs.
  public var json: JSON {
    var object = item.json.objectValue ?? [:]
    object["rank"] = rank.map { JSON($0) } ?? .null
    object["refusal"] = refusal.map { .string($0) } ?? .null
    object["strength"] = JSON(strength)
    object["threshold"] = JSON(threshold)
    return .object(object)
  }
}
