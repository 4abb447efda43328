import Foundation
import MartletJSON
import MartletTestScope
import Testing

/// `eval run` with the tiny model of the fixtures.
@Suite("eval run", .startsProcesses)
struct EvaluateRunTests {
  @Test("Questions of each kind are asked and scored, as text and as JSON")
  func kinds() throws {
    try withEvaluatePlace { place in
      let file = try place.write("own.jsonl", EvaluatePlace.mixed)
      let json = try place.measure(file)
      let items = try #require(json["items"]?.arrayValue)
      #expect(items.compactMap { $0["id"]?.stringValue } == ["1", "hamlet", "3", "any"])
      #expect(items[2]["log_likelihoods"]?.arrayValue?.count == 3 && items[2]["expected"] == "B. 30")
      #expect(items[3]["correct"] == true && items[3]["outputs"]?.arrayValue?.count == 1)
      let right = items.count { $0["correct"] == true }
      #expect(json["scores"]?["acc"]?["value"]?.doubleValue == Double(right) / 4)
      #expect(json["scores"]?["acc"]?["n"] == 4 && json["task"] == "own" && json["run"] == 1)
      let text = try place.run("run", file, "-m", TinyFolder.path)
      #expect(text.status == 0 && text.text.contains("Which is the largest?"), "\(text.errors)")
      #expect(text.text.contains("Run 2,") && text.text.contains("contains \"Shakespeare\" or \"the Bard\""))
    }
  }

  @Test("YAML and JSON hold questions with their settings; --limit and --shots apply to them")
  func settings() throws {
    try withEvaluatePlace { place in
      let yaml = try place.write(
        "capitals.yaml",
        """
        task: capitals
        system: Answer with the name alone.
        prompt: "Capital of {{country}}?"
        max_tokens: 3
        questions:
          - {country: France, equals: Paris}
          - {country: Hungary, equals: Budapest}
          - {country: Bolivia, equals: [Sucre, La Paz]}
        """)
      let json = try place.measure(yaml, "--limit", "2", "--shots", "1")
      #expect(json["task"] == "capitals" && json["items"]?.arrayValue?.count == 2)
      let item = try #require(try place.object("show", "1", "--item", "1")["items"]?[0])
      let prompt = try #require(item["prompt"]?["prompt"]?.stringValue)
      #expect(prompt.hasPrefix("Answer with the name alone.\n\nCapital of "))
      #expect(prompt.hasSuffix("\n\nCapital of France?") && item["prompt"]?["max_gen_toks"] == 3)
      let list = try place.write("list.json", #"[{"question": "2+2=?", "number": 4}]"#)
      #expect(try place.measure(list)["scores"]?["acc"]?["n"] == 1)
    }
  }

  @Test("Each score comes with the full recipe, and deviations from the benchmark are named")
  func recipe() throws {
    try withEvaluatePlace { place in
      let data = try place.gsm8k()
      let result = try place.run(
        "run", "gsm8k", "--data", data, "--shots", "1", "--limit", "1", "--precision", "fast", "-m",
        TinyFolder.path)
      try #require(result.status == 0, "\(result.errors)")
      let text = words(of: result.text)
      for fact in [
        "task gsm8k, version 3.0", "SHA-256 ", "fingerprint ",
        ", fast prompts plain text, 1 example drawn with seed 1234",
        "most probable tokens, at most 256 tokens", "context 128 tokens", "program martlet ",
        "deviation only the first item deviation 1 example instead of 5 deviation fast precision instead of float32",
      ] { #expect(text.contains(fact), "\(fact): \(text)") }
      let shown = words(of: try place.run("show", "1").text)
      #expect(shown.contains("deviation only the first item") && shown.contains("fingerprint"))
      let recipe = try #require(try place.object("show", "1")["recipe"])
      #expect(recipe["task"]?["definition"]?["doc_to_text"] == "Question: {{question}}\nAnswer:")
      #expect(recipe["task"]?["num_fewshot"] == 1 && recipe["data"]?["sha256"]?.stringValue?.count == 64)
    }
  }

  @Test("GSM8K always has both scores, strict and flexible")
  func strictAndFlexible() throws {
    try withEvaluatePlace { place in
      let json = try place.measure("gsm8k", "--data", try place.gsm8k(), "--shots", "0")
      let scores = try #require(json["scores"]?.objectValue)
      #expect(Set(scores.keys) == ["exact_match,strict-match", "exact_match,flexible-extract"])
      #expect(json["items"]?[0]?["extracted"]?.objectValue?.count == 2)
    }
  }

  @Test("Prompts are kept for each item, byte for byte as the model saw them")
  func prompts() throws {
    try withEvaluatePlace { place in
      try place.measure("gsm8k", "--data", try place.gsm8k(), "--shots", "0")
      let items = try #require(try place.object("show", "1")["items"]?.arrayValue)
      #expect(
        items.map { $0["prompt"]?["prompt"] } == ["Question: 2+2?\nAnswer:", "Question: 3+3?\nAnswer:"])
      #expect(items[0]["document"]?["answer"] == "It is 4.\n#### 4")
      let text = try place.run("show", "1", "--item", "0").text
      #expect(text.contains("Question: 2+2?\nAnswer:") && text.contains("Extracted (strict-match)"))
    }
  }

  @Test("Outputs that are cut by the limit of tokens, and prompts that are cut, are counted and reported")
  func cuts() throws {
    try withEvaluatePlace { place in
      let file = try place.write("cut.yaml", EvaluatePlace.texts(2, maximumTokens: 4))
      let short = try place.measure(file)
      #expect(
        short["warnings"]?[0]?.stringValue?.hasPrefix("2 of 2 items have an output that was cut") == true)
      #expect(short["items"]?[0]?["cut_outputs"] == 1)
      let long = try place.measure("gsm8k", "--data", try place.gsm8k())
      let warnings = (long["warnings"]?.arrayValue ?? []).compactMap(\.stringValue)
      #expect(
        warnings.contains { $0.contains("lost up to") && $0.contains("context is too short") }, "\(warnings)")
      #expect(words(of: try place.run("show", "2").text).contains("lost up to"))
    }
  }

  @Test("Repeats draw other outputs, and have pass@k, pass^N, and a mean and spread over the repeats")
  func repeats() throws {
    try withEvaluatePlace { place in
      let file = try place.write("many.yaml", EvaluatePlace.texts(6, maximumTokens: 4))
      let json = try place.measure(file, "--repeats", "4", "--temperature", "1.5")
      let items = try #require(json["items"]?.arrayValue)
      #expect(items.allSatisfy { Set($0["outputs"]?.arrayValue?.compactMap(\.stringValue) ?? []).count > 1 })
      let scores = try #require(json["scores"])
      for name in ["acc", "pass@1", "pass@2", "pass@4", "pass^4"] {
        #expect(scores[name]?["value"]?.doubleValue != nil, "\(name)")
      }
      let means = json["repeats"]?["acc"]?["means"]?.arrayValue?.compactMap(\.doubleValue) ?? []
      let mean = means.reduce(0, +) / 4
      let deviation = (means.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 3).squareRoot()
      #expect(means.count == 4 && abs((json["repeats"]?["acc"]?["sd"]?.doubleValue ?? 9) - deviation) < 1e-12)
      #expect(abs((scores["pass@1"]?["value"]?.doubleValue ?? 9) - mean) < 1e-12)
      let again = try place.measure(file, "--repeats", "4", "--temperature", "1.5")
      #expect(again["items"]?.serialized() == json["items"]?.serialized())
      let text = words(of: try place.run("show", "1").text)
      #expect(text.contains("acc of 4 repeats:") && text.contains("standard deviation"))
    }
  }

  @Test("What cannot be is refused before a model is loaded, by name and with what to do")
  func refusals() throws {
    try withEvaluatePlace { place in
      let own = try place.write("own.jsonl", EvaluatePlace.mixed)
      let bad = try place.write(
        "bad.jsonl", "{\"question\": \"a\", \"number\": 4}\n{\"question\": \"b\", \"numbr\": 4}\n")
      let empty = try place.write("empty.jsonl", "\n")
      let broken = try place.write("broken.yaml", "questions:\n  - {question: \"a\n")
      let rows = try place.write("rows/test.jsonl", "{\"question\": \"2+2?\"}\n")
      let cases: [([String], Int32, String)] = [
        (["nonesuch"], 64, "There is no task ‘nonesuch’"), (["none.jsonl"], 66, "there is no such file"),
        ([own, "--repeats", "3"], 64, "Add a --temperature above 0"),
        ([own, "--data", "x"], 64, "--data has no use"),
        ([own, "--chat", "--raw"], 64, "exclude each other"),
        ([own, "--chat"], 64, "chat template"), (["gsm8k"], 66, "martlet data pull gsm8k"),
        ([bad], 65, "Line 2 of bad.jsonl"), ([broken], 65, "broken.yaml"),
        (
          ["gsm8k", "--shots", "0", "--data", URL(filePath: rows).deletingLastPathComponent().path], 65,
          "answer"
        ),
        ([own, "--shots", "9"], 64, "has 2 rows for examples, but 9 are asked for"),
        ([empty], 65, "there are no questions"), ([own, "--runs", own], 65, "own.jsonl"),
      ]
      for (arguments, status, message) in cases {
        let result = try place.program.run(["eval", "run"] + arguments + ["-m", TinyFolder.path])
        #expect(
          result.status == status && result.errors.contains(message),
          "\(arguments): \(result.status) \(result.errors)")
        #expect(result.output.isEmpty)
      }
    }
  }

  @Test("Options of drawing that change nothing for choices are named in a warning")
  func unusedOptions() throws {
    try withEvaluatePlace { place in
      let file = try place.write(
        "own.jsonl", #"{"question": "Which?", "choices": ["a", "b"], "answer": "a"}"#)
      let result = try place.run("run", file, "-m", TinyFolder.path, "--repeats", "3", "--temperature", "1")
      #expect(
        result.status == 0 && result.errors.contains("--repeats changes nothing here"), "\(result.errors)")
      #expect(result.errors.contains("--temperature changes nothing here"))
    }
  }
}

extension EvaluatePlace {
  /// A folder of a few rows in the form of GSM8K.
  func gsm8k() throws -> String {
    try write(
      "gsm8k/test.jsonl",
      """
      {"question": "2+2?", "answer": "It is 4.\\n#### 4"}
      {"question": "3+3?", "answer": "It is 6.\\n#### 6"}

      """)
    let example = #"{"question": "1+1?", "answer": "It is 2.\n#### 2"}"# + "\n"
    let file = try write("gsm8k/train.jsonl", String(repeating: example, count: 6))
    return URL(filePath: file).deletingLastPathComponent().path
  }
}
