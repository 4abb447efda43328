import Foundation
import MartletGeneration
import Testing

@testable import MartletFineTuning

@Suite struct TrainingDataTests {
  let fixture: ExampleFixture

  init() throws { fixture = try ExampleFixture() }

  private func read(
    _ text: String, name: String = "data.jsonl", model: String = "chatml", hasTemplate: Bool = true,
    template: String? = nil, _ change: (inout TrainingDataOptions) -> Void = { _ in }
  ) throws -> TrainingSet {
    let file = try TemporaryFile(text, name: name)
    return try reader(model: model, hasTemplate: hasTemplate, template: template, change).read(file.path)
  }

  private func reader(
    model: String = "chatml", hasTemplate: Bool = true, template: String? = nil,
    _ change: (inout TrainingDataOptions) -> Void = { _ in }
  ) throws -> TrainingDataReader {
    var options = TrainingDataOptions()
    change(&options)
    return TrainingDataReader(
      try fixture.encoder(model, template: template, hasTemplate: hasTemplate), options: options)
  }

  private func problem(
    _ text: String, name: String = "data.jsonl", model: String = "chatml", hasTemplate: Bool = true,
    template: String? = nil, _ change: (inout TrainingDataOptions) -> Void = { _ in }
  ) -> String {
    do {
      _ = try read(text, name: name, model: model, hasTemplate: hasTemplate, template: template, change)
      return "no error"
    } catch { return "\(error)" }
  }

  // MARK: Formats

  @Test func everyFormatOfFileHasTheSameExamples() throws {
    let lines = #"{"prompt": "Which bird?", "completion": " A \"swift\".\n"}"# + "\n"
    let expected = try read(lines).examples
    #expect(expected.count == 1)
    #expect(try read("\u{FEFF}\n" + lines + " \r\n\n").examples == expected)
    #expect(try read("\u{FEFF}[\n  \(lines)]\n", name: "data.json").examples == expected)
    #expect(try read(lines, name: "data.json").examples == expected)
    #expect(
      try read("\u{FEFF}prompt,completion\r\nWhich bird?,\" A \"\"swift\"\".\n\"\r\n", name: "d.csv").examples
        == expected)
    #expect(
      try read("completion;prompt\n\" A \"\"swift\"\".\n\";Which bird?\n", name: "d.csv").examples == expected
    )
    #expect(
      try read("prompt\tcompletion\nWhich bird?\t\" A \"\"swift\"\".\n\"\n", name: "d.tsv").examples
        == expected)
  }

  @Test func anExampleEndsWithTheEndTokenAlsoWhereItPads() throws {
    let encoder = try fixture.encoder("chatml")
    let set = try read(#"{"prompt": "a", "completion": "b"}"# + "\n" + #"{"text": "a b<|im_end|>"}"#)
    for example in set.examples {
      #expect(example.tokens.last == encoder.tokenizer.special.eos)
      #expect(example.counts.last == true)
      #expect(example.tokens.count { $0 == encoder.tokenizer.special.eos } == 1)
    }
    #expect(
      set.report.warnings == [
        "\(set.report.warnings[0].prefix { $0 != " " }) has rows of several formats: 1 with prompt and completion; 1 "
          + "with text."
      ])
  }

  @Test func instructionsAreMessagesOrAlpacasWords() throws {
    let row = #"{"instruction": "Add.", "input": "2 + 2", "output": "4"}"#
    let chat = try read(
      #"{"messages": [{"role": "user", "content": "Add.\n\n2 + 2"}, "#
        + #"{"role": "assistant", "content": "4"}]}"#)
    #expect(try read(row).examples == chat.examples)
    let plain = try read(row, hasTemplate: false)
    let prompt = """
      Below is an instruction that describes a task, paired with an input that provides further context. Write a \
      response that appropriately completes the request.

      ### Instruction:
      Add.

      ### Input:
      2 + 2

      ### Response:

      """
    #expect(plain.examples[0].text == prompt + "4<|im_end|>")
    let tokenizer = try fixture.encoder("chatml").tokenizer
    #expect(plain.examples[0].counted(tokenizer) == "4<|im_end|>")
    let short = try read(#"{"instruction": "Sing.", "output": "La"}"#, hasTemplate: false)
    #expect(short.examples[0].text.hasSuffix("\n\n### Instruction:\nSing.\n\n### Response:\nLa<|im_end|>"))
  }

  @Test func textCountsAsAWholeAndLossMayCountAll() throws {
    let text = try read(#"{"text": "the swift"}"#)
    #expect(text.examples[0].mask.reduce(0, +) == text.examples[0].tokens.count - 1)
    let all = try read(#"{"prompt": "the", "completion": " swift"}"#) { $0.loss = .all }
    #expect(all.examples[0].mask.reduce(0, +) == all.examples[0].tokens.count - 1)
    #expect(all.report.countedTokens == all.report.tokens - 1)
  }

  @Test func plainTextBecomesPiecesInWhichEachTokenCountsOnce() throws {
    let text = String(repeating: "The swift is a small bird.\n", count: 20) + "<|im_end|> is no token here."
    let set = try read(text, name: "book.txt", model: "gemma") { $0.maximumLength = 16 }
    let encoder = try fixture.encoder("gemma")
    let whole =
      try [#require(encoder.tokenizer.special.bos)] + encoder.tokenizer.encode(text)
      + [#require(encoder.tokenizer.special.eos)]
    #expect(set.examples[0].tokens + set.examples.dropFirst().flatMap { $0.tokens.dropFirst() } == whole)
    #expect(set.report.countedTokens == whole.count - 1)
    #expect(set.examples.allSatisfy { $0.tokens.count <= 16 })
  }

  @Test func theBeginningOfTextStandsOnce() throws {
    let set = try read(#"{"text": "<s><s>the swift"}"# + "\n" + #"{"text": "the swift"}"#, model: "gemma")
    #expect(set.examples[0] == set.examples[1])
    #expect(set.report.warnings.contains { $0.hasPrefix("The beginning-of-text token was written once") })
  }

  @Test func membersThatAreNotUsedAreReportedOnce() throws {
    let set = try read(
      #"{"prompt": "a", "completion": "b", "id": 1}"# + "\n"
        + #"{"prompt": "a", "completion": "b", "id": 2, "x": 1}"#)
    #expect(set.report.warnings == ["Members that were not used: id (in 2 rows), x (in 1 row)."])
  }

  // MARK: Templates

  @Test func aTemplateThatWritesEarlierAnswersOtherwiseMakesAnExampleOfEach() throws {
    let row =
      #"{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}, "#
      + #"{"role": "user", "content": "c"}, {"role": "assistant", "content": "d"}]}"#
    let set = try read(row, template: fixture.template("thinking"))
    let tokenizer = try fixture.encoder("chatml").tokenizer
    #expect(
      set.examples.map { $0.counted(tokenizer) } == [
        "<think>\n\n</think>\n\nb<|im_end|>", "<think>\n\n</think>\n\nd<|im_end|>",
      ])
    #expect(
      set.examples[1].text.hasPrefix("<|im_start|>user\na<|im_end|>\n<|im_start|>assistant\nb<|im_end|>"))
    #expect(set.report.warnings.count == 1)
  }

  @Test func aTemplateWhosePromptIsNoBeginningIsRefused() throws {
    let row = #"{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}"#
    #expect(
      try problem(row, template: fixture.template("forgetful")).contains(
        "does not begin a conversation with the prompt"))
    #expect(problem(row, hasTemplate: false).contains("chatml has no chat template"))
  }

  @Test func aTemplateWithoutAnEndTokenGetsOne() throws {
    let row = #"{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}"#
    let set = try read(row, model: "endless")
    #expect(set.examples[0].counted(try fixture.encoder("endless").tokenizer) == "b\n<|endoftext|>")
    #expect(set.report.warnings.contains { $0.hasPrefix("The chat template writes no end token") })
  }

  // MARK: Length

  private static let long =
    #"{"prompt": "Which bird is that, under the roof?", "completion": "#
    + #"" A swift, that is a small bird that lives in the air."}"#

  @Test func aLongExampleKeepsItsBeginning() throws {
    let whole = try read(Self.long).examples[0]
    let set = try read(Self.long) { $0.maximumLength = whole.tokens.count - 3 }
    #expect(set.examples[0].tokens == whole.tokens.dropLast(3))
    #expect(set.report.cut == 1 && set.report.dropped == 0)
  }

  @Test func anExampleOfWhichNothingCountsAnyMoreIsDroppedAndCounted() throws {
    let rows = Self.long + "\n" + #"{"prompt": "a", "completion": "b"}"#
    let set = try read(rows) { $0.maximumLength = 8 }
    #expect(set.examples.count == 1)
    #expect(set.report.cut == 1 && set.report.dropped == 1)
    #expect(
      set.report.warnings == [
        "1 example was longer than 8 tokens and cut off; in one of them nothing was left that counts, and it was dropped."
      ])
    #expect(
      problem(Self.long) { $0.maximumLength = 8 }.hasPrefix(
        "No token of the 1 rows counts: each prompt takes all"))
  }

  @Test(arguments: [2, 5, 9, 15])
  func theCountedTokensOfASplitExampleCountOnceEach(_ length: Int) throws {
    let whole = try read(Self.long).examples[0]
    let set = try read(Self.long) { ($0.maximumLength, $0.overflow) = (length, .split) }
    let targets = { (example: TrainingExample) in
      zip(example.tokens, example.counts).dropFirst().filter(\.1).map(\.0)
    }
    #expect(set.examples.flatMap(targets) == targets(whole))
    #expect(set.examples.allSatisfy { $0.tokens.count <= length && $0.countedTokens > 0 })
    #expect(set.report.split == 1)
  }

  @Test func longExamplesAreRefusedByNumber() throws {
    let rows = Self.long + "\n" + #"{"prompt": "a", "completion": "b"}"# + "\n" + Self.long
    let text = problem(rows) { ($0.maximumLength, $0.overflow) = (8, .refuse) }
    #expect(text.hasPrefix("2 rows are longer than 8 tokens") && text.contains(", line 1: "))
    let set = try read(rows) { ($0.maximumLength, $0.overflow, $0.badRows) = (8, .refuse, .skipped) }
    #expect(set.examples.count == 1 && set.report.refused == 2)
    #expect(set.report.skipped.map(\.line) == [1, 3])
  }

  // MARK: Bad rows

  @Test(arguments: [
    (#"{"prompt": "a"}"#, #"the row has "prompt", but no "completion""#),
    (#"{"prompt": "a", "completion": null}"#, #"the row has "prompt", but no "completion""#),
    (#"{"prompt": "a", "completion": ""}"#, #""completion" is empty"#),
    (#"{"prompt": 1, "completion": "b"}"#, #""prompt" is not a text, but a number"#),
    (#"{"messages": "a"}"#, #""messages" is not a list, but a string"#),
    (#"{"messages": []}"#, #""messages" is empty"#),
    (#"{"messages": [{"role": "user", "content": "a"}]}"#, #"no message of the role "assistant""#),
    (#"{"messages": [{"role": "assistant", "content": 1}]}"#, "message 1 is not an object with the texts"),
    (#"{"instruction": "a", "output": "b", "input": 3}"#, #""input" is not a text, but a number"#),
    (#"{"question": "a"}"#, #"this one has only "question""#),
    (#"["a"]"#, "a row must be an object, not an array"),
    (#"{"text": "a""#, "it is no JSON"),
  ])
  func aBadRowIsFatalOrSkippedByItsLine(_ row: String, _ reason: String) throws {
    let rows = #"{"text": "the swift"}"# + "\n\n" + row + "\n" + #"{"text": "a bird"}"# + "\n"
    let text = problem(rows)
    #expect(text.contains(", line 3: ") && text.contains(reason) && text.hasSuffix("(--skip-bad-rows)."))
    let set = try read(rows) { $0.badRows = .skipped }
    #expect(set.examples.count == 2 && set.report.rows == 3)
    #expect(set.report.skipped.map(\.line) == [3])
    #expect(set.report.skipped[0].reason.contains(reason))
  }

  @Test func badRowsOfTablesAreNamed() throws {
    let rows = "prompt,completion\na,b\na\n\"a\" x,b\n\"a\nb\",c\nx,\n"
    let set = try read(rows, name: "d.csv") { $0.badRows = .skipped }
    #expect(set.examples.count == 2)
    #expect(set.report.skipped.map(\.line) == [3, 4, 7])
    #expect(problem("name,age\na,b\n", name: "d.csv").contains("its first row must name the columns"))
    #expect(problem("text,text\na,b\n", name: "d.csv").contains("names the column \"text\" twice"))
  }

  @Test func filesThatHoldNothingAreNamed() throws {
    #expect(problem("\n\n").hasPrefix("There is no row in "))
    #expect(problem("", name: "a.txt").hasPrefix("There is no row in "))
    #expect(problem(#"[{"text": "a"}, "#, name: "a.json").contains("it is not valid JSON at line 1"))
    #expect(problem("PAR1", name: "a.parquet").contains("it is no text"))
    #expect(throws: TrainingDataError.self) { try reader().read("/no/such/file.jsonl") }
    let skipped = problem(#"{"prompt": "a"}"#) { $0.badRows = .skipped }
    #expect(skipped.hasPrefix("None of the 1 rows can be learned from."))
  }

  // MARK: Parts

  @Test func aSetIsDividedByItsSeed() throws {
    let rows = (0..<20).map { "{\"text\": \"the swift \($0)\"}\n" }.joined()
    let set = try read(rows)
    let (training, held) = try set.split(heldOut: 0.25, seed: 3)
    #expect(held.examples.count == 5 && training.examples.count == 15)
    #expect(Set((training.examples + held.examples).map(\.text)) == Set(set.examples.map(\.text)))
    #expect(training.report.tokens + held.report.tokens == set.report.tokens)
    #expect(try set.split(heldOut: 0.25, seed: 3).heldOut == held)
    #expect(try set.split(heldOut: 0.25, seed: 4).heldOut != held)
    #expect(throws: TrainingDataError.unusableShare(0.01, examples: 1)) {
      try TrainingSet([set.examples[0]]).split(heldOut: 0.01, seed: 0)
    }
  }

  @Test func readingEndsWithAsManyExamplesAsAreWanted() throws {
    let file = try TemporaryFile(#"{"text": "a b"}"# + "\n" + #"{"text": "c d"}"# + "\nno JSON\n")
    let set = try reader().read([file.path], limit: 2)
    #expect(set.examples.count == 2)
  }
}
