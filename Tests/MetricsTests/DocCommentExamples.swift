import MartletMetrics
import Testing

/// The examples of doc comments.
@Suite("Examples in doc comments of Metrics")
struct DocCommentExamples {
  @Test("SQuAD")
  func squad() {
    let score = SQuAD.score("the Eiffel Tower!", references: ["Eiffel tower", "tower in Paris"])
    let isMatch =
      score.exactMatch

    #expect(isMatch && score.f1 == 1)
  }

  @Test("BLEU")
  func bleu() throws {
    let bleu = BLEU()
    let score = try bleu.corpusScore(
      ["The dog bit the man.", "It was not unexpected."],
      references: [["The dog bit the man.", "The dog had bit the man."], ["It was not unexpected."]])

    #expect(score.value > 99.99)
  }

  @Test("Porter's stemmer")
  func porter() {
    let stem =
      PorterStemmer.stem("relational")

    #expect(stem == "relat")
  }

  @Test("Ranked documents")
  func ranking() throws {
    let ranking = try RankedDocuments(["d3", "d1", "d2"], relevance: ["d1": 2, "d4": 1])
    let value =
      ranking.reciprocalRank

    #expect(value == 0.5)
  }

  @Test("Bootstrap and Bradley-Terry")
  func statistics() throws {
    let interval = try Bootstrap(seed: 7).interval(ofMeanOf: [1, 0, 1, 1, 0, 1, 1, 1])
    let games = [BradleyTerry.Game("a", "b", .firstWins), BradleyTerry.Game("b", "a", .tie)]
    let ratings = try BradleyTerry(games).ratings

    #expect(interval.low < 0.75 && interval.high > 0.75 && ratings[0].player == "a")
  }

  @Test("Reports")
  func report() throws {
    let rows = [
      MetricRow(prediction: "Paris", references: ["Paris", "the city of Paris"]),
      MetricRow(prediction: "in 1889", references: ["1889"]),
    ]
    let report = try MetricReport(rows, metrics: [.exactMatch, .f1])
    for score in report.scores { _ = (score.metric.name, score.value, score.interval) }

    #expect(report.scores[0].value == 0.5 && report.items[1][0] == 0)
  }
}
