import Foundation
import MartletJSON
import MartletLanguageModels
import MartletPrompting
import MartletScriptedModels
import Testing

/// The code in doc comments of the module, which lint compares with these lines: it compiles, and what it says is so.
@Suite struct DocCommentExamples {
  @Test func texts() throws {
    let template = try TextTemplate("What is {{percent}}% of {{bill}}?")
    let text = try template.render(["percent": 15, "bill": "47.50"])
    #expect(text == "What is 15% of 47.50?")
  }

  @Test func templates() throws {
    let template = try PromptTemplate("Calculate {{percent}}% of ${{bill}}.", system: "Answer with a number.")
    let prompt = try template.prompt(["percent": 15, "bill": "47.50"])
    #expect(prompt.lines == ["system: Answer with a number.", "user: Calculate 15% of $47.50."])
  }

  @Test func examples() throws {
    let examples: [JSONObject] = [["question": "3+5=?", "answer": "8"]]
    let selection = try ExampleSelection(examples, count: 1, choice: .random, seed: 7)
    #expect(selection.count == 1)
  }

  @Test func variants() async throws {
    let model = ScriptedModel { _ in "4" }
    let template = try PromptTemplate("{{question}}")
    let variant = try PromptVariant("direct", template)
    let outcome = try await variant.answer(["question": "2+2=?"], model: model)
    print(outcome.answer ?? "no answer", outcome.usage.completionTokens)
    #expect(outcome.answer == "4")
  }

  @Test func logs() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "log.sqlite").path
    let log = try PromptLog(at: path)
    for entry in try log.entries(containing: ["tip", "47.50"], limit: 5) { print(entry.id, entry.question) }
    #expect(try log.count() == 0)
  }
}
