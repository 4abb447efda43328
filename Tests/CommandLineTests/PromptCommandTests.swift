import Foundation
import MartletJSON
import MartletTestScope
import Testing

/// `prompt run`, `prompt compare` and `prompt show` as a program.
@Suite("prompt", .startsProcesses)
struct PromptCommandTests {
  private static let experiment = """
    experiment: sums
    max_tokens: 8
    prompts:
      - {name: direct, prompt: "What is {{question}}"}
      - {name: few-shot, prompt: "{{question}}", examples: [{question: 3+5=?, answer: "8"}, {question: 1+1=?, answer: "2"}]}
    tests:
      - {question: 2+2=?, number: 4}
      - {question: 5+1=?, number: 6}
    """

  private func run(_ place: EvaluatePlace, _ arguments: String...) throws -> MartletProcess.Result {
    try place.program.run(["prompt"] + arguments)
  }

  @Test("An experiment is run, kept, not asked again, and compared", .needs(Models.small))
  func experiment() throws {
    try withEvaluatePlace(hasModels: true) { place in
      let file = try place.write("sums.yaml", Self.experiment)
      let page = place.folder.appending(path: "sums.html")
      let table = place.folder.appending(path: "sums.csv")
      let first = try run(
        place, "run", file, "-m", Models.small, "--html", page.path, "--csv", table.path, "--json")
      try #require(first.status == 0, "\(first.errors)")
      let json = try JSON(parsing: first.text)
      #expect(json["rows"]?.arrayValue?.map { $0["prompt"]?.stringValue } == ["direct", "few-shot"])
      #expect(json["rows"]?[0]?["tests"] == 2 && json["comparisons"]?[0]?["n"] == 2)
      #expect(
        (json["rows"]?[1]?["prompt_tokens"]?.doubleValue ?? 0)
          > (json["rows"]?[0]?["prompt_tokens"]?.doubleValue ?? 0))
      #expect(try String(contentsOf: page, encoding: .utf8).contains("Answers side by side"))
      #expect(try String(contentsOf: table, encoding: .utf8).split(separator: "\r\n").count == 5)

      // What is there is not replaced, and what was asked is not asked again.
      let again = try run(place, "run", file, "-m", Models.small, "--html", page.path)
      #expect(again.status == 64 && again.errors.contains("sums.html"), "\(again.errors)")
      let kept = try run(place, "run", file, "-m", Models.small)
      #expect(kept.errors.contains("direct with \(Models.small): run 1 is kept."), "\(kept.errors)")
      #expect(kept.text.contains("sums: 2 tests") && kept.text.contains("95% interval"), "\(kept.text)")
      #expect(kept.text.split(separator: "\n").allSatisfy { $0.count <= 80 }, "\(kept.text)")

      let compared = try run(place, "compare", file, "--answers")
      #expect(compared.status == 0 && compared.text.contains("expected: 6"), "\(compared.errors)")
      let numbers = try run(place, "compare", "1", "2", "--json")
      #expect(try JSON(parsing: numbers.text)["rows"]?.arrayValue?.count == 2)
      // The runs are those of eval, too.
      #expect(try place.object("list")["runs"]?.arrayValue?.count == 2)
      #expect(try place.run("show", "1").text.contains("direct, zero shot"))
      let changed = try place.write("sums.yaml", Self.experiment.replacing("What is", with: "Tell"))
      let warned = try run(place, "compare", changed)
      #expect(warned.errors.contains("The prompt direct is not what it was in run 1"), "\(warned.errors)")
    }
  }

  @Test("A run that was stopped goes on where it was", .needs(Models.small))
  func resume() throws {
    try withEvaluatePlace(hasModels: true) { place in
      let tests = (1...6).map { "  - {question: \($0)+1=?, number: \($0 + 1)}" }.joined(separator: "\n")
      let text =
        "experiment: sums\nmax_tokens: 4\nprompts: [{name: a, prompt: '{{question}}'}, {name: b, prompt: 'Sum {{question}}'}]\ntests:\n\(tests)\n"
      let file = try place.write("sums.yaml", text)
      let one = try run(place, "run", file, "-m", Models.small, "--prompt", "a")
      try #require(one.status == 0, "\(one.errors)")
      let both = try run(place, "run", file, "-m", Models.small, "--json")
      #expect(
        both.errors.contains("a with \(Models.small): run 1 is kept.") && both.status == 0, "\(both.errors)")
      #expect(try JSON(parsing: both.text)["rows"]?.arrayValue?.map { $0["run"]?.intValue } == [1, 2])
      let fresh = try run(place, "run", file, "-m", Models.small, "--prompt", "a", "--fresh", "--json")
      #expect(try JSON(parsing: fresh.text)["rows"]?[0]?["run"] == 3)
    }
  }

  @Test("Repeats show their spread, and need a temperature", .needs(Models.small))
  func repeats() throws {
    try withEvaluatePlace(hasModels: true) { place in
      let file = try place.write("sums.yaml", Self.experiment)
      let refused = try run(place, "run", file, "-m", Models.small, "--repeats", "3")
      #expect(refused.status == 64 && refused.errors.contains("the same output 3 times"), "\(refused.errors)")
      let drawn = try place.write("drawn.yaml", Self.experiment + "\ntemperature: 1\nrepeats: 3\n")
      let result = try run(place, "run", drawn, "-m", Models.small, "--prompt", "direct")
      #expect(result.text.contains("3 repeats, mean") && result.text.contains("pass^3"), "\(result.text)")
    }
  }

  @Test("A prompt is shown with its variables, and one without a value is named")
  func show() throws {
    try withEvaluatePlace { place in
      let template = try place.write(
        "tip.yaml", "system: Be short.\nprompt: '{{percent}}% of {{bill}}'\ndefaults: {percent: 15}")
      let shown = try run(place, "show", template, "--set", "bill=47.50", "--set", "tip=7")
      #expect(shown.text == "[system]\nBe short.\n\n[user]\n15% of 47.50\n", "\(shown.text)")
      #expect(shown.errors.contains("does not read the variable \"tip\""), "\(shown.errors)")
      let missing = try run(place, "show", template)
      #expect(missing.status == 64 && missing.errors.contains("the variable \"bill\", which has no value"))
      let file = try place.write("sums.yaml", Self.experiment)
      let asked = try run(place, "show", file, "--prompt", "few-shot", "--test", "2", "--json")
      #expect(try JSON(parsing: asked.text)["messages"]?[4]?["content"] == "5+1=?", "\(asked.errors)")
      let unknown = try run(place, "show", file, "--prompt", "fewshot")
      #expect(unknown.status == 64 && unknown.errors.contains("It has direct, few-shot"), "\(unknown.errors)")
    }
  }

  @Test("The nearest examples are those nearest in meaning", .needs(Models.embedder))
  func nearest() throws {
    try withEvaluatePlace(hasModels: true) { place in
      let file = try place.write(
        "near.yaml",
        """
        prompts:
          - name: near
            prompt: "{{question}}"
            examples:
              count: 1
              choose: nearest
              list:
                - {question: "How much is the rent?", answer: "900"}
                - {question: "Where do birds sleep?", answer: "In trees."}
                - {question: "When does the train leave?", answer: "At noon."}
        tests: [{question: "Do swifts rest in a nest?", contains: "no"}]
        """)
      let shown = try run(place, "show", file, "--prompt", "near")
      #expect(
        shown.text.hasPrefix("[user]\nWhere do birds sleep?\n\n[assistant]\nIn trees."), "\(shown.text)")
    }
  }

  @Test("What is wrong is found before a model is looked for")
  func refusals() throws {
    try withEvaluatePlace { place in
      let file = try place.write("bad.yaml", "prompts: [{name: a, prompt: b}]\ntests: [{question: c}]")
      let bad = try run(place, "run", file, "-m", "no-such-model")
      #expect(bad.status == 65 && bad.errors.contains("Row 1: assert: is missing"), "\(bad.errors)")
      #expect(try run(place, "run", "missing.yaml").status == 66)
      let own = try place.write("sums.yaml", Self.experiment)
      let none = try run(place, "compare", own)
      #expect(none.status == 66 && none.errors.contains("There is no finished run of the experiment sums"))
      #expect(try run(place, "compare", own, "3").status == 64)
      let judged = try place.write("judged.yaml", Self.experiment + "\nassert: [{rubric: is right}]")
      #expect(try run(place, "run", judged, "-m", TinyFolder.path).errors.contains("needs a model. Name one"))
    }
  }
}
