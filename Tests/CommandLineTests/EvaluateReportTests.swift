import Foundation
import MartletEvaluation
import MartletJSON
import MartletTestScope
import Testing

/// The commands that read runs.
@Suite("eval list, show, compare, report, export and delete", .startsProcesses)
struct EvaluateReportTests {
  /// Two runs of the same items by models of one architecture.
  private func withRuns(_ body: (EvaluatePlace) throws -> Void) throws {
    try withEvaluatePlace { place in
      let file = try place.write("own.jsonl", EvaluatePlace.mixed)
      try place.measure(file)
      try place.measure(file, "--raw", "--shots", "1")
      try body(place)
    }
  }

  @Test("list has the latest run first, and one task's runs alone where that is asked for")
  func list() throws {
    try withRuns { place in
      try place.measure(try place.write("other.jsonl", EvaluatePlace.mixed))
      let all = try #require(try place.object("list")["runs"]?.arrayValue)
      #expect(all.map { $0["run"] } == [3, 2, 1] && all[0]["task"] == "other")
      #expect(all.allSatisfy { $0["finished"]?.stringValue != nil && $0["scores"]?["acc"] != nil })
      #expect(try place.object("list", "--task", "own")["runs"]?.arrayValue?.count == 2)
      #expect(try place.run("list").text.contains("acc 0."))
      let none = try place.run("list", "--task", "nope")
      #expect(none.status == 0 && none.errors.contains("no runs of the task ‘nope’") && none.output.isEmpty)
    }
  }

  @Test("show has each item, those that are wrong alone with --wrong, and one with its prompt with --item")
  func show() throws {
    try withRuns { place in
      let all = try #require(try place.object("show", "1")["items"]?.arrayValue)
      let wrong = try #require(try place.object("show", "1", "--wrong")["items"]?.arrayValue)
      #expect(all.count == 4 && wrong.count == all.count { $0["correct"] == false })
      #expect(!wrong.isEmpty && wrong.allSatisfy { $0["correct"] == false })
      let item = try place.run("show", "1", "--item", "3").text
      for text in ["Which is the largest?\nA. 3\nB. 30\nC. 13\nAnswer:", "0  -", "Expected\nB. 30"] {
        #expect(item.contains(text), "\(item)")
      }
      let missing = try place.run("show", "1", "--item", "nope")
      #expect(missing.status == 64 && missing.errors.contains("has no item ‘nope’"))
      let none = try place.run("show", "9")
      #expect(none.status == 66 && none.errors.contains("no run 9"))
    }
  }

  @Test(
    "compare has the difference with its interval, the items that changed, and what differs in the recipes")
  func compare() throws {
    try withEvaluatePlace { place in
      // Two files of one name with the same questions, so that only the expected answers differ.
      let lines = (0..<40).map { #"{"question": "Q\#($0)", "regex": "IS"}"# }.joined(separator: "\n")
      let good = try place.write("a/own.jsonl", lines.replacing("IS", with: "^"))
      let bad = try place.write("b/own.jsonl", lines.replacing("IS", with: "never this"))
      try place.measure(good)
      try place.measure(bad)
      let json = try place.object("compare", "1", "2")
      #expect(json["score"] == "acc" && json["n"] == 40)
      #expect(json["difference"]?.doubleValue == -1 && json["high"]?.doubleValue == -1)
      #expect(json["mcnemar"]?["worsened"] == 40 && json["flips"]?.arrayValue?.count == 40)
      #expect(json["recipe_differences"]?[0]?["path"] == "task.questions_sha256")
      let text = try place.run("compare", "1", "2")
      #expect(
        text.status == 0 && text.text.contains("task.questions_sha256") && text.text.contains("and 20 more"))
      let worse = try place.run("compare", "1", "2", "--fail-if-worse")
      #expect(
        worse.status == 1 && worse.errors.contains("Run 2 is worse than run 1 by acc."), "\(worse.errors)")
      #expect(try place.run("compare", "2", "1", "--fail-if-worse").status == 0)
      let unknown = try place.run("compare", "1", "2", "--score", "f1")
      #expect(unknown.status == 64 && unknown.errors.contains("They share acc."), "\(unknown.errors)")
    }
  }

  @Test("report is a table in the terminal and in Markdown, and a page of well-formed XML without scripts")
  func report() throws {
    try withRuns { place in
      let text = try place.run("report").text
      #expect(text.contains("own acc") && text.contains("own acc (1 shot)"), "\(text)")
      let markdown = try place.run("report", "1", "--markdown").text
      #expect(markdown.hasPrefix("| model | own acc |\n|---|--:|\n") && markdown.contains("(run 1)"))
      let file = place.folder.appending(path: "models.html")
      let written = try place.run("report", "-o", file.path)
      #expect(written.status == 0 && written.errors.contains("1 model written"), "\(written.errors)")
      let page = try Data(contentsOf: file)
      let check = """
        import sys, xml.etree.ElementTree as tree
        names = {element.tag.split('}')[-1] for element in tree.parse(sys.argv[1]).iter()}
        assert 'svg' in names and 'table' in names and 'script' not in names, names
        """
      let parsed = try MartletProcess().run(["-c", check, file.path], of: "python3")
      #expect(parsed.status == 0, "\(parsed.errors)")
      let html = String(decoding: page, as: UTF8.self)
      #expect(!html.contains("javascript:") && !html.contains("href=\"http") && !html.contains("src="))
      #expect(try place.run("report", "-o", file.path).status != 0)
      #expect(try place.run("report", "-o", file.path, "--force").status == 0)
    }
  }

  @Test("export writes lm-evaluation-harness's files, with its members")
  func export() throws {
    try withRuns { place in
      let folder = place.folder.appending(path: "exported")
      let result = try place.run("export", "1", "-o", folder.path)
      #expect(result.status == 0, "\(result.errors)")
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
      let date = #/\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{6}/#
      #expect(names.count == 2 && names.allSatisfy { $0.contains(date) }, "\(names)")
      #expect(names[0].hasPrefix("results_") && names[1].hasPrefix("samples_own_"))
      let lines = try String(contentsOf: folder.appending(path: names[1]), encoding: .utf8).split(
        separator: "\n")
      let ids = try lines.map { try JSON(parsing: String($0))["doc_id"]?.intValue }
      #expect(ids == [0, 1, 2, 3])
      let printed = try JSON(parsing: place.run("export", "1").text)
      let written = try JSON(parsing: String(contentsOf: folder.appending(path: names[0]), encoding: .utf8))
      #expect(printed.serialized() == written.serialized())
    }
  }

  @Test("delete removes runs, and none where one of them is not there")
  func delete() throws {
    try withRuns { place in
      let missing = try place.run("delete", "1", "9")
      #expect(missing.status == 66 && missing.errors.contains("no run 9"))
      #expect(try place.run("delete", "1").errors.contains("1 run deleted."))
      #expect(try place.object("list")["runs"]?.arrayValue?.map { $0["run"] } == [2])
      #expect(try place.run("show", "1").status == 66 && place.run("delete").status == 64)
    }
  }

  @Test("A damaged file of runs is an error that names it, and the file is left as it is")
  func damaged() throws {
    try withRuns { place in
      var bytes = try Data(contentsOf: URL(filePath: place.runs))
      for index in bytes.indices.dropFirst(100) { bytes[index] = 0xFF }
      let file = try place.write("damaged.sqlite", "")
      try bytes.write(to: URL(filePath: file))
      let result = try place.run("list", "--runs", file)
      #expect(
        result.status == 65 && result.errors.contains("damaged.sqlite"), "\(result.status) \(result.errors)")
      #expect(try Data(contentsOf: URL(filePath: file)) == bytes)
    }
  }
}
