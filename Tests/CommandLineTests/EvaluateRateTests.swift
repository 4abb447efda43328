import Foundation
import MartletJSON
import MartletTestScope
import Testing

/// A person's judgements, through a pipe and on a terminal.
@Suite("eval rate", .startsProcesses)
struct EvaluateRateTests {
  /// Two runs whose answers differ.
  private func withRuns(_ body: (EvaluatePlace) throws -> Void) throws {
    try withEvaluatePlace { place in
      let file = try place.write("many.yaml", EvaluatePlace.texts(5, maximumTokens: 6))
      try place.measure(file, "--temperature", "1.5", "--seed", "1")
      try place.measure(file, "--temperature", "1.5", "--seed", "2")
      try body(place)
    }
  }

  private func rate(
    _ place: EvaluatePlace, _ arguments: String..., typing text: String
  ) throws -> MartletProcess.Result {
    var program = place.program
    program.input = Data(text.utf8)
    return try program.run(["eval", "rate"] + arguments)
  }

  @Test("Judgements through a pipe are kept at once; q stops, and the next session goes on with what is left")
  func pipe() throws {
    try withRuns { place in
      let first = try rate(place, "1", "2", "--rater", "ann", typing: "1\nx\nt\nq\n")
      #expect(first.status == 0 && first.errors.contains("2 judgements kept."), "\(first.errors)")
      #expect(first.errors.contains("‘x’ is not among the choices.") && first.text.contains("3 of 5"))
      #expect(!first.text.contains(TinyFolder.path) && !first.text.contains("run 1"))
      let second = try rate(place, "1", "2", "--rater", "ann", typing: "2\n2\n1\n")
      #expect(
        second.text.contains("1 of 3") && second.errors.contains("3 judgements kept."), "\(second.text)")
      #expect(
        try rate(place, "2", "1", "--rater", "ann", typing: "").errors.contains(
          "You have judged all of them."))
      let json = try place.object("rate", "1", "2", "--results")
      let match = try #require(json["matches"]?[0])
      let wins = [match["first_wins"], match["second_wins"], match["ties"]].compactMap { $0?.intValue }
      #expect(json["judgements"] == 5 && wins.reduce(0, +) == 5 && wins[2] == 1)
      #expect(match["win_rate"]?.doubleValue == (Double(wins[0]) + 0.5) / 5)
      let text = try place.run("rate", "1", "2", "--results")
      #expect(text.text.contains(", tied 1; win rate 0."))
      #expect(text.status == 0 && text.text.contains("5 judgements by 1 rater"), "\(text.text)")
    }
  }

  @Test("Grades of one run, by two raters, come with their means and Cohen's kappa")
  func grades() throws {
    try withRuns { place in
      _ = try rate(place, "1", "--rater", "ann", typing: "1\n2\n3\n4\n5\n")
      _ = try rate(place, "1", "--rater", "bob", typing: "1\n2\n3\n4\n4\n")
      let json = try place.object("rate", "1", "--results")
      #expect(json["grades"]?[0]?["mean"]?.doubleValue == 2.9 && json["agreement"]?["kind"] == "cohen")
      #expect(json["raters"] == ["ann", "bob"] && json["matches"] == [])
    }
  }

  @Test("On a terminal, questions and answers are shown, and Ctrl-C keeps what was judged")
  func terminal() throws {
    try withRuns { place in
      let steps: JSON = [
        ["wait": "Answer 1"], ["wait": "stop\\): "], ["send": "t\r"], ["wait": "2 of 5"],
        ["wait": "stop\\): "],
        ["send": "2\r"], ["wait": "3 of 5"], ["wait": "stop\\): "], ["send": "\u{3}"],
      ]
      let script = MartletProcess.packageRoot.appending(path: "Tests/CommandLineTests/terminal.py").path
      var program = place.program
      program.environment["TERM"] = "xterm"
      program.input = Data(steps.serialized().utf8)
      let result = try program.run(
        [script, MartletProcess.path, "eval", "rate", "1", "2", "--rater", "ann"], of: "python3")
      #expect(result.status == 0, "\(result.text) \(result.errors)")
      #expect(result.text.contains("What is ") && result.text.contains("2 judgements kept."))
      #expect(try place.object("rate", "1", "2", "--results")["judgements"] == 2)
    }
  }

  @Test(
    "Runs without words, runs of two tasks and a run against itself are refused or said to be nothing to judge"
  )
  func refusals() throws {
    try withRuns { place in
      try place.measure(
        try place.write("choices.jsonl", #"{"question": "Q", "choices": ["a", "b"], "answer": 0}"#))
      let silent = try rate(place, "3", typing: "")
      #expect(silent.status == 0 && silent.errors.contains("no answers in words"), "\(silent.errors)")
      let other = try rate(place, "1", "3", typing: "")
      #expect(other.status == 64 && other.errors.contains("only runs of one task"), "\(other.errors)")
      #expect(try rate(place, "1", "1", typing: "").status == 64)
      #expect(try rate(place, "1", "--json", typing: "").errors.contains("--json goes with --results."))
      #expect(try place.run("rate", "2", "--results").text == "Nobody has judged these runs yet.\n")
    }
  }
}
