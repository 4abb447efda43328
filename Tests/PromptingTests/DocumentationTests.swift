import MartletLanguageModels
import MartletPrompting
import MartletScriptedModels
import Testing

@Suite("The example of the documentation of Prompting")
struct DocumentationTests {
  @Test("It compiles, and takes the majority")
  func example() async throws {
    let model: any LanguageModel = ScriptedModel { $0.repetition == 1 ? "Answer: 19" : "Answer: 21" }
    let template = try PromptTemplate("What is 3 times {{number}}?")
    let strategy = PromptStrategy.selfConsistency(try SelfConsistency(samples: 5, temperature: 0.7))
    let prompt = try PromptVariant("vote", template, strategy: strategy, extraction: .after("Answer:"))
    let outcome = try await prompt.answer(["number": 7], model: model)
    let answer = outcome.answer ?? "none"

    #expect(answer == "21" && outcome.vote?.counts.map(\.votes) == [4, 1])
  }
}
