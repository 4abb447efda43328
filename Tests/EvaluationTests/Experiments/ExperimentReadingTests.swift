import Foundation
import MartletEvaluation
import MartletJSON
import MartletPrompting
import MartletScriptedModels
import Testing

@Suite("Experiments as files")
struct ExperimentReadingTests {
  private func message(_ yaml: String) -> String {
    do { return "no error: \(try Experiment(text: yaml).name)" } catch { return "\(error)" }
  }

  private static let tests = "tests: [{question: 2+2=?, number: 4}]\n"

  @Test func anExperimentHasPromptsTestsAndSettings() throws {
    let experiment = try Experiment(
      text: """
        experiment: sums
        version: 3
        models: [a, b]
        repeats: 2
        temperature: 0.5
        max_tokens: 20
        seed: 7
        judge: c
        prompts:
          - {name: direct, prompt: "{{question}}"}
          - name: few
            prompt: "{{question}}"
            max_tokens: 9
            examples: [{question: 1+1=?, answer: 2}]
          - {name: vote, prompt: "{{question}}", strategy: self_consistency, samples: 3, answer: last_number}
        tests:
          - {question: 2+2=?, number: 4}
          - {id: two, variables: {question: "3+3=?"}, assert: [{not: {contains: "7"}}, {regex: '\\d'}]}
        assert: [{latency: 2}]
        """)
    #expect(experiment.name == "sums" && experiment.version == "3" && experiment.models == ["a", "b"])
    #expect(experiment.repeats == 2 && experiment.seed == 7 && experiment.judge == "c")
    let kinds = experiment.prompts.map(\.strategy.kind)
    #expect(kinds == [.zeroShot, .fewShot, .selfConsistency])
    #expect(experiment.prompts.map(\.generation.maximumTokens) == [20, 9, 20])
    #expect(experiment.prompts.map(\.generation.temperature) == [0.5, 0.5, 0.5])
    #expect(experiment.tests.map(\.id) == ["1", "two"])
    #expect(experiment.tests[0].expected == "4; at most 2 s")
    #expect(experiment.tests[1].expected == #"not contains "7"; matches \d; at most 2 s"#)
    #expect(experiment.warnings.isEmpty && !experiment.needsJudge && !experiment.needsEmbedder)
  }

  @Test(arguments: [
    ("[1]", "must be a mapping"), ("tests: []", "prompts: must be a list with at least one prompt"),
    ("prompts: [{name: a, prompt: b}]", "tests: must be a list with at least one test"),
    ("prompts: [{prompt: b}]\n", "prompts[0].name: is missing"),
    ("prompts: [{name: a, prompt: b}, {name: a, prompt: c}]\n", "prompts[1].name: \"a\" is used twice"),
    (
      "prompts: [{name: a, prompt: b, strategy: magic}]\n", "prompts[0].strategy: must be zero_shot, few_shot"
    ),
    ("prompts: [{name: a, prompt: b, strategy: few_shot}]\n", "prompts[0].examples: is missing"),
    (
      "prompts: [{name: a, prompt: b, samples: 3}]\n",
      "prompts[0].samples: has no use with strategy: zero_shot"
    ),
    (
      "prompts: [{name: a, prompt: b, examples: {file: no.jsonl}}]\n",
      "no.jsonl cannot be read: there is no such"
    ),
    (
      "prompts: [{name: a, prompt: b, strategy: self_consistency, temperature: 0}]\n",
      "prompts[0].temperature: must be above 0"
    ),
    ("prompts: [{name: a, prompt: b, strategy: chain}]\n", "prompts[0].steps: is missing"),
    ("prompts: [{name: a, prompt: b, answer: best}]\n", "prompts[0].answer: must be whole, last_line"),
    ("prompts: [{name: a, prompt: b, answer: {regex: '('}}]\n", "prompts[0].answer.regex: "),
    (
      "prompts: [{name: a, prompt: b, response_format: xml}]\n",
      "prompts[0].response_format: must be text, json"
    ),
    ("prompts: [{name: a, prompt: b, promt: c}]\n", "prompts[0].promt: is not known"),
    ("prompts: [{name: a, template: no.yaml}]\n", "no.yaml cannot be read"),
    ("prompts: [{name: a, prompt: b, examples: [{question: 1}]}]\n", "needs the variable \"answer\""),
    ("modles: [a]\nprompts: [{name: a, prompt: b}]\n", "modles: is not known"),
  ])
  func whatIsWrongIsNamed(yaml: String, expected: String) {
    let text = message(yaml.hasSuffix("\n") ? yaml + Self.tests : yaml)
    #expect(text.hasPrefix("own.yaml: ") && text.contains(expected), "\(yaml): \(text)")
  }

  @Test(arguments: [
    ("{variables: {q: 1}}", "assert: is missing"), ("{question: a}", "assert: is missing"),
    ("{question: a, number: b}", "number: must be a number"),
    ("{question: a, tolerance: 3}", "tolerance: says nothing without one of"),
    ("{variables: {q: 1}, number: 3}", "number: is not known"),
    (
      "{variables: {q: 1}, assert: [{not_contains: a}]}",
      "not_contains: is not known; write not: {contains: …}"
    ),
    ("{variables: {q: 1}, assert: [{equals: a, contains: a}]}", "contains: cannot be together with equals"),
    (
      "{variables: {q: 1}, assert: [{not: {equals: a}, contains: a}]}",
      "not: cannot be together with contains"
    ),
    ("{variables: {q: 1}, assert: [{}]}", "assert[0].equals: is missing: an assertion has one of"),
    ("{variables: {q: 1}, assert: [{contains: '{{x}}'}]}", "assert[0].contains: 'x' is undefined"),
    ("{variables: {q: 1}, assert: [{number: '{{q}} pounds'}]}", "its template gives \"1 pounds\""),
    ("{variables: {q: 1}, assert: [{similar: a, threshold: 2}]}", "threshold: must be between -1 and 1"),
    ("{variables: {q: 1}, assert: [{equals: a, threshold: 1}]}", "threshold: is used with similar alone"),
    ("{variables: {q: 1}, assert: [{equals: a, name: 'x y'}]}", "name: must have letters"),
    ("{variables: {q: 1}, assert: [{rubric: ' '}]}", "rubric: is empty"),
    ("{variables: {q: 1}, assert: [{contains: a, any: true}]}", "any: is used with number alone"),
    ("{variables: {q: 1}, assert: [{latency: fast}]}", "latency: must be a number"),
  ])
  func whatIsWrongInATestIsNamedWithItsRow(test: String, expected: String) {
    let text = message("prompts: [{name: a, prompt: b}]\ntests: [{question: x, number: 1}, \(test)]")
    #expect(text.hasPrefix("Row 2: ") && text.contains(expected), "\(test): \(text)")
  }

  @Test func aVariableThatATestDoesNotHaveIsFoundBeforeAModelIsAsked() {
    let prompts =
      "prompts: [{name: a, prompt: '{{q}}'}, {name: b, strategy: chain, steps: [{output: p, prompt: x}], prompt: '{{p}} {{r}}'}]"
    let text = message(
      prompts + "\ntests: [{variables: {q: 1, r: 2}, assert: [{equals: a}]}, {q: 1, equals: a}]")
    #expect(
      text.hasPrefix("Row 2: variables: the prompt b: ") && text.contains("the variable \"r\""), "\(text)")
  }

  @Test func testsMayBeLinesOfAFileAndShareTheirIDsWithNone() throws {
    try withTemporaryFolder { folder in
      let prompts = "prompts: [{name: a, prompt: '{{question}}'}]\ntests: q.jsonl"
      try Data(#"{"question": "2+2=?", "number": 4}"#.utf8).write(to: folder.appending(path: "q.jsonl"))
      let experiment = try Experiment(yaml: Array(prompts.utf8), file: "own.yaml", folder: folder)
      #expect(experiment.tests.map(\.expected) == ["4"])
      let twice =
        "{\"id\": 1, \"question\": \"a\", \"number\": 4}\n{\"id\": 1, \"question\": \"b\", \"number\": 4}"
      try Data(twice.utf8).write(to: folder.appending(path: "q.jsonl"))
      #expect(
        throws: TaskError.row(
          RowPlace(file: "q.jsonl", line: 2), member: "id", problem: "\"1\" is used twice")
      ) {
        try Experiment(yaml: Array(prompts.utf8), file: "own.yaml", folder: folder)
      }
      try Data("name: shared\nprompt: 'Say {{question}}'".utf8).write(to: folder.appending(path: "t.yaml"))
      let shared = "prompts: [{name: a, template: t.yaml}]\n" + Self.tests
      let read = try Experiment(yaml: Array(shared.utf8), file: "own.yaml", folder: folder)
      #expect(try read.prompts[0].prompt(read.tests[0].variables).lines == ["user: Say 2+2=?"])
    }
  }

  @Test func whatNothingReadsIsWarnedOf() throws {
    let experiment = try Experiment(
      text: """
        prompts:
          - {name: a, prompt: "{{question}}", examples: [{question: 1, answer: 2, note: 3}]}
        tests: [{question: a, topic: b, right: c, assert: [{equals: "{{right}}"}]}]
        """.replacing(
          "question: a, topic: b, right: c,", with: "variables: {question: a, topic: b, right: c},"))
    #expect(
      experiment.warnings == [
        #"No prompt and no assertion reads the variable "topic"."#,
        #"The prompt a does not read "note" of its examples."#,
      ])
  }

  @Test func templatesGiveTheValuesOfAssertions() async throws {
    let outcome = try await SampleExperiments.outcomes(
      of: "It is $7.13", variables: "{bill: 47.5, percent: 15, word: it}",
      asserting:
        "[{number: '{{ bill * percent / 100 }}', tolerance: '{{ 0.0051 }}'}, {contains: '{{word}} is'}]")
    #expect(outcome.map(\.holds) == [true, true])
  }
}
