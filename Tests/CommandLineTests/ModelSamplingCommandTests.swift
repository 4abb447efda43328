import Foundation
import MartletJSON
import MartletTestScope
import Testing

@Suite("Commands draw as a model's makers advise, and as a person says", .startsProcesses)
struct ModelSamplingCommandTests {
  private static let qwen =
    #"{"do_sample": true, "temperature": 0.7, "top_k": 20, "top_p": 0.8, "repetition_penalty": 1.1}"#

  /// The model with this generation_config.json, asked for a completion.
  private func generate(
    _ configuration: String, _ arguments: String...
  ) throws -> (object: JSON, errors: String) {
    try TinyFolder.with(["generation_config.json": configuration]) { folder in
      let result = try MartletProcess().run(
        ["generate", "-m", folder, "--raw", "--json", "--ignore-eos", "-n", "16"] + arguments + ["the swift"])
      try #require(result.status == 0, "\(arguments): \(result.errors)")
      return (try JSON(parsing: result.text), result.errors)
    }
  }

  @Test("generate reports the values that it drew by: the model's own, and the defaults where it states none")
  func values() throws {
    let own = try generate(Self.qwen, "--seed", "7")
    #expect(
      own.object["sampling"]
        == [
          "temperature": 0.7, "top_k": 20, "top_p": 0.8, "min_p": 0, "repetition_penalty": 1.1,
          "presence_penalty": 0, "frequency_penalty": 0, "penalty_window": -1, "seed": 7,
        ])
    #expect(own.errors.isEmpty)
    let none = try generate("{}", "--seed", "7")
    #expect(
      none.object["sampling"]
        == [
          "temperature": 0.8, "top_k": 40, "top_p": 0.95, "min_p": 0.05, "repetition_penalty": 1,
          "presence_penalty": 0, "frequency_penalty": 0, "penalty_window": 64, "seed": 7,
        ])
    let spelled = try generate(
      "{}", "--seed", "7", "--temperature", "0.7", "--top-k", "20", "--top-p", "0.8", "--min-p", "0",
      "--repetition-penalty", "1.1", "--penalty-window", "-1")
    #expect(own.object["token_ids"] == spelled.object["token_ids"])
    #expect(own.object["token_ids"] != none.object["token_ids"])
  }

  @Test("Each option replaces one of the values")
  func options() throws {
    let options = [
      ("--temperature", "0.5", "temperature"), ("--top-k", "3", "top_k"), ("--top-p", "0.25", "top_p"),
      ("--min-p", "0.125", "min_p"), ("--repetition-penalty", "1.5", "repetition_penalty"),
      ("--penalty-window", "8", "penalty_window"), ("--presence-penalty", "0.5", "presence_penalty"),
    ]
    let own = try #require(try generate(Self.qwen, "--seed", "1").object["sampling"]?.objectValue)
    for (option, value, key) in options {
      var expected = own
      expected[key] = try JSON(parsing: value)
      #expect(try generate(Self.qwen, "--seed", "1", option, value).object["sampling"] == .object(expected))
    }
  }

  @Test("The seed that was drawn is reported, and gives the text again; --temperature 0 draws none")
  func seed() throws {
    let first = try generate(Self.qwen).object
    let seed = try #require(first["sampling"]?["seed"]?.intValue)
    #expect(try generate(Self.qwen, "--seed", "\(seed)").object["token_ids"] == first["token_ids"])
    let largest = try generate(Self.qwen, "--seed", "18446744073709551615").object
    #expect(largest["sampling"]?["seed"]?.stringValue == "18446744073709551615")
    let greedy = try generate(Self.qwen, "--temperature", "0", "--seed", "3").object
    #expect(greedy["sampling"]?["seed"]?.isNull == true && greedy["sampling"]?["temperature"] == 0)
    #expect(try generate(Self.qwen, "--temperature", "0").object["token_ids"] == greedy["token_ids"])
  }

  @Test("do_sample: false is greedy, with a seed too, until a temperature is given")
  func doSample() throws {
    let file = #"{"do_sample": false, "top_p": 0.9}"#
    let greedy = try generate(file, "--seed", "1")
    #expect(greedy.object["token_ids"] == (try generate("{}", "--temperature", "0").object["token_ids"]))
    #expect(greedy.errors.contains("warning") && greedy.errors.contains("do_sample is false"))
    let drawn = try generate(file, "--seed", "1", "--temperature", "2")
    #expect(drawn.object["token_ids"] != greedy.object["token_ids"] && drawn.errors.isEmpty)
    #expect(drawn.object["sampling"]?["top_p"] == 0.9 && drawn.object["sampling"]?["top_k"] == 50)
  }

  @Test("A value that is not followed is a warning with its name, once, unless an option makes it pointless")
  func warnings() throws {
    let file = #"{"do_sample": true, "top_p": 3, "typical_p": 0.9, "num_beams": 4}"#
    func named(_ arguments: String...) throws -> [String] {
      try TinyFolder.with(["generation_config.json": file]) { folder in
        let input = Data(String(repeating: "{\"prompt\": \"the\"}\n", count: 3).utf8)
        let result = try MartletProcess(input: input).run(
          ["generate", "-m", folder, "--raw", "-n", "2", "--format", "jsonl"] + arguments)
        #expect(result.status == 0 && result.text.split(separator: "\n").count == 3)
        let lines = result.errors.split(separator: "\n")
        #expect(lines.allSatisfy { $0.contains("warning") && $0.contains("generation_config.json: ") })
        return ["top_p", "typical_p", "num_beams"].filter { key in
          lines.filter { $0.contains(": \(key) is ") }.count == 1
        }
      }
    }
    #expect(try named() == ["top_p", "typical_p", "num_beams"])
    #expect(try named("--top-p", "0.9") == ["typical_p", "num_beams"])
    #expect(try named("--temperature", "0") == ["num_beams"])
  }

  @Test("chat draws so, too, and warns once in a conversation")
  func chat() throws {
    let configuration = #"{"do_sample": false, "typical_p": 0.5, "num_beams": 2}"#
    let template =
      #"{"bos_token": "<s>", "chat_template": "{% for m in messages %}{{ m.content }}{% endfor %}"}"#
    try TinyFolder.with([
      "generation_config.json": configuration, "tokenizer_config.json": template,
    ]) { folder in
      func talk(_ arguments: String...) throws -> MartletProcess.Result {
        try MartletProcess(input: Data("the\nswift\n".utf8)).run(
          ["chat", "-m", folder, "-n", "6"] + arguments)
      }
      let (first, second) = (try talk(), try talk())
      #expect(first.status == 0 && first.text == second.text, "\(first.errors)")
      #expect(first.text == (try talk("--temperature", "0")).text)
      #expect(first.errors.components(separatedBy: "num_beams is 2").count == 2, "\(first.errors)")
      #expect(!first.errors.contains("typical_p"))
      #expect(try talk("--temperature", "5").errors.contains("typical_p is 0.5"))
    }
  }

  @Test("models shows what a model states, what of it is not followed, and that nothing is stated")
  func models() throws {
    func details(_ configuration: String) throws -> (text: String, json: JSON) {
      try TinyFolder.with(["generation_config.json": configuration]) { folder in
        (
          try MartletProcess().run("models", folder).text,
          try JSON(parsing: MartletProcess().run("models", folder, "--json").text)
        )
      }
    }
    let own = try details(Self.qwen)
    #expect(own.text.contains("sampling      temperature 0.7, top_k 20, top_p 0.8, min_p 0, "), "\(own.text)")
    #expect(
      own.json["sampling"]
        == [
          "temperature": 0.7, "top_k": 20, "top_p": 0.8, "min_p": 0, "repetition_penalty": 1.1,
          "penalty_window": -1,
        ])
    #expect(own.json["sampling_not_followed"] == nil)
    let none = try details("{}")
    #expect(none.text.contains("none stated") && none.json["sampling"] == .object([:]))
    let odd = try details(#"{"num_beams": 4}"#)
    #expect(odd.text.contains("not followed  ") && odd.text.contains("num_beams is 4"))
    #expect(odd.json["sampling_not_followed"]?[0]?.stringValue?.contains("num_beams is 4") == true)
  }
}
