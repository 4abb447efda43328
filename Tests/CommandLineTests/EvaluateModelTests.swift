import Foundation
import MartletJSON
import MartletTestScope
import Testing

/// `eval run` with a real small model.
@Suite("eval run with a real model", .startsProcesses)
struct EvaluateModelTests {
  private static let questions = """
    max_tokens: 12
    questions:
      - {question: What is the capital of France?, contains: Paris, id: france}
      - {question: Which is the largest?, choices: ["3", "30"], answer: "30", id: largest}
    """

  @Test("One's own questions use the chat template, and plain text with --raw", .needs(Models.small))
  func templates() throws {
    try withEvaluatePlace(hasModels: true) { place in
      let file = try place.write("own.yaml", Self.questions)
      let chat = try place.measure(file, model: Models.small)
      #expect(chat["items"]?[0]?["correct"] == true && chat["recipe"]?["task"]?["chat"] == true)
      let raw = try place.measure(file, "--raw", model: Models.small)
      #expect(raw["recipe"]?["task"]?["chat"] == false)
      let prompts = try ["1", "2"].map { run in
        try place.object("show", run, "--item", "france")["items"]?[0]?["prompt"]?["prompt"]
      }
      #expect(prompts[0]?[0]?["role"] == "user" && prompts[1] == "What is the capital of France?")
      let again = try place.measure(file, model: Models.small)
      #expect(again["items"]?.serialized() == chat["items"]?.serialized())
    }
  }

  @Test(
    "A benchmark is asked in the chat template with --chat, which the report keeps apart",
    .needs(Models.small))
  func chat() throws {
    try withEvaluatePlace(hasModels: true) { place in
      let row = #"{"goal": "Cut paper.", "sol1": "Use scissors.", "sol2": "Use a spoon.", "label": 0}"#
      let data = try place.write("piqa/validation.jsonl", row + "\n")
      let folder = URL(filePath: data).deletingLastPathComponent().path
      let text = try place.measure("piqa", "--data", folder, model: Models.small)
      let chat = try place.measure("piqa", "--data", folder, "--chat", model: Models.small)
      #expect(text["items"]?[0]?["log_likelihoods"] != chat["items"]?[0]?["log_likelihoods"])
      let report = try place.run("report").text
      #expect(report.contains("piqa acc (chat)") && report.contains("piqa acc_norm"), "\(report)")
    }
  }
}
