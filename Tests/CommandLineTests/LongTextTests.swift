import Foundation
import MartletJSON
import MartletTestScope
import Testing

@Suite(
  "Texts that are longer than the embedder reads are cut with a warning", .startsProcesses,
  .needs(Models.embedder))
struct LongTextTests {
  private static let long = "Where do swifts sleep? " + String(repeating: "swift tower ", count: 200)

  @Test("search and ask say so for people and for programs, and are silent about a short one")
  func queries() throws {
    try withLibraryPlace { place in
      try place.write("cats.txt", "Cats sleep for most of the day.")
      _ = try place.object("index", place.documents.path)
      for command in ["search", "ask"] {
        let cut = try place.run(command, Self.long)
        #expect(cut.status == 0 && cut.errors.contains("longer than the embedder reads"), "\(cut.errors)")
        let warnings = try place.object(command, Self.long)["warnings"]?.arrayValue ?? []
        #expect(warnings.contains { $0.stringValue?.contains("longer than the embedder reads") == true })
        let short = try place.run(command, "Who won the football match in Oslo?")
        #expect(short.status == 0 && short.errors.isEmpty, "\(short.errors)")
        let none = try place.object(command, "Who won the football match in Oslo?")
        #expect(none["warnings"]?.arrayValue?.isEmpty == true)
      }
      // By words all of a query counts.
      #expect(try place.run("search", Self.long, "--by", "words").errors.isEmpty)
    }
  }

  @Test("embed says so once, whatever form the vectors have")
  func embedding() throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "v.npy").path
      for arguments in [[], ["-o", file], ["--precision", "fast"], ["--as", "query"]] {
        let result = try MartletProcess().run(
          ["embed", "-m", Models.embedder] + arguments + ["short", Self.long, "also short", Self.long])
        #expect(result.status == 0)
        #expect(result.errors.split(separator: "\n").count == 1, "\(result.errors)")
        #expect(result.errors.contains("2 of 4 texts") && result.errors.contains("256"))
      }
      let refused = try MartletProcess().run(
        "embed", "-m", Models.embedder, "--overflow", "error", "short", Self.long)
      #expect(refused.status == 65 && refused.errors.contains("text 2"), "\(refused.errors)")
    }
  }
}

@Suite("martlet embed puts the model's prompts before texts", .startsProcesses)
struct EmbedPromptTests {
  private static let fixtures = MartletProcess.packageRoot.appending(path: "Tests/EmbeddingTests/Fixtures")

  /// The tiny BERT with prompts, in a folder that is removed after `body`.
  private func withModel(_ body: (String) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let model = folder.appending(path: "model")
      try FileManager.default.copyItem(at: Self.fixtures.appending(path: "prompts"), to: model)
      for name in ["config.json", "model.safetensors", "tokenizer.json"] {
        try FileManager.default.copyItem(
          at: Self.fixtures.appending(path: "bert/\(name)"), to: model.appending(path: name))
      }
      try body(model.path)
    }
  }

  @Test("Of the kind that --as names; without it there is none", arguments: ["plain", "query", "document"])
  func kinds(kind: String) throws {
    let reference = try JSON(
      parsing: [UInt8](Data(contentsOf: Self.fixtures.appending(path: "reference.json"))))
    let texts = (reference["texts"]?.arrayValue ?? []).compactMap(\.stringValue)
    let expected = try #require(reference["variants"]?["prompts"]?[kind]?.arrayValue)
    try withModel { model in
      let options = kind == "plain" ? [] : ["--as", kind]
      let result = try MartletProcess().run(["embed", "-m", model] + options + texts)
      #expect(result.status == 0, "\(result.errors)")
      let found = try result.text.split(separator: "\n").map { try JSON(parsing: String($0)) }
      #expect(found.count == expected.count && found.count == texts.count)
      for (row, wanted) in zip(found, expected) {
        let pairs = zip(row.arrayValue ?? [], wanted.arrayValue ?? [])
        let difference = pairs.map { abs(($0.doubleValue ?? .nan) - ($1.doubleValue ?? .nan)) }.max()
        #expect((difference ?? .infinity) < 1e-5)
      }
    }
  }

  @Test("The prompt counts towards the limit, and towards the number that a refusal gives")
  func limit() throws {
    try withModel { model in
      // Fourteen letters, [CLS] and [SEP] fill the limit of sixteen.
      let text = Array(repeating: "a", count: 14).joined(separator: " ")
      let plain = try MartletProcess().run("embed", "-m", model, "--overflow", "error", text)
      #expect(plain.status == 0, "\(plain.errors)")
      let query = try MartletProcess().run(
        "embed", "-m", model, "--overflow", "error", "--as", "query", text)
      #expect(query.status == 65 && query.errors.contains("18 tokens"), "\(query.errors)")
    }
  }
}
