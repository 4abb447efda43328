import MartletEvaluation
import MartletLanguageModels
import MartletPrompting
import MartletScriptedModels
import Testing

@Suite("Assertions")
struct AssertionTests {
  /// Each with an output for which it holds, and one for which it does not.
  @Test(arguments: [
    ("{equals: Paris}", " paris\n", "Paris."), ("{contains: [par, rom]}", "In Rome", "In Oslo"),
    ("{regex: '^\\d+$'}", "42", "42 of them"), ("{number: 4}", "3 and 4", "4 and 3"),
    ("{number: 4, any: true}", "4 and 3", "5 and 3"), ("{number: 4, tolerance: 0.1}", "4.05", "4.2"),
  ])
  func eachHoldsOrNotAndItsNegationIsTheOpposite(text: String, right: String, wrong: String) async throws {
    for (output, holds) in [(right, true), (wrong, false)] {
      let outcomes = try await SampleExperiments.outcomes(of: output, asserting: "[\(text), {not: \(text)}]")
      #expect(outcomes.map(\.holds) == [holds, !holds], "\(text) of \(output)")
      #expect(outcomes[1].assertion == "not " + outcomes[0].assertion)
    }
  }

  @Test func whereThereIsNoAnswerNothingHoldsNotEvenTheOpposite() async throws {
    let outcomes = try await SampleExperiments.outcomes(
      of: "<think>4 4 4", asserting: "[{contains: '4'}, {not: {contains: '4'}}, {latency: 1}]")
    #expect(outcomes.map(\.holds) == [false, false, true] && outcomes[1].detail == "there is no answer")
  }

  @Test func latencyAndCostAreThoseOfAllRequests() async throws {
    // A completion of the model takes half a second.
    let asserted = "[{latency: 0.5}, {latency: 0.4}, {cost: 0.02}, {cost: 0.01}, {not: {cost: 0.01}}]"
    let paid = ExperimentServices(isFree: false)
    let known = try await SampleExperiments.outcomes(
      of: "", asserting: asserted, model: ScriptedModel(cost: 0.02), services: paid)
    #expect(known.map(\.holds) == [true, false, true, false, true] && known[3].detail == "$0.02")
    let unknown = try await SampleExperiments.outcomes(
      of: "", asserting: asserted, model: ScriptedModel(), services: paid)
    #expect(unknown.suffix(3).map(\.holds) == [false, false, false])
    let free = try await SampleExperiments.outcomes(of: "", asserting: "[{cost: 0}]", model: ScriptedModel())
    #expect(free.map(\.holds) == [true])
  }

  @Test func similarComparesByTheEmbeddingsGiven() async throws {
    let embeddings: TextEmbeddings = { texts in
      texts.map { $0.contains("bird") ? [1, 0] : $0.contains("wing") ? [1, 1] : [0, 1] }
    }
    let services = ExperimentServices(embeddings: embeddings)
    let asserted =
      "[{similar: a bird}, {similar: [rent, a wing], threshold: 0.7}, {similar: rent}, {not: {similar: rent}}]"
    let outcomes = try await SampleExperiments.outcomes(
      of: "The bird", asserting: asserted, services: services)
    #expect(outcomes.map(\.holds) == [true, true, false, true] && outcomes[1].detail == "similarity 0.7071")
    await #expect(throws: ExperimentError.noEmbedder) {
      try await SampleExperiments.outcomes(of: "a", asserting: "[{similar: b}]")
    }
  }

  @Test func aJudgeSaysWhyAndAReplyWithoutAVerdictIsNoSuccess() async throws {
    let judge = ScriptedModel { request in
      let text = request.prompt.lines.last ?? ""
      if text.contains("names a month") { return "It says March. [[NO]] no, wait: [[YES]]" }
      return text.contains("is rude") ? "<think>[[YES]]</think>Polite. [[NO]]" : "I cannot tell."
    }
    let services = ExperimentServices(judge: RubricJudge(judge))
    let outcomes = try await SampleExperiments.outcomes(
      of: "In March.",
      asserting: "[{rubric: names a month}, {not: {rubric: is rude}}, {rubric: good}, {not: {rubric: good}}]",
      services: services)
    #expect(outcomes.map(\.holds) == [true, true, false, false])
    #expect(outcomes[0].detail?.hasPrefix("It says March.") == true)
    #expect(judge.requests[0].prompt.lines.last?.contains("<answer>\nIn March.\n</answer>") == true)
    await #expect(throws: ExperimentError.noJudge) {
      try await SampleExperiments.outcomes(of: "a", asserting: "[{rubric: b}]")
    }
  }
}
