import MartletMetrics
import Testing

@Suite("The example of the documentation of Metrics")
struct DocumentationTests {
  @Test("It compiles, and scores the rows")
  func example() throws {
    let rows = [MetricRow(prediction: "Paris", references: ["Paris"])]
    let report = try MetricReport(rows, metrics: [Metric(named: "exact_match"), Metric(named: "rougeL")])
    let values = report.scores.map { "\($0.metric.name) \($0.value)" }

    #expect(values == ["exact_match 1.0", "rougeL 1.0"])
  }
}
