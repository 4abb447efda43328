import Foundation
import MartletJSON
import MartletTestScope
import Testing

/// A fake provider, and the program with a home of its own.
struct ProviderPlace {
  static let key = "sk-fake-command-3c7e"
  let server: ServerScript
  let isOpenAI: Bool
  var home: String { server.folder.path + "/home" }

  init(_ provider: String = "openai") throws {
    isOpenAI = provider == "openai"
    server = try ServerScript(
      MartletProcess.packageRoot.appending(path: "Tests/ProvidersTests/fake_\(provider).py").path)
  }

  /// The reference of a model on the fake.
  func name(_ model: String) -> String {
    isOpenAI ? "openai+\(server.address)/v1:\(model)" : "anthropic+\(server.address):\(model)"
  }

  func program(_ input: String? = nil, _ more: [String: String] = [:]) -> MartletProcess {
    MartletProcess(
      environment: [
        "MARTLET_HOME": home, "OPENAI_API_KEY": Self.key, "ANTHROPIC_API_KEY": Self.key,
        "OPENAI_BASE_URL": server.address + "/v1", "ANTHROPIC_BASE_URL": server.address,
        "MARTLET_THREADS": "1",
      ].merging(more) { $1 }, input: input.map { Data($0.utf8) })
  }

  func generate(_ model: String, _ arguments: String..., input: String? = nil) throws -> MartletProcess.Result
  {
    try program(input).run(["generate", "-m", name(model)] + arguments)
  }

  func bodies() throws -> [JSON] { try server.log().compactMap { try JSON(parsing: $0)["body"] } }
}

/// Commands whose `-m` names a model behind an API, against the fakes of the module Providers.
@Suite("Commands with providers", .startsProcesses)
struct ProviderCommandTests {
  @Test("generate prints the answer, and the same request is asked once", arguments: ["openai", "anthropic"])
  func generate(provider: String) throws {
    let place = try ProviderPlace(provider)
    let first = try place.generate("echo", "swifts sleep")
    #expect(
      first.status == 0 && first.text == "You said: swifts sleep\n" && first.errors.isEmpty, "\(first.errors)"
    )
    let again = try place.generate("echo", "swifts sleep")
    #expect(again.text == first.text && again.errors.contains("--no-cache asks again"))
    #expect(place.server.log().count == 1)
    #expect(try place.generate("echo", "--no-cache", "swifts sleep").errors.isEmpty)
    #expect(place.server.log().count == 2)
    // The makers' own names go where the environment says.
    #expect(try place.program().run(["generate", "-m", "\(provider):echo", "a"]).text == "You said: a\n")
  }

  @Test("--json has null for what a provider does not tell, and cost and replayed")
  func json() throws {
    let place = try ProviderPlace()
    let result = try place.generate("echo", "--json", "--temperature", "0.8", "a b")
    let object = try JSON(parsing: result.text)
    #expect(object["text"]?.stringValue == "You said: a b" && object["replayed"]?.boolValue == false)
    for name in ["token_ids", "load_seconds", "peak_memory_bytes", "cost"] {
      #expect(object[name]?.isNull == true)
    }
    #expect(object["prompt_tokens"]?.intValue == 2 && object["completion_tokens"]?.intValue == 4)
    #expect(
      object["sampling"]?["temperature"]?.doubleValue == 0.8 && object["sampling"]?["top_p"]?.isNull == true)
    #expect(try place.bodies()[0]["temperature"]?.doubleValue == 0.8)
    let unknown = try place.generate("nousage", "--json", "a")
    #expect(try JSON(parsing: unknown.text)["prompt_tokens"]?.isNull == true)
    #expect(unknown.errors.contains("how many tokens"))
  }

  @Test(
    "Options that a provider has no use for are refused by name",
    arguments: [
      ["--top-k", "5"], ["--threads", "3"], ["--context", "512"], ["--overflow", "cut-start"],
      ["--ignore-eos", "-n", "4"],
    ])
  func refused(options: [String]) throws {
    let place = try ProviderPlace()
    var program = place.program()
    program.environment["MARTLET_THREADS"] = ""
    let result = try program.run(["generate", "-m", place.name("echo")] + options + ["a"])
    #expect(result.status == 64, "\(result.errors)")
    #expect(!place.server.log().contains { $0.contains("chat/completions") })
  }

  @Test(
    "Commands that need a model here refuse a provider's",
    arguments: ["tokens", "template", "perplexity", "logits"])
  func localOnly(command: String) throws {
    let place = try ProviderPlace()
    let result = try place.program("a").run([command, "-m", place.name("echo"), "-"])
    #expect(result.status == 64 && result.errors.contains("behind an API"), "\(result.errors)")
  }

  @Test("generate --format jsonl asks side by side, and gives answers back in order")
  func lines() throws {
    let place = try ProviderPlace()
    let records = (0..<40).map { #"{"id": \#($0), "prompt": "number \#($0)"}"# + "\n" }.joined()
    let result = try place.generate("echo", "--format", "jsonl", "--max-concurrent", "4", input: records)
    let lines = try result.text.split(separator: "\n").map { try JSON(parsing: String($0)) }
    #expect(lines.map { $0["completion"]?.stringValue } == (0..<40).map { "You said: number \($0)" })
    #expect(lines.allSatisfy { $0["token_ids"]?.isNull == true && $0["replayed"]?.boolValue == false })
    let running = try place.server.log().map { try JSON(parsing: $0)["running"]?.intValue ?? 0 }
    #expect(running.max() ?? 9 <= 4)
  }

  @Test("embed gives the vectors of a server with OpenAI's API, in order")
  func embed() throws {
    let place = try ProviderPlace()
    let texts = (0..<300).map { "text \($0)\n" }.joined()
    let result = try place.program(texts).run(["embed", "-m", place.name("echo")])
    let lines = try result.text.split(separator: "\n").map { try JSON(parsing: String($0)) }
    #expect(result.status == 0 && lines.count == 300, "\(result.errors)")
    let single = try place.program().run(["embed", "-m", place.name("plain"), "text 299"])
    #expect(try JSON(parsing: single.text).serialized() == lines[299].serialized())
    let refused = try place.program().run(["embed", "-m", place.name("echo"), "--as", "query", "a"])
    #expect(refused.status == 64 && refused.errors.contains("--as"))
    let other = try place.program().run(["embed", "-m", "anthropic:claude-opus-5", "a"])
    #expect(other.status == 64 && other.errors.contains("no embeddings"))
  }

  @Test("A cap stops a run before it is passed, and says how much was spent")
  func cap() throws {
    let place = try ProviderPlace()
    let unpriced = try place.generate("echo", "--max-cost", "1", "a")
    #expect(unpriced.status == 64 && unpriced.errors.contains("prices.json"))
    let folder = URL(filePath: place.home + "/config")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data(#"{"\#(place.name("echo"))": {"input": 0, "output": 100}}"#.utf8)
      .write(to: folder.appending(path: "prices.json"))
    let records = (0..<30).map { #"{"prompt": "number \#($0)"}"# + "\n" }.joined()
    // Each may cost 0.001 and does cost 0.0004 dollars.
    let result = try place.generate(
      "echo", "--format", "jsonl", "-n", "10", "--max-cost", "0.005", "--max-concurrent", "2", input: records)
    #expect(result.status == 69 && result.errors.contains("the cap is $0.005"), "\(result.errors)")
    let costs = try result.text.split(separator: "\n").compactMap {
      try JSON(parsing: String($0))["cost"]?.doubleValue
    }
    #expect(!costs.isEmpty && costs.reduce(0, +) <= 0.005)
  }

  @Test("The key is in no output and no file", arguments: ["openai", "anthropic"])
  func secrecy(provider: String) throws {
    let place = try ProviderPlace(provider)
    for model in ["echo", "leak", "malformed", "fail-500-99-retry-after=9999"] {
      let result = try place.generate(model, "a")
      #expect(!result.text.contains(ProviderPlace.key) && !result.errors.contains(ProviderPlace.key))
      #expect(result.status == (["echo": 0, "leak": 77][model] ?? 69), "\(model): \(result.errors)")
    }
    let files = try #require(
      FileManager.default.enumerator(at: place.server.folder, includingPropertiesForKeys: nil))
    for case let file as URL in files {
      let data = (try? Data(contentsOf: file)) ?? Data()
      #expect(data.range(of: Data(ProviderPlace.key.utf8)) == nil, "\(file.path)")
    }
    #expect(try place.server.log().allSatisfy { try JSON(parsing: $0)["has_key"]?.boolValue == true })
  }

  @Test("A missing key and a file of keys that others can read are named", arguments: [true, false])
  func keys(hasFile: Bool) throws {
    let place = try ProviderPlace()
    var program = place.program()
    program.environment["OPENAI_API_KEY"] = ""
    program.environment["OPENAI_BASE_URL"] = ""
    let file = place.home + "/config/keys.json"
    if hasFile {
      try FileManager.default.createDirectory(
        atPath: place.home + "/config", withIntermediateDirectories: true)
      try Data(#"{"openai": "x"}"#.utf8).write(to: URL(filePath: file))
      chmod(file, 0o644)
    }
    let result = try program.run(["generate", "-m", "openai:gpt-4.1", "a"])
    #expect(result.status == 77 && result.errors.contains(hasFile ? "chmod 600 \(file)" : "OPENAI_API_KEY"))
  }

  @Test("Ctrl-C ends an answer that is under way")
  func interruption() throws {
    let place = try ProviderPlace()
    let result = try place.program().interrupt(["generate", "-m", place.name("slow"), "a"])
    #expect(result.status == 130 && result.text.hasPrefix("You"))
  }

  @Test("chat keeps the conversation, and changes to another provider")
  func chat() throws {
    let place = try ProviderPlace()
    let input = "hello\n/model \(place.name("words=2"))\nagain\n/bye\n"
    let result = try place.program(input).run(["chat", "-m", place.name("echo"), "--system", "Be brief."])
    #expect(result.status == 0 && result.text == "You said: hello\nword word \n", "\(result.errors)")
    let last = try #require(try place.bodies().last?["messages"]?.arrayValue)
    #expect(last.map { $0["role"]?.stringValue } == ["system", "user", "assistant", "user"])
  }

  @Test("ask shows the messages, and quotes the documents", .needs(Models.embedder))
  func ask() throws {
    let place = try ProviderPlace()
    try withLibraryPlace { library in
      try library.write(
        "swifts.txt", "Common swifts sleep on the wing, high above the town, all night long.\n")
      #expect(try library.run("index", library.documents.path).status == 0)
      var asking = library
      asking.program.environment["OPENAI_API_KEY"] = ProviderPlace.key
      let result = try asking.run(
        "ask", "Where do swifts sleep?", "-m", place.name("words=3"), "--no-cache", "--show-prompt",
        "--anyway")
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.text.contains("system: ") && result.text.contains("word word word"))
      let sent = try #require(try place.bodies().last)
      #expect(sent["temperature"] == nil && sent["max_tokens"]?.intValue == 256)
    }
  }
}

/// `eval run` with models behind an API.
@Suite("eval run with providers", .startsProcesses)
struct EvaluateProviderTests {
  private static let questions = """
    {"question": "Who wrote Hamlet?", "contains": ["Hamlet"], "id": "hamlet"}
    {"question": "2+2=?", "number": 5, "id": "sum"}

    """

  private func run(
    _ place: ProviderPlace, _ questions: String, _ model: String, _ arguments: String...
  ) throws -> MartletProcess.Result {
    let file = place.server.folder.appending(path: "own.jsonl")
    try Data(questions.utf8).write(to: file)
    return try place.program(nil, ["MARTLET_RUNS": place.home + "/runs.sqlite"])
      .run(["eval", "run", file.path, "-m", place.name(model), "--json"] + arguments)
  }

  @Test("The record has provider, model and address, and no precision", arguments: ["openai", "anthropic"])
  func record(provider: String) throws {
    let place = try ProviderPlace(provider)
    let result = try run(place, Self.questions, "echo")
    try #require(result.status == 0, "\(result.errors)")
    let object = try JSON(parsing: result.text)
    let model = try #require(object["recipe"]?["model"])
    #expect(
      model["name"]?.stringValue == place.name("echo")
        && model["fingerprint"]?.stringValue == "\(provider):echo")
    #expect(model["provider"]?.stringValue == provider && model["precision"]?.isNull == true)
    #expect(model["address"]?.stringValue == place.server.address + (provider == "openai" ? "/v1" : ""))
    #expect(object["items"]?.arrayValue?.map { $0["correct"]?.boolValue } == [true, false])
    let shown = try place.program(nil, ["MARTLET_RUNS": place.home + "/runs.sqlite"]).run([
      "eval", "show", "1",
    ])
    #expect(shown.text.contains("at \(place.server.address)"), "\(shown.text)\(shown.errors)")
  }

  @Test(
    "Repeats are draws of their own, and a new run of the same questions is told to be replayed",
    arguments: ["openai", "anthropic"])
  func repeats(provider: String) throws {
    let place = try ProviderPlace(provider)
    let first = try run(place, Self.questions, "echo", "--repeats", "3", "--temperature", "0.7")
    #expect(first.status == 0, "\(first.errors)")
    #expect(try place.bodies().count { $0["model"] != nil } == 6)
    let again = try run(place, Self.questions, "echo", "--repeats", "3", "--temperature", "0.7", "--fresh")
    #expect(try place.bodies().count { $0["model"] != nil } == 6)
    #expect(again.errors.contains("answers that were kept"), "\(again.errors)")
  }

  @Test("Choices are compared where the server gives a prompt's log-probabilities, and refused elsewhere")
  func choices() throws {
    let place = try ProviderPlace()
    let question = #"{"question": "Which is larger?", "choices": ["3", "30"], "answer": "30"}"# + "\n"
    let scored = try run(place, question, "vllm", "--raw")
    #expect(scored.status == 0, "\(scored.errors)")
    #expect(try JSON(parsing: scored.text)["items"]?[0]?["log_likelihoods"]?.arrayValue?.count == 2)
    let ignored = try run(place, question, "noecho", "--raw")
    #expect(ignored.status == 64 && ignored.errors.contains("ignores ‘echo’"))
  }

  @Test("A run that a fault ends goes on with the same command")
  func resumption() throws {
    let place = try ProviderPlace()
    let broken = try run(place, Self.questions, "fail-400-1")
    #expect(broken.status == 65)
    let result = try run(place, Self.questions, "fail-400-1")
    #expect(result.status == 0, "\(result.errors)")
    #expect(try JSON(parsing: result.text)["run"]?.intValue == 1)
  }
}
