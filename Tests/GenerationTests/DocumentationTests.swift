import MartletCheckpoints
import MartletGeneration
import MartletLanguageModels
import MartletTensors
import Testing

@Suite(
  "The example of the documentation of Generation",
  .enabled(if: Cache.has("smollm2-135m-instruct"), "\(Cache.hint)"))
struct DocumentationTests {
  @Test("It compiles, and the model knows the capital of France")
  func example() async throws {
    let checkpoint = try Checkpoint.open(named: "smollm2-135m-instruct")
    let model = try LocalModel(checkpoint, name: "smollm2-135m-instruct", device: Device())
    let request = GenerationRequest(.text("The capital of France is"), sampling: .greedy, maximumTokens: 8)
    var answer = ""
    for try await event in model.generate(request) {
      if case .text(let piece) = event { answer += piece }
    }

    #expect(answer.hasPrefix(" Paris"))
  }
}
