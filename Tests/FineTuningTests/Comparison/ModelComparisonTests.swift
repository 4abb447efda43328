import MartletTensors
import MartletTransformers
import Testing

@testable import MartletFineTuning

@Suite struct ModelComparisonTests {
  let fixture: ExampleFixture
  init() throws { fixture = try ExampleFixture() }

  @Test func aPromptIsWhatStandsBeforeTheLastAnswer() throws {
    let encoder = try fixture.encoder("chatml")
    let file = try TemporaryFile(
      #"{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}, "#
        + #"{"role": "user", "content": "c"}, {"role": "assistant", "content": "d\ne"}]}"#)
    let example = try TrainingDataReader(encoder).read(file.path).examples[0]
    let prompt = try #require(AnswerPrompt(example, encoder.tokenizer, maximumTokens: 10))
    #expect(prompt.text.hasSuffix("<|im_start|>user\nc<|im_end|>\n<|im_start|>assistant\n"))
    #expect(prompt.expected == "d\ne" && !prompt.isLine)
    // What the example says is compared as far as an answer may go.
    #expect(AnswerPrompt(example, encoder.tokenizer, maximumTokens: 1)?.expected == "d")
  }

  @Test func ofTextTheLineAfterTheMiddleIsCompared() throws {
    let encoder = try fixture.encoder("chatml")
    let file = try TemporaryFile(#"{"text": "the swift\nis a small\nbird\n\nin the air\n"}"#)
    let example = try TrainingDataReader(encoder).read(file.path).examples[0]
    let prompt = try #require(AnswerPrompt(example, encoder.tokenizer, maximumTokens: 32))
    #expect(prompt.isLine && prompt.text.hasSuffix("\n"))
    #expect("the swift\nis a small\nbird\n\nin the air\n".hasPrefix(prompt.text))
    #expect(["bird", "in the air"].contains(prompt.expected))
    #expect(prompt.comparable("\nbird\nin") == "bird")
  }

  @Test func theNextLineIsTheFirstThatSaysSomething() {
    #expect(ModelComparison.firstLine("\n\n  let x = 1  \ny") == "let x = 1")
    #expect(ModelComparison.firstLine("") == "")
  }

  /// A model of random weights, the same with an adapter that changes it, and examples for both.
  private func models() throws -> (
    before: any CausalTransformer, after: any CausalTransformer, [TrainingExample]
  ) {
    let before = try TrainingReference.model("qwen2", device: Device(threads: 2))
    var adapter = try ModelAdapter.initialized(AdapterConfiguration(), for: before.parameters, seed: 42)
    for (path, factors) in adapter.factors {
      let values = (0..<factors.b.rows * factors.b.columns).map { Float($0 % 7) - 3 }
      adapter.factors[path]?.b = try Tensor(
        values, rows: factors.b.rows, columns: factors.b.columns, device: before.device)
    }
    return (before, try before.adapted(by: [ScaledAdapter(adapter)]), try TrainingReference.examples())
  }

  @Test func lossesAreTheMeansOverTheTokensThatCount() throws {
    let (before, after, examples) = try models()
    let tokenizer = try fixture.encoder("chatml").tokenizer
    let comparison = try ModelComparison(
      before: before, after: after, tokenizer: tokenizer, examples: examples, maximumTokens: 8)
    for (model, scores) in [(before, comparison.before), (after, comparison.after)] {
      let loss = try model.loss(of: examples.map { try $0.sequence() }, checkpoints: false).values[0]
      #expect(abs(scores.loss - Double(loss)) < 1e-5 * Double(loss))
    }
    #expect(comparison.before.loss != comparison.after.loss)
    #expect(comparison.countedTokens == examples.reduce(0) { $0 + $1.countedTokens })
  }

  @Test func aModelComparedWithItselfIsTheSame() throws {
    let (before, _, examples) = try models()
    let tokenizer = try fixture.encoder("chatml").tokenizer
    let comparison = try ModelComparison(
      before: before, after: before, tokenizer: tokenizer, examples: examples, maximumTokens: 8)
    #expect(comparison.before == comparison.after)
    #expect(comparison.answers.allSatisfy { $0.before == $0.after })
  }

  @Test func answersAreTheMostProbableTokensWhateverIsAnsweredBeside() throws {
    let (before, _, examples) = try models()
    let tokenizer = try fixture.encoder("chatml").tokenizer
    let prompts = examples.prefix(4).compactMap { AnswerPrompt($0, tokenizer, maximumTokens: 8) }
    let greedy = GreedyAnswers(model: before, tokenizer: tokenizer, maximumTokens: 8)
    let together = try greedy.answers(to: prompts)
    #expect(try prompts.flatMap { try greedy.answers(to: [$0]) } == together)
  }

  @Test func reportsHaveAllNumbersAndEscapeTexts() throws {
    let (before, after, examples) = try models()
    let tokenizer = try fixture.encoder("chatml").tokenizer
    let comparison = try ModelComparison(
      before: before, after: after, tokenizer: tokenizer, examples: examples, maximumTokens: 4)
    let json = comparison.json
    #expect(json["before"]?["loss"]?.doubleValue == comparison.before.loss)
    #expect(json["after"]?["edit_similarity"]?.doubleValue == comparison.after.editSimilarity)
    #expect(json["answers"]?.arrayValue?.count == comparison.answers.count)
    let page = comparison.page(model: "<m>", adapter: "a").file
    #expect(page.contains("&lt;m&gt;") && page.contains(comparison.measures[0].after))
    #expect(!page.contains("<|im_"))
  }
}
