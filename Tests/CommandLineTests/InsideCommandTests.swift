import Foundation
import MartletJSON
import MartletTestScope
import Testing

@testable import MartletCommandLine

/// The commands that look inside a model, with the tiny model of the fixtures.
@Suite("Commands that look inside", .startsProcesses)
struct InsideCommandTests {
  private let model = ["-m", TinyFolder.path]

  private func json(_ arguments: [String]) throws -> JSON {
    let result = try MartletProcess().run(arguments + model + ["--json"])
    #expect(result.status == 0, "\(result.errors)")
    return try JSON(parsing: result.text)
  }

  private func shape(_ json: JSON?) -> [Int] {
    guard let items = json?.arrayValue else { return [] }
    return [items.count] + (items.first?.arrayValue == nil ? [] : shape(items.first))
  }

  private let reference: JSON? = try? JSON(
    parsing: [UInt8](
      Data(
        contentsOf: MartletProcess.packageRoot.appendingPathComponent(
          "Tests/InspectionTests/Fixtures/tiny.json"))))

  @Test("hidden --json has tokens, ids, words and layers, whose values are those of transformers")
  func hidden() throws {
    let expected = try #require(reference)
    let found = try json(["hidden", "the cat, the swift", "--layer", "all"])
    #expect(found["tokens"] == expected["tokens"] && found["ids"] == expected["ids"])
    #expect(found["words"]?[0] == .null && found["words"]?[1] == "the")
    #expect(found["layers"]?.arrayValue?.count == 3)
    for layer in try #require(found["layers"]?.arrayValue) {
      let number = try #require(layer["layer"]?.intValue)
      #expect(layer["shape"] == [15, 32] && shape(layer["values"]) == [15, 32])
      let wanted = try #require(expected["hidden_states"]?["\(number)"]?.arrayValue)
      for (row, other) in zip(try #require(layer["values"]?.arrayValue), wanted) {
        for (x, y) in zip(row.arrayValue ?? [], other.arrayValue ?? []) {
          #expect(abs((x.doubleValue ?? .nan) - (y.doubleValue ?? 0)) < 1e-4)
        }
      }
    }
    #expect(try json(["hidden", "the"])["layers"]?.arrayValue?.map { $0["layer"]?.intValue } == [2])
    #expect(try json(["hidden", "the", "--no-special", "--layer", "0"])["tokens"] == ["the"])
  }

  @Test("attention --json has layers × heads × tokens × tokens, all unless chosen")
  func attention() throws {
    let found = try json(["attention", "the cat, the swift"])
    #expect(shape(found["weights"]) == [2, 2, 15, 15])
    #expect(found["layers"] == [0, 1] && found["heads"] == [0, 1])
    let wanted = try #require(reference?["attentions"]?["1"]?[1]?[14]?.arrayValue)
    for (x, y) in zip(found["weights"]?[1]?[1]?[14]?.arrayValue ?? [], wanted) {
      #expect(abs((x.doubleValue ?? .nan) - (y.doubleValue ?? 0)) < 1e-5)
    }
    let one = try json(["attention", "the cat, the swift", "--layer", "1", "--head", "0"])
    #expect(shape(one["weights"]) == [1, 1, 15, 15])
    #expect(one["layers"] == [1] && one["heads"] == [0])
    #expect(one["weights"]?[0]?[0] == found["weights"]?[1]?[0])
  }

  @Test("logits --json has next and, with --lens, layers")
  func logits() throws {
    let found = try json(["logits", "the cat, the swift", "-k", "5", "--lens"])
    let wanted = try #require(reference?["next"]?.arrayValue)
    for (token, expected) in zip(found["next"]?.arrayValue ?? [], wanted) {
      #expect(token["id"] == expected[0])
      #expect(abs((token["logit"]?.doubleValue ?? .nan) - (expected[1]?.doubleValue ?? 0)) < 1e-4)
      #expect(abs((token["probability"]?.doubleValue ?? .nan) - (expected[2]?.doubleValue ?? 0)) < 1e-5)
      #expect(token["text"]?.stringValue != nil)
    }
    #expect(found["layers"]?.arrayValue?.map { $0["layer"]?.intValue } == [0, 1, 2])
    #expect(found["layers"]?[2]?["next"] == found["next"])
    #expect(try json(["logits", "the"])["layers"] == [])
  }

  @Test("similar --json has labels, cosine and euclidean, at each level")
  func similar() throws {
    for (level, count) in [("text", 2), ("word", 3), ("token", 6)] {
      let found = try json(["similar", "the", "the c", "--level", level, "--layer", "1"])
      #expect(found["level"]?.stringValue == level)
      #expect(found["vectors"]?.stringValue?.hasSuffix("in layer 1") == true)
      #expect(found["labels"]?.arrayValue?.count == count)
      #expect(shape(found["cosine"]) == [count, count] && shape(found["euclidean"]) == [count, count])
    }
  }

  @Test("tokens shows several models side by side; for one it stays as it was")
  func tokens() throws {
    let two = try MartletProcess().run(["tokens", "the cat"] + model + model + ["--special"])
    #expect(two.status == 0)
    #expect(two.text.hasPrefix("word  "))
    #expect(two.text.contains("the   the") && two.text.contains("0–3") && two.text.contains("<s>"))
    let found = try json(["tokens", "the cat", "--special"])
    #expect(found["models"]?.arrayValue?.count == 1)
    #expect(
      found["models"]?[0]?["tokens"]?[1] == ["id": 99, "token": "the", "start": 0, "end": 3] as JSON)
    #expect(found["models"]?[0]?["tokens"]?[0]?["start"] == .null)
    #expect(try MartletProcess().run(["tokens", "the c"] + model).text == "99\tthe\n3\t▁\n70\tc\n")
    let refused = try MartletProcess().run(["tokens", "x", "--count"] + model + model)
    #expect(refused.status == 64 && refused.errors.contains("--count does not go with several models"))
  }

  @Test("inspect --json has architecture, parameters and tensors")
  func inspect() throws {
    let result = try MartletProcess().run("inspect", TinyFolder.path, "--json")
    let found = try JSON(parsing: result.text)
    #expect(found["architecture"] == "llama" && found["runs"] == true && found["tied"] == true)
    let tensors = try #require(found["tensors"]?.arrayValue)
    let sum = tensors.reduce(0) { $0 + ($1["parameters"]?.intValue ?? 0) }
    #expect(found["parameters"]?.intValue == sum)
    for tensor in tensors {
      let sizes = (tensor["shape"]?.arrayValue ?? []).compactMap(\.intValue)
      #expect(tensor["parameters"]?.intValue == sizes.reduce(1, *))
      #expect(tensor["bytes"]?.intValue == 4 * sizes.reduce(1, *) && tensor["type"] == "F32")
      #expect(tensor["name"]?.stringValue?.isEmpty == false)
    }
    let text = try MartletProcess().run("inspect", TinyFolder.path).text
    #expect(text.contains("the embedding again") && text.contains("model.embed_tokens.weight"))
  }

  @Test("map writes its points, and two plots; t-SNE is left out for few texts with a warning")
  func map() throws {
    let lines = #"{"text":"the cat","label":"a"}"# + "\n" + #"{"text":"the <b>","label":7}"# + "\n"
    let result = try MartletProcess(input: Data(lines.utf8)).run(
      ["map", "-", "--format", "jsonl", "--json"] + model)
    #expect(result.status == 0 && result.errors.contains("t-SNE takes at least 4 texts"))
    let found = try JSON(parsing: result.text)
    #expect(found["points"]?.arrayValue?.map { $0["label"]?.stringValue } == ["a", "7"])
    #expect(found["points"]?[0]?["tsne"] == .null && shape(found["points"]?[0]?["pca"]) == [2])
    try withTemporaryFolder { folder in
      let texts = folder.appendingPathComponent("texts.txt")
      try "the cat\nthe <b>\n\nswift\na\nb\n".write(to: texts, atomically: true, encoding: .utf8)
      for name in ["map.svg", "map.html", "map.json"] {
        let path = folder.appendingPathComponent(name).path
        let result = try MartletProcess().run(["map", texts.path, "-o", path] + model)
        #expect(result.status == 0 && result.errors == "5 texts placed in \(path).\n", "\(result.errors)")
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text.contains(name == "map.json" ? "the <b>" : "the &lt;b&gt;"))
      }
      let saved = try JSON(
        parsing: String(contentsOfFile: folder.appendingPathComponent("map.json").path, encoding: .utf8))
      #expect(saved["points"]?.arrayValue?.count == 5 && shape(saved["points"]?[4]?["tsne"]) == [2])
    }
  }

  @Test("Files are written whole, under their kinds, and replaced with --force alone")
  func outputs() throws {
    try withTemporaryFolder { folder in
      for (command, name) in [("hidden", "a.npy"), ("attention", "a.svg"), ("attention", "a.html")] {
        let path = folder.appendingPathComponent(name).path
        let arguments = [command, "the cat", "-o", path] + model
        #expect(try MartletProcess().run(arguments).status == 0)
        let first = try Data(contentsOf: URL(fileURLWithPath: path))
        let second = try MartletProcess().run(arguments)
        #expect(second.status == 64 && second.errors.contains("exists already"))
        #expect(second.errors.contains("--force"))
        #expect(try MartletProcess().run(arguments + ["--force"]).status == 0)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == first)
      }
      let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      #expect(Set(files) == ["a.npy", "a.svg", "a.html"])
    }
  }

  @Test(
    "What is wrong is named, with 64",
    arguments: [
      (["hidden", "the", "--layer", "9"], "There is no layer 9: the model has the layers 0 to 2."),
      (["attention", "the", "--layer", "2"], "There is no layer 2: the model has the layers 0 to 1."),
      (["attention", "the", "--head", "4"], "There is no head 4: each layer has the heads 0 to 1."),
      (["attention", "the", "-o", "a.png"], "The end of the name says what is written: .svg, .html."),
      (["hidden", "the", "-o", "a.txt"], "The end of the name says what is written: .npy."),
      (["hidden", "the", "--force"], "--force goes with --output."),
      (["hidden", ""], "TEXT is empty."),
      (["hidden", String(repeating: "c", count: 200)], "The text has 201 tokens, but"),
      (["logits", ""], "PROMPT is empty."),
      (["similar", "the"], "Too few texts to compare: there is 1, and at least 2 are needed."),
      (["similar", "the", " "], "TEXT number 2 is empty."),
      (["hidden", "the", "--layer", "x"], "needs a number from 0 up or ‘all’"),
    ])
  func errors(arguments: [String], message: String) throws {
    let result = try MartletProcess().run(arguments + model)
    #expect(result.status == 64 && result.errors.contains(message), "\(result.errors)")
    #expect(result.output.isEmpty)
  }

  @Test("A folder that is missing, and a full disk, are told from a wrong command line")
  func places() throws {
    let missing = try MartletProcess().run(["hidden", "the", "-o", "/nowhere/a.npy"] + model)
    #expect(missing.status == 66)
    try withTemporaryFolder { folder in
      let path = folder.appendingPathComponent("a.npy").path
      let script = "ulimit -f 0; trap '' XFSZ; exec \"$0\" \"$@\""
      let full = try MartletProcess().run(
        ["-c", script, MartletProcess.path, "hidden", "the", "-o", path] + model, of: "bash")
      // No file may grow, not even the one that takes the message.
      #expect(full.status == 74)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }
  }

  @Test("logits needs a generating model, and says so", .needs(Models.embedder))
  func wrongKind() throws {
    let result = try MartletProcess().run("logits", "x", "-m", Models.embedder)
    #expect(result.status == 64)
    #expect(result.errors.contains("is an embedding model; logits needs a generating model, such as"))
  }

  @Test("--precision fast computes, and is near")
  func fast() throws {
    let (exact, fast) = try (json(["hidden", "the"]), json(["hidden", "the", "--precision", "fast"]))
    let numbers = [exact, fast].map { json in
      (json["layers"]?[0]?["values"]?[1]?.arrayValue ?? []).compactMap(\.doubleValue)
    }
    #expect(numbers[0].count == 32)
    for (x, y) in zip(numbers[0], numbers[1]) { #expect(abs(x - y) < 0.1) }
  }
}
