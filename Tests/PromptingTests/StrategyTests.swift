import MartletJSON
import MartletLanguageModels
import MartletPrompting
import MartletScriptedModels
import Testing

@Suite("Strategies")
struct StrategyTests {
  private let question = "{{question}}"
  private let examples: [JSONObject] = [
    ["question": "1+1=?", "answer": "2"], ["question": "2+2=?", "answer": "4"],
    ["question": "3+3=?", "answer": "6"],
  ]

  @Test func zeroShotAsksTheQuestionAlone() async throws {
    let model = ScriptedModel(cost: 0.5) { _ in "It is 4 ." }
    let variant = try PromptVariant("direct", PromptTemplate(question), extraction: .lastNumber)
    let outcome = try await variant.answer(["question": "2+2=?"], model: model)
    #expect(model.requests.map(\.prompt.lines) == [["user: 2+2=?"]])
    #expect(model.requests[0].sampling == .temperatureAlone(0) && model.requests[0].repetition == 0)
    #expect(outcome.answer == "4" && outcome.text == "It is 4 ." && outcome.steps.count == 1)
    #expect(outcome.usage.requests == 1 && outcome.usage.completionTokens == 4)
    #expect(outcome.usage.seconds == 0.5 && outcome.usage.cost == 0.5)
  }

  @Test func fewShotShowsAnsweredQuestionsAndNeverTheItemItself() throws {
    let variant = try PromptVariant(
      "few", PromptTemplate(question, system: "Sums."), strategy: .fewShot(ExampleSelection(examples)))
    let lines = try variant.prompt(["question": "2+2=?"]).lines
    #expect(
      lines == ["system: Sums.", "user: 1+1=?", "assistant: 2", "user: 3+3=?", "assistant: 6", "user: 2+2=?"])
    #expect(try variant.prompt(["question": "5+5=?"]).lines.count == 8)
    let one = try PromptVariant(
      "one", PromptTemplate(question), strategy: .fewShot(ExampleSelection([examples[1]])))
    #expect(throws: PromptingError.tooFewExamples(prompt: "one", asked: 1, available: 0)) {
      try one.prompt(["question": "2+2=?"])
    }
  }

  @Test func rawExamplesAreOneTextThatEndsWithTheQuestion() throws {
    let variant = try PromptVariant(
      "raw", PromptTemplate("Q: {{question}}\nA:", isRaw: true),
      strategy: .fewShot(ExampleSelection(examples, count: 1)))
    #expect(try variant.prompt(["question": "9?"]) == .text("Q: 1+1=?\nA: 2\n\nQ: 9?\nA:"))
    #expect(variant.generation.stop == ["\n\n"])
  }

  @Test func randomExamplesAreThoseOfTheSeed() throws {
    let many = (0..<50).map { number -> JSONObject in
      ["question": .string("\(number)?"), "answer": .string("\(number)")]
    }
    func lines(_ seed: Int, _ item: String) throws -> [String] {
      let selection = try ExampleSelection(many, count: 3, choice: .random, seed: seed)
      return try PromptVariant("r", PromptTemplate(question), strategy: .fewShot(selection))
        .prompt(["question": .string(item)]).lines
    }
    let (first, again, other) = (try lines(1, "x"), try lines(1, "x"), try lines(2, "x"))
    #expect(first == again && first != other && first.count == 7)
    // Items share their examples, but for one that would be its own.
    #expect(try lines(1, "y").dropLast() == first.dropLast())
    let own = String(first[0].dropFirst("user: ".count))
    let others = try lines(1, own)
    #expect(!others.dropLast().contains(first[0]) && others.count == 7)
  }

  @Test func nearestExamplesComeWithTheNearestLast() throws {
    let selection = try ExampleSelection(examples, count: 2, choice: .nearest)
    let variant = try PromptVariant("near", PromptTemplate(question), strategy: .fewShot(selection))
    // The angle grows with the first digit.
    let embeddings: TextEmbeddings = { texts in
      texts.map { text in
        let digit = Float(text.first?.wholeNumberValue ?? 0)
        return [10, digit]
      }
    }
    let lines = try variant.prompt(["question": "4-1=?"], embeddings: embeddings).lines
    #expect(lines == ["user: 2+2=?", "assistant: 4", "user: 3+3=?", "assistant: 6", "user: 4-1=?"])
    #expect(throws: PromptingError.noEmbeddings(prompt: "near")) { try variant.prompt(["question": "4-1=?"]) }
    #expect(throws: PromptingError.self) { try variant.prompt(["question": "4-1=?"]) { _ in [[1]] } }
    #expect(throws: PromptingError.self) { try variant.prompt(["question": "4-1=?"]) { $0.map { _ in [] } } }
  }

  @Test func anExampleWithoutAVariableIsAnErrorBeforeAnythingIsAsked() throws {
    let selection = try ExampleSelection([["question": "1?"]])
    #expect(throws: PromptingError.missingVariable("answer", template: #""{{answer}}""#, given: ["question"]))
    {
      try PromptVariant("few", PromptTemplate(question), strategy: .fewShot(selection))
    }
    #expect(throws: PromptingError.self) { try ExampleSelection([]) }
    #expect(throws: PromptingError.self) { try ExampleSelection(examples, count: 4) }
  }

  @Test func chainOfThoughtAsksForReasonsAndReadsTheAnswerBehindTheMark() async throws {
    let model = ScriptedModel { _ in "2 and 2 make 4.\nAnswer: 4" }
    let variant = try PromptVariant(
      "steps", PromptTemplate(question),
      strategy: .chainOfThought(instruction: PromptStrategy.standardInstruction, examples: nil),
      extraction: .after("Answer:"))
    let outcome = try await variant.answer(["question": "2+2=?"], model: model)
    let asked = model.requests[0].prompt.lines[0]
    #expect(asked.hasPrefix("user: 2+2=?\n\nLet's think step by step.") && outcome.answer == "4")
    let silent = try await variant.answer(["question": "2+2=?"], model: ScriptedModel { _ in "It is 4" })
    #expect(silent.answer == nil && silent.text == "It is 4")
  }

  @Test func samplesVoteAndCountAsRequestsOfTheirOwn() async throws {
    let answers = ["Answer: 5", "Answer: 4", "no idea", "Answer: 4.0", "Answer: 5", "Answer: 4"]
    let model = ScriptedModel(cost: 0.1) { answers[$0.repetition % 6] }
    let settings = try SelfConsistency(samples: 6, temperature: 0.9)
    let variant = try PromptVariant(
      "vote", PromptTemplate(question), strategy: .selfConsistency(settings),
      extraction: .pattern(AnswerPattern(#"Answer: (\S+)"#)))
    let outcome = try await variant.answer(["question": "2+2=?"], model: model, repetition: 2) { UInt64($0) }
    // As texts 4 and 4.0 differ: 5 and 4 have two votes each, and 5 came first.
    #expect(outcome.answer == "5" && outcome.vote?.counts.map(\.votes) == [2, 2, 1])
    #expect(Set(model.requests.map(\.repetition)) == Set(12..<18))
    #expect(
      model.requests.allSatisfy {
        $0.sampling.temperature == 0.9 && $0.sampling.seed == UInt64($0.repetition)
      })
    #expect(outcome.usage.requests == 6 && abs((outcome.usage.cost ?? 0) - 0.6) < 1e-9)
    #expect(outcome.steps.map(\.completion.text) == answers)
    #expect(throws: PromptingError.self) { try SelfConsistency(samples: 1) }
    #expect(throws: PromptingError.self) { try SelfConsistency(temperature: 0) }
  }

  @Test func numbersThatAreEqualVoteTogether() async throws {
    let answers = ["so 5", "it is 4", "4.0", "or 4", "5"]
    let variant = try PromptVariant(
      "vote", PromptTemplate(question), strategy: .selfConsistency(SelfConsistency()), extraction: .lastNumber
    )
    let outcome = try await variant.answer(
      ["question": "2+2=?"], model: ScriptedModel { answers[$0.repetition] })
    #expect(outcome.answer == "4" && outcome.text == "it is 4" && outcome.vote?.counts.first?.votes == 3)
  }

  @Test func stepsOfAChainReadTheOutputsOfEarlierOnes() async throws {
    let model = ScriptedModel { request in
      let text = request.prompt.lines.last ?? ""
      if text.hasPrefix("user: List") { return "Facts: swifts, bats" }
      return text.contains("swifts, bats") ? "Two animals" : "nothing"
    }
    let step = ChainStep(
      output: "facts", template: try PromptTemplate("List {{topic}}"), extraction: .after("Facts:"),
      maximumTokens: 9)
    let variant = try PromptVariant(
      "chain", PromptTemplate("Count {{facts}} of {{topic}}"), strategy: .chain([step]),
      generation: PromptGeneration(maximumTokens: 50, responseFormat: .json))
    let outcome = try await variant.answer(["topic": "fliers"], model: model)
    #expect(outcome.answer == "Two animals" && outcome.steps.count == 2 && outcome.usage.requests == 2)
    #expect(model.requests.map(\.maximumTokens) == [9, 50])
    #expect(model.requests.map(\.responseFormat) == [.text, .json])
    #expect(model.requests[1].prompt.lines == ["user: Count swifts, bats of fliers"])
    // A step without an answer ends the chain, which then has none.
    let broken = try await variant.answer(["topic": "fliers"], model: ScriptedModel { _ in "?" })
    #expect(broken.answer == nil && broken.steps.count == 1)
  }

  @Test func aCostThatIsNotKnownMakesTheSumUnknown() {
    let known = Completion(
      text: "", tokenIDs: [], promptTokenCount: 3, finishReason: .stop, promptSeconds: 1,
      completionSeconds: 2,
      cost: 0.25)
    var unknown = known
    unknown.cost = nil
    #expect((PromptUsage(known) + PromptUsage(known)).cost == 0.5)
    let sum = PromptUsage(known) + PromptUsage(unknown)
    #expect(sum.cost == nil && sum.promptTokens == 6 && sum.seconds == 6)
  }

  @Test func repeatsDrawAnewThroughACache() async throws {
    let drawn = ["a", "b", "c"]
    let source = ScriptedModel { drawn[$0.repetition % 3] }
    let model = CachingModel(source)
    let variant = try PromptVariant(
      "drawn", PromptTemplate(question), generation: PromptGeneration(temperature: 0.8))
    func all() async throws -> [String?] {
      var answers: [String?] = []
      for number in 0..<3 {
        answers.append(try await variant.answer(["question": "?"], model: model, repetition: number).answer)
      }
      return answers
    }
    #expect(try await all() == ["a", "b", "c"] && source.requests.count == 3)
    #expect(try await all() == ["a", "b", "c"] && source.requests.count == 3)
  }
}
