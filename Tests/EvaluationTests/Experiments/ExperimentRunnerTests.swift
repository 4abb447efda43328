import MartletEvaluation
import MartletJSON
import MartletLanguageModels
import MartletPrompting
import MartletScriptedModels
import Testing

@Suite("Experiments carried out")
struct ExperimentRunnerTests {
  private static let sums = """
    experiment: sums
    prompts:
      - {name: direct, prompt: "{{question}}"}
      - {name: drawn, prompt: "{{question}}", temperature: 0.8}
      - {name: marked, prompt: "{{question}}", answer: {after: "Answer:"}}
      - name: vote
        prompt: "{{question}}"
        strategy: self_consistency
        samples: 3
        answer: last_number
    tests:
      - {question: 1+1=?, number: 2}
      - {question: 2+2=?, number: 4, id: four}
      - variables: {question: 3+3=?}
        assert: [{number: 6}, {number: 6, any: true, name: anywhere}]
    """

  /// The question of a request.
  private static func question(_ request: GenerationRequest) -> String {
    String((request.prompt.lines.last ?? "").dropFirst("user: ".count).prefix(5))
  }

  @Test func resultsAreRecordsWithPromptAnswerChecksAndUsage() async throws {
    let experiment = try Experiment(text: Self.sums)
    let model = ScriptedModel { Self.question($0) == "1+1=?" ? "It is 2" : "6 or 7" }
    let records = try await SampleExperiments.records(of: experiment, model: model)
    #expect(records.map(\.result.id) == ["1", "four", "3"] && records.map(\.position) == [0, 1, 2])
    #expect(records.map { $0.result.scores["acc"] } == [1, 0, 0])
    #expect(records.map { $0.result.scores["acc,anywhere"] } == [nil, nil, 1])
    #expect(records.map(\.result.correct) == [true, false, false])
    #expect(
      records[0].prompt["prompt"]?[0]?["content"] == "1+1=?" && records[0].prompt["max_gen_toks"] == 256)
    #expect(records[0].document["question"] == "1+1=?" && records[0].result.usage?.completionTokens == 3)
    #expect(ItemResult(json: records[2].result.json) == records[2].result)
    // What is done is not asked again.
    let rest = try await SampleExperiments.records(of: experiment, model: model, skipping: [0, 2])
    #expect(rest.map(\.position) == [1] && model.requests.count == 4)
  }

  @Test func anAnswerThatTheRuleDoesNotFindIsCountedAndWarnedOf() async throws {
    let experiment = try Experiment(text: Self.sums)
    let records = try await SampleExperiments.records(
      of: experiment, prompt: 2, model: ScriptedModel { Self.question($0) == "1+1=?" ? "Answer: 2" : "2" })
    #expect(records.map(\.result.unextractedOutputs) == [0, 1, 1])
    #expect(records.map(\.result.correct) == [true, false, false])
    let warnings = RunWarnings.texts(of: records.map(\.result))
    #expect(warnings == ["2 of 3 items have an output in which the prompt's rule found no answer (four, 3)."])
  }

  @Test func repeatsGiveMeanSpreadAndPassPowers() async throws {
    let experiment = try Experiment(text: Self.sums)
    // Right in the first two repeats, and 1+1 in the third.
    let model = ScriptedModel { request in
      let right = ["1+1=?": "2", "2+2=?": "4", "3+3=?": "6"][Self.question(request)] ?? ""
      return request.repetition < 2 || right == "2" ? right : "0"
    }
    let records = try await SampleExperiments.records(of: experiment, prompt: 1, model: model, repeats: 4)
    #expect(records.map { $0.result.scores["acc"] } == [1, 0.5, 0.5])
    #expect(
      records.map { $0.result.scores["pass^4"] } == [1, 0, 0] && records[1].result.scores["pass@4"] == 1)
    #expect(records.map(\.result.correct) == [true, nil, nil])
    let spread = try #require(RepeatScores.all(of: records.map(\.result)).first { $0.name == "acc" })
    #expect(spread.means.map { ($0 * 3).rounded() } == [3, 3, 1, 1])
    #expect(abs(spread.standardDeviation - 0.3849) < 1e-4 && abs(spread.mean - 2 / 3) < 1e-12)
    // Each draw has a seed of its own.
    #expect(Set(model.requests.map(\.sampling.seed)).count == 12)
  }

  @Test func repeatsThatCannotDifferAreRefused() throws {
    let experiment = try Experiment(text: Self.sums)
    #expect(throws: ExperimentError.sameRepeats(prompt: "direct", repeats: 2)) {
      try ExperimentRunner(
        experiment.prompts[0], tests: experiment.tests, model: ScriptedModel(), settings: .init(repeats: 2))
    }
  }

  @Test func repeatsAndSamplesThroughACacheAreDrawsOfTheirOwn() async throws {
    let experiment = try Experiment(text: Self.sums)
    for (prompt, draws) in [(1, 4), (3, 12)] {
      let source = ScriptedModel { "\($0.repetition)" }
      let records = try await SampleExperiments.records(
        of: experiment, prompt: prompt, model: CachingModel(source), repeats: 4)
      #expect(source.requests.count == draws * experiment.tests.count)
      let completions = records[0].result.completions?.joined().map { $0 } ?? records[0].result.outputs ?? []
      #expect(Set(completions).count == draws, "\(completions)")
    }
  }

  @Test func aVoteIsKeptWithAllItsSamples() async throws {
    let experiment = try Experiment(text: Self.sums)
    let model = ScriptedModel { ["It is 3", "so 2", "2.0"][$0.repetition] }
    let records = try await SampleExperiments.records(of: experiment, prompt: 3, model: model)
    #expect(records[0].result.completions == [["It is 3", "so 2", "2.0"]])
    #expect(records[0].result.outputs == ["so 2"] && records[0].result.extracted == ["answer": "2"])
    #expect(records[0].result.correct == true && records[0].result.usage?.requests == 3)
  }

  @Test func theRecipeHasEverythingThatTheNumbersDependOn() throws {
    let experiment = try Experiment(text: Self.sums)
    func recipe(_ experiment: Experiment, _ prompt: Int = 0, judge: String? = nil) -> RunRecipe {
      experiment.recipe(
        of: experiment.prompts[prompt], tests: experiment.tests,
        model: .init(name: "m", fingerprint: "f", precision: "fast"), settings: .init(), judge: judge,
        program: "test")
    }
    let base = recipe(experiment)
    #expect(base.promptName == "direct" && base.taskName == "sums")
    #expect(base.facts.contains { $0.name == "prompt" && $0.value == "direct, zero shot" })
    let edited = try Experiment(text: Self.sums.replacing("number: 2}", with: "number: 3}"))
    let reworded = try Experiment(
      text: Self.sums.replacing("direct, prompt: \"", with: "direct, prompt: \"Q: "))
    for other in [recipe(experiment, 1), recipe(edited), recipe(reworded), recipe(experiment, judge: "j")] {
      #expect(!base.differences(to: other).isEmpty)
    }
    #expect(base.differences(to: recipe(experiment)).isEmpty)
  }
}
