import Foundation
import MartletJSON
import MartletTestScope
import Testing

@Suite("metrics", .startsProcesses)
struct MetricsCommandTests {
  private func run(_ input: String, _ arguments: String...) throws -> MartletProcess.Result {
    try MartletProcess(input: Data(input.utf8)).run(["metrics", "-"] + arguments)
  }

  @Test("docs/metrics.md shows what the program prints")
  func documentation() throws {
    let page = MartletProcess.packageRoot.appendingPathComponent("docs/metrics.md")
    let blocks = try String(contentsOf: page, encoding: .utf8).components(separatedBy: "```")
    let sessions = blocks.filter { $0.hasPrefix("\n$ ") }
    #expect(sessions.count >= 3)
    for session in sessions {
      let lines = session.dropFirst().split(separator: "\n", maxSplits: 1)
      let script = """
        cd "\(MartletProcess.packageRoot.path)"
        martlet() { "\(MartletProcess.path)" "$@"; }
        \(lines[0].dropFirst(2))
        """
      let result = try MartletProcess().run(["-c", script], of: "sh")
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.text == lines[1])
    }
  }

  @Test(
    "--json gives value, interval and number of rows by name, and the rows' values where they are asked for")
  func json() throws {
    let input =
      #"{"prediction":"a cat","references":["cat"],"id":7}"# + "\n" + #"{"prediction":"x","reference":"dog"}"#
    let result = try run(input, "--metric", "exact_match,ROUGEL", "--metric", "bleu", "--items", "--json")
    #expect(result.status == 0, "\(result.errors)")
    let report = try JSON(parsing: result.text)
    #expect(report["scores"]?.objectValue?.keys == ["exact_match", "rougeL", "bleu"])
    let score = try #require(report["scores"]?["exact_match"]?.objectValue)
    #expect(score["value"] == 0.5 && score["n"] == 2 && score.keys == ["value", "low", "high", "n"])
    #expect(report["scores"]?["bleu"]?["signature"]?.stringValue?.hasPrefix("nrefs:1|case:mixed") == true)
    #expect(report["items"]?.arrayValue?.map { $0["exact_match"]?.doubleValue } == [1, 0])
    #expect(result.errors.contains(#"Ignored members of the rows: "id"."#))
    #expect(try JSON(parsing: run(input, "-m", "f1", "--json").text)["items"] == nil)
  }

  @Test("Equal seeds give equal intervals; options that change nothing are named in a warning")
  func options() throws {
    let input = (1..<20).map { length in
      #"{"prediction":"\#(String(repeating: "ab", count: length))","references":["\#(String(repeating: "a", count: 25))"]}"#
    }.joined(separator: "\n")
    let first = try run(input, "-m", "edit_similarity", "--seed", "5", "--json")
    #expect(try first.text == run(input, "-m", "edit_similarity", "--seed", "5", "--json").text)
    #expect(try first.text != run(input, "-m", "edit_similarity", "--seed", "6", "--json").text)
    let unused = try run(input, "-m", "f1", "--stem", "--tokenize", "char", "--smooth", "none", "--lowercase")
    for option in ["--stem", "--tokenize", "--smooth", "--lowercase"] {
      #expect(unused.errors.contains("\(option) changes nothing here"))
    }
    let table = try run(
      input, "-m", "bleu", "--tokenize", "char", "--smooth", "floor", "--smooth-value", "0.5")
    #expect(table.text.contains("tok:char|smooth:floor[0.50]") && table.errors.isEmpty)
  }

  @Test("A bad row is named by its line, with 65; bad options end with 64")
  func refusals() throws {
    let good = #"{"prediction":"a","references":["a"]}"#
    let cases: [(String, [String], Int32, String)] = [
      (
        good + "\n{\"prediction\":1}", ["-m", "f1"], 65,
        "standard input, line 2: \"prediction\" is not a string"
      ),
      (good + "\n{", ["-m", "f1"], 65, "line 2"), (good + "\n[]", ["-m", "f1"], 65, "not a JSON object"),
      (
        good + "\n{\"prediction\":\"a\",\"references\":[]}", ["-m", "bleu"], 65,
        "line 2: There is no reference"
      ),
      ("{\"samples\":2,\"correct\":1}", ["-m", "pass@3"], 65, "line 1: pass@3 cannot be estimated from 2"),
      ("", ["-m", "f1"], 65, "no rows"), (good, ["-m", "blue"], 64, "exact_match, f1, bleu"),
      (good, [], 64, "A metric is missing"), (good, ["-m", ","], 64, "A metric is missing"),
      (good, ["-m", "bleu", "--smooth-value", "1"], 64, "takes no value"),
      (good, ["-m", "bleu", "--confidence", "1"], 64, "--confidence"),
    ]
    for (input, arguments, status, message) in cases {
      let result = try MartletProcess(input: Data(input.utf8)).run(["metrics", "-"] + arguments)
      #expect(result.status == status && result.errors.contains(message), "\(arguments): \(result.errors)")
      #expect(result.text.isEmpty)
    }
    let missing = try MartletProcess().run("metrics", "/nonexistent/rows.jsonl", "-m", "f1")
    #expect(missing.status == 66)
  }
}
