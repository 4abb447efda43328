import Foundation
import MartletJSON
import MartletPrompting
import Testing

@testable import MartletEvaluation

/// Prompts and scores are those of lm-evaluation-harness 0.4.13 with the same rows and replies.
@Suite struct ReferenceTests {
  @Test func promptsAndScoresAreThoseOfTheHarness() async throws {
    let fixture = try Fixture.tasks()
    let data = fixture["data"]?.arrayValue ?? []
    let programs = Fixture.programs(fixture["programs"])
    let records = try #require(fixture["tasks"]?.arrayValue)
    #expect(records.count > 20)
    var seen: Set<String> = []
    for record in records {
      let rows = data[record["rows"]?.intValue ?? 0]
      var comparison = try Comparison(record, data: Fixture.data(rows), programs: programs)
      try await comparison.run()
      #expect(
        comparison.equal > 0 && comparison.differences.isEmpty,
        "\(comparison.title): \(comparison.differences.prefix(3))")
      seen.insert(comparison.prepared.task.name)
    }
    #expect(seen == Set(EvaluationTask.builtInNames))
  }

  /// All rows of the shared data, as `make_tasks.py --data` writes them to the path in MARTLET_LM_EVAL.
  @Test(
    .enabled(if: ProcessInfo.processInfo.environment["MARTLET_LM_EVAL"] != nil, "needs MARTLET_LM_EVAL"))
  func allSharedRowsGiveWhatTheHarnessGives() async throws {
    let path = try #require(ProcessInfo.processInfo.environment["MARTLET_LM_EVAL"])
    let shared = URL(filePath: FileManager.default.currentDirectoryPath).appending(path: "../shared/data")
    let records = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map {
      try JSON(parsing: String($0))
    }
    let programs = Fixture.programs(records.last?["programs"])
    for record in records.dropLast() {
      let task = try EvaluationTask.builtIn(named: record["task"]?.stringValue ?? "")
      let data = try TaskData(contentsOf: shared.appending(path: task.dataset?.name ?? ""))
      var comparison = try Comparison(record, data: data, programs: programs)
      try await comparison.run()
      print("\(comparison.title): \(comparison.equal) of \(comparison.prepared.items.count) equal")
      #expect(comparison.differences.isEmpty, "\(comparison.title): \(comparison.differences.prefix(3))")
    }
  }

  @Test func numbersAreDrawnAsPythonDrawsThem() throws {
    for sample in try #require(try Fixture.tasks()["random"]?.arrayValue) {
      var random = PythonRandom(seed: try #require(sample["seed"]?.intValue))
      for value in sample["random"]?.arrayValue ?? [] { #expect(random.random() == value.doubleValue) }
      for pair in sample["bits"]?.arrayValue ?? [] {
        #expect(String(random.bits(pair[0]?.intValue ?? 1)) == pair[1]?.stringValue)
      }
      for pair in sample["below"]?.arrayValue ?? [] {
        #expect(random.below(pair[0]?.intValue ?? 1) == pair[1]?.intValue)
      }
      for drawn in sample["samples"]?.arrayValue ?? [] {
        let places = random.sample(drawn[1]?.intValue ?? 0, of: drawn[0]?.intValue ?? 0)
        #expect(places == drawn[2]?.arrayValue?.compactMap(\.intValue))
      }
    }
  }

  @Test func patternsMeanWhatTheyMeanInPython() throws {
    for sample in try #require(try Fixture.tasks()["patterns"]?.arrayValue) {
      let pattern = try AnswerPattern(sample["pattern"]?.stringValue ?? "")
      let text = sample["text"]?.stringValue ?? ""
      let found = sample["found"]?.arrayValue?.map { $0.arrayValue?.compactMap(\.stringValue) ?? [] }
      #expect(pattern.findAll(in: text) == found, "\(pattern.pattern) in \(JSON.quoted(text))")
      #expect(
        pattern.removing(from: text) == sample["removed"]?.stringValue,
        "\(pattern.pattern) in \(JSON.quoted(text))")
    }
  }
}
