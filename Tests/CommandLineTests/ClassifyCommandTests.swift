import Foundation
import MartletJSON
import MartletTestScope
import Testing

/// Commands with tiny encoders of the fixtures, which need nothing to be pulled.
@Suite("fill, classify and rerank", .startsProcesses)
struct ClassifyCommandTests {
  private func model(_ name: String) -> String {
    MartletProcess.packageRoot.appendingPathComponent("Tests/ClassificationTests/Fixtures/\(name)").path
  }

  @Test("classify prints labels best first, as a table and as JSON, from an argument or standard input")
  func classify() throws {
    let json = try MartletProcess().run("classify", "-m", model("labels"), "--json", "The swift never lands.")
    #expect(json.status == 0, "\(json.errors)")
    let labels = try #require(try JSON(parsing: json.text)["labels"]?.arrayValue)
    #expect(labels.compactMap { $0["label"]?.stringValue } == ["neutral", "negative", "positive"])
    #expect(labels.allSatisfy { $0["score"]?.doubleValue != nil && $0["logit"]?.doubleValue != nil })
    let piped = try MartletProcess(input: Data("The swift never lands.".utf8)).run(
      "classify", "-m", model("labels"))
    #expect(piped.status == 0 && piped.text.contains("neutral   0.5426"), "\(piped.text)")
    let tokens = try MartletProcess().run("classify", "-m", model("tokens"), "--json", "a swift")
    let first = try #require(try JSON(parsing: tokens.text)["tokens"]?.arrayValue?.last)
    #expect(first["token"] == "swift" && first["start"] == 2 && first["end"] == 7)
  }

  @Test("rerank keeps the records' other members, adds scores, and prints the best first")
  func rerank() throws {
    let input = """
      {"id": 1.50, "text": "The tower is long."}
      {"id": 2, "text": "Swifts live long.", "note": "\\u00e9"}

      """
    let result = try MartletProcess(input: Data(input.utf8)).run(
      "rerank", "-m", model("cross-encoder"), "--precision", "float32", "--format", "jsonl",
      "how long do swifts live?")
    #expect(result.status == 0, "\(result.errors)")
    let lines = result.text.split(separator: "\n")
    let scores = try lines.map { try #require(try JSON(parsing: String($0))["score"]?.doubleValue) }
    #expect(scores == scores.sorted(by: >) && scores.count == 2)
    #expect(
      lines.contains { $0.hasPrefix(#"{"id": 1.50, "text": "The tower is long.", "score":"#) },
      "\(result.text)")
    #expect(lines.contains { $0.contains(#""note": "\u00e9""#) })
    let best = try MartletProcess(input: Data("Swifts live long.\nThe tower is long.\n".utf8)).run(
      "rerank", "-m", model("cross-encoder"), "-k", "1", "how long do swifts live?")
    #expect(best.status == 0 && best.text.split(separator: "\n").count == 1)
    #expect(best.text.contains("\t"))
    let long = try MartletProcess(input: Data(String(repeating: "swifts ", count: 80).utf8)).run(
      "rerank", "-m", model("cross-encoder"), "how long do swifts live?")
    #expect(long.status == 0 && long.errors.contains("1 of 1 passages was longer"), "\(long.errors)")
  }

  @Test("A model without the head, a missing model and a missing pair are named, with 64")
  func refusals() throws {
    let cases: [([String], String)] = [
      (
        ["fill", "-m", model("labels"), "a [MASK]"],
        "no head for masked words; it has one for classifying texts"
      ),
      (
        ["classify", "-m", TinyFolder.path, "a"],
        "no head for classifying texts; it has one for continuing texts"
      ),
      (["fill", "a [MASK]"], "A model is missing."), (["classify", "a"], "A model is missing."),
      (["classify", "-m", model("next-sentence"), "a"], "only one was given"),
      (["classify", "-m", model("labels"), " "], "TEXT is empty."),
      (["search", "--candidates", "3", "a"], "there is no --rerank"),
    ]
    for (arguments, message) in cases {
      let result = try withTemporaryFolder { folder in
        try MartletProcess(environment: ["MARTLET_STORE": folder.path]).run(arguments)
      }
      #expect(result.status == 64 && result.errors.contains(message), "\(arguments): \(result.errors)")
    }
    let several = try MartletProcess(input: Data("a\n".utf8)).run("rerank", "-m", model("labels"), "a")
    #expect(several.status == 64 && several.errors.contains("has 3 labels"), "\(several.errors)")
  }
}
