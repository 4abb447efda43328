import MartletJSON
import MartletMetrics
import Testing

@Suite("Reports of metrics")
struct MetricReportTests {
  private func row(_ text: String) throws -> MetricRow {
    try MetricRow(try #require(try JSON(parsing: text).objectValue))
  }

  @Test("Rows are read with one reference or several, missing ones, counts or results")
  func rows() throws {
    #expect(
      try row(#"{"prediction":"a","references":["b",null,"c"]}"#)
        == MetricRow(prediction: "a", references: ["b", "c"]))
    #expect(try row(#"{"prediction":"a","reference":"b"}"#) == MetricRow(prediction: "a", references: ["b"]))
    #expect(try row(#"{"prediction":"","references":[]}"#) == MetricRow(prediction: "", references: []))
    #expect(try row(#"{"samples":5,"correct":2,"id":1}"#) == MetricRow(samples: 5, correct: 2))
    #expect(try row(#"{"results":[true,false,true]}"#) == MetricRow(samples: 3, correct: 2))
  }

  @Test(
    "Unusable rows are errors that say what is wrong",
    arguments: [
      (#"{"id":1}"#, "neither"), (#"{"prediction":"a"}"#, "no \"references\""),
      (#"{"reference":"a"}"#, "no \"prediction\""), (#"{"prediction":1,"references":[]}"#, "not a string"),
      (#"{"prediction":"a","references":5}"#, "neither a string nor a list"),
      (#"{"prediction":"a","references":["a",5]}"#, "Element 2"),
      (#"{"prediction":"a","references":[],"reference":"b"}"#, "both"),
      (#"{"samples":5}"#, "no \"correct\""), (#"{"samples":5,"correct":-1}"#, "from 0 up"),
      (#"{"samples":2,"correct":3}"#, "3 of 2"), (#"{"results":[]}"#, "one or more"),
      (#"{"results":[1]}"#, "not a boolean"), (#"{"results":[true],"samples":1}"#, "counts of them as well"),
    ])
  func unusable(text: String, message: String) throws {
    let error = #expect(throws: MetricError.self) { try row(text) }
    #expect("\(try #require(error))".contains(message))
  }

  @Test("Every metric is found by its name, in any case; unknown names list those there are")
  func names() throws {
    for name in Metric.names where name != "pass@k" {
      #expect(try Metric(named: name.uppercased()).name == name)
    }
    #expect(try Metric(named: "pass@10") == .passAtK(10))
    for unknown in ["pass@0", "pass@", "pass@k", "blue"] {
      let error = #expect(throws: MetricError.unknownMetric(name: unknown)) { try Metric(named: unknown) }
      #expect("\(try #require(error))".contains("exact_match, f1, bleu"))
    }
  }

  @Test("A report has each metric in the order asked for, with intervals around it and a value for each row")
  func report() throws {
    let rows = ReferenceRow.all.prefix(100).map {
      MetricRow(prediction: $0.prediction, references: $0.references)
    }
    let metrics = try Metric.names.dropLast().map { try Metric(named: $0) }
    let options = MetricOptions(bootstrap: try Bootstrap(resamples: 100, seed: 3))
    let report = try MetricReport(rows, metrics: metrics, options: options)
    #expect(report.scores.map(\.metric) == metrics && report.items.count == 100)
    for (column, score) in report.scores.enumerated() {
      #expect(score.count == 100 && score.interval.low <= score.value && score.value <= score.interval.high)
      #expect(score.interval.low >= 0 && score.interval.high <= score.metric.maximum)
      let isOfCorpus = score.signature != nil
      #expect(isOfCorpus == (score.metric.maximum == 100))
      let mean = report.items.reduce(0) { $0 + $1[column] } / 100
      #expect((abs(mean - score.value) < 1e-9) != isOfCorpus, "\(score.metric.name)")
    }
    let bleu = try BLEU().corpusScore(
      rows.compactMap { $0.text?.prediction }, references: rows.compactMap { $0.text?.references })
    #expect(report.scores[3].value == bleu.value)
  }

  @Test("Equal seeds give equal intervals, other seeds others")
  func seeds() throws {
    let rows = ReferenceRow.all.prefix(30).map {
      MetricRow(prediction: $0.prediction, references: $0.references)
    }
    func interval(_ seed: UInt64) throws -> ConfidenceInterval {
      let options = MetricOptions(bootstrap: try Bootstrap(resamples: 200, seed: seed))
      return try MetricReport(rows, metrics: [.bleu], options: options).scores[0].interval
    }
    #expect(try interval(5) == interval(5) && interval(5) != interval(6))
  }

  @Test("Rows that lack what a metric needs are named by their numbers")
  func unfit() throws {
    let text = MetricRow(prediction: "a", references: ["a"])
    let open = MetricRow(prediction: "b", references: [])
    let samples = MetricRow(samples: 2, correct: 1)
    #expect(throws: MetricError.inRow(2, .unfitRow(metric: "f1"))) {
      try MetricReport([text, samples], metrics: [.f1])
    }
    #expect(throws: MetricError.inRow(1, .unfitRow(metric: "pass@1"))) {
      try MetricReport([text], metrics: [.passAtK(1)])
    }
    #expect(throws: MetricError.inRow(2, .noReferences)) {
      try MetricReport([text, open], metrics: [.exactMatch, .bleu])
    }
    #expect(try MetricReport([text, open], metrics: [.exactMatch]).scores[0].value == 0.5)
    #expect(throws: MetricError.inRow(1, .tooFewSamples(samples: 2, k: 3))) {
      try MetricReport([samples], metrics: [.passAtK(3)])
    }
    #expect(throws: MetricError.noRows) { try MetricReport([], metrics: [.f1]) }
  }
}
