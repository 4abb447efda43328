import Foundation
import MartletJSON
import MartletTestScope
import Testing

@testable import MartletCommandLine

@Suite("The program on a terminal", .startsProcesses, .serialized)
struct TerminalTests {
  private enum Step {
    /// A regular expression for what the terminal is to show next.
    case wait(String)
    /// Types once the program reads keys.
    case send(String)
    /// Presses Ctrl-C while the program works.
    case interrupt
    /// Sends SIGTERM while the program reads keys.
    case terminate

    var json: JSON {
      switch self {
      case .wait(let pattern): ["wait": .string(pattern)]
      case .send(let text): ["send": .string(text)]
      case .interrupt: ["interrupt": true]
      case .terminate: ["terminate": true]
      }
    }
  }

  private func run(
    _ arguments: [String], _ environment: [String: String], _ steps: [Step] = []
  ) throws -> MartletProcess.Result {
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
      "terminal.py")
    let terminal = MartletProcess(
      environment: ["TERM": "xterm", "LC_ALL": "C.UTF-8"].merging(environment) { $1 },
      input: Data(JSON.array(steps.map(\.json)).serialized().utf8))
    return try terminal.run([script.path, MartletProcess.path] + arguments, of: "python3")
  }

  @Test("Results are emphasised on a terminal, and plain with NO_COLOR or TERM=dumb")
  func colours() throws {
    let plain = ["NO_COLOR": ""]
    #expect(try run(["models"], plain).text.contains("\u{1B}[1m"))
    for environment in [["NO_COLOR": "1"], ["NO_COLOR": "", "TERM": "dumb"]] {
      let result = try run(["models"], environment)
      #expect(result.status == 0)
      #expect(result.text.contains("smollm2-135m-instruct") && !result.text.contains("\u{1B}"))
    }
  }

  @Test(
    "Ctrl-C stops an answer and not the chat, which takes commands, and offers its lines to the next one",
    .needs(Models.small))
  func chat() throws {
    try withTemporaryFolder { folder in
      let models = folder.appendingPathComponent("models")
      try FileManager.default.createSymbolicLink(
        atPath: models.path, withDestinationPath: ModelsOfTests.folder)
      let saved = folder.appendingPathComponent("talk.json").path
      // Without a log there is no history either.
      let environment = [
        "MARTLET_HOME": folder.path, "HOME": folder.path, "NO_COLOR": "1",
        "MARTLET_LOG": folder.appendingPathComponent("log.sqlite").path,
      ]
      let small = ["chat", "-m", Models.small, "--temperature", "0"]
      // Without its end tokens the answer goes on until somebody stops it.
      let result = try run(
        small + ["--logit-bias", "2=-inf", "--logit-bias", "0=-inf"], environment,
        [
          .wait("> "), .send("/system Be brief.\r"), .wait("instructions are set"), .wait("> "),
          .send("Tell me of swifts\r"), .wait("swifts\r*\n\u{1B}\\[\\?2004l[^\r\n]"), .interrupt,
          .wait("\\[Stopped.\\]"),
          .wait("> "), .send("given up\u{3}"), .wait("> "), .send("/save \(saved)\r"),
          .wait("messages written"),
          .wait("> "), .send("/reset\r"), .wait("is forgotten"), .wait("> "), .send("/exit\r"),
        ])
      #expect(result.status == 0, "\(result.text) \(result.errors)")
      let messages = try JSON(parsing: String(contentsOfFile: saved, encoding: .utf8)).arrayValue ?? []
      #expect(messages.map { $0["role"] } == ["system", "user", "assistant"])
      #expect(messages.dropFirst().first?["content"] == "Tell me of swifts")
      #expect(messages.last?["content"]?.stringValue?.isEmpty == false)
      // Arrow up: the last line of the chat before, then the one before that.
      let next = try run(
        small, environment,
        [.wait("> "), .send("\u{1B}[A"), .wait("/exit"), .send("\u{1B}[A"), .wait("reset"), .send("\u{3}")]
          + [.wait("> "), .send("\u{4}")])
      #expect(next.status == 0, "\(next.text) \(next.errors)")
    }
  }

  @Test("A conversation that outgrows the context goes on: the message is left out, and /reset makes room")
  func fullContext() throws {
    let files = ["chat_template.jinja": "{% for m in messages %}[{{ m.content }}]{% endfor %}"]
    try TinyFolder.with(files) { folder in
      let (short, long) = (String(repeating: "a", count: 60), String(repeating: "b", count: 90))
      let result = try run(
        ["chat", "-m", folder, "--temperature", "0", "-n", "2"], ["HOME": folder, "NO_COLOR": "1"],
        [
          .wait("> "), .send(short + "\r"), .wait("> "), .send(long + "\r"), .wait("the context holds 128"),
          .wait("/reset forgets the conversation"), .wait("> "), .send("/reset\r"), .wait("is forgotten"),
          .wait("> "), .send(long + "\r"), .wait("> "), .send("/save \(folder)/talk.json\r"),
          .wait("2 messages written"), .wait("> "), .send("\u{4}"),
        ])
      #expect(result.status == 0, "\(result.text) \(result.errors)")
    }
  }

  /// Chats with a tiny model, and gives what was said and what the terminal showed.
  private func chat(_ steps: [Step]) throws -> (said: [String], shown: String) {
    let files = ["chat_template.jinja": "{% for m in messages %}[{{ m.content }}]{% endfor %}"]
    return try TinyFolder.with(files) { folder in
      let saved = folder + "/talk.json"
      let end: [Step] = [
        .wait("> "), .send("/save \(saved)\r"), .wait("written to"), .wait("> "), .send("/bye\r"),
      ]
      let result = try run(
        ["chat", "-m", folder, "--temperature", "0", "-n", "1"],
        ["HOME": folder, "NO_COLOR": "1", "MARTLET_HOME": folder], [.wait("> ")] + steps + end)
      #expect(result.status == 0, "\(result.text) \(result.errors)")
      let messages = try JSON(parsing: String(contentsOfFile: saved, encoding: .utf8)).arrayValue ?? []
      let said = messages.filter { $0["role"] != "assistant" }.compactMap { $0["content"]?.stringValue }
      return (said, result.text)
    }
  }

  @Test("Several lines that are pasted are one message, which can be edited before it is sent")
  func paste() throws {
    let paste = "\u{1B}[200~one\rtwo\r\n\t\u{1}/bye ü\r\u{1B}[201~"
    let (said, shown) = try chat([.send(paste + "\u{7F}three\r")])
    #expect(said == ["one\ntwo\n\t/bye üthree"])
    // The terminal is asked to mark pastes while a line is read, and only then.
    #expect(shown.contains("\u{1B}[?2004h> "))
    #expect(try #require(shown.range(of: "2004l", options: .backwards)).lowerBound > shown.startIndex)
    #expect(shown.components(separatedBy: "2004h").count == shown.components(separatedBy: "2004l").count)
  }

  @Test("A signal that ends a chat while a line is typed gives the terminal back as it was")
  func termination() throws {
    let files = ["chat_template.jinja": "{% for m in messages %}[{{ m.content }}]{% endfor %}"]
    try TinyFolder.with(files) { folder in
      let result = try run(
        ["chat", "-m", folder], ["HOME": folder],
        [.wait("> "), .send("half a line"), .wait("line"), .terminate])
      #expect(result.status == 143 && result.errors.isEmpty, "\(result.status) \(result.errors)")
      #expect(result.text.components(separatedBy: "\u{1B}[?2004l").last?.contains("half") == false)
    }
  }

  @Test(
    "Three quotes open and close a message; /set, /model and unknown commands answer and leave the chat alone"
  )
  func commands() throws {
    let (said, shown) = try chat([
      .send("\"\"\"one\r"), .wait("… "), .send("two\"\"\"\r"), .wait("> "), .send("/set top-k 3\r"),
      .wait("top-k is 3 from here on"), .wait("> "), .send("/set top-k x\r"), .wait("needs a whole number"),
      .wait("> "), .send("/set\r"), .wait("top-k +3\r\n"), .wait("> "), .send("/model nosuch\r"),
      .wait("There is no model"), .wait("The model is still"), .wait("> "), .send("/nosuch\r"),
      .wait("There is no command /nosuch"), .wait("> "), .send("/?\r"), .wait("/model NAME"),
    ])
    #expect(said == ["one\ntwo"])
    for line in shown.split(whereSeparator: \.isNewline) where !line.contains("/save") {
      #expect(String(line).displayWidth <= 80, "\(line)")
    }
  }

  @Test("Lists, descriptions, records and errors fit into 80 columns, and a pipe gets whole lines")
  func fits() throws {
    try withTemporaryFolder { folder in
      let environment = ["NO_COLOR": "1", "MARTLET_STORE": folder.appending(path: "store").path]
      let long = "{\"what\": \"\(String(repeating: "swifts and martlets ", count: 20))\"}"
      for arguments in [
        ["db", "create", "birds", "--metadata", long], ["models"], ["models", "qwen3-0.6b"], ["db", "list"],
        ["db", "describe", "birds"], ["db", "stats"], ["db", "check"], ["--help"], ["db", "query", "--help"],
        ["search", "--by", "sense", "x"], ["db", "get", "fish"],
      ] {
        let result = try run(arguments, environment)
        let lines = result.text.split(whereSeparator: \.isNewline).map(String.init)
        #expect(!lines.isEmpty || arguments.contains("create"))
        for line in lines where !line.contains(folder.path) {
          #expect(line.displayWidth <= 80, "\(arguments): \(line)")
        }
      }
      let piped = try MartletProcess(environment: environment).run("db", "describe", "birds")
      #expect(piped.text.contains(String(repeating: "swifts and martlets ", count: 20)))
    }
  }

  @Test(
    "A streamed answer is broken between words on a terminal, and is the same text in a pipe",
    .needs(Models.small))
  func answer() throws {
    let arguments = [
      "generate", "-m", Models.small, "--temperature", "0", "-n", "60",
      "Describe a swift in one long sentence.",
    ]
    let piped = try MartletProcess().run(arguments)
    let shown = try run(arguments, ["NO_COLOR": "1"]).text
    let lines = shown.split(whereSeparator: \.isNewline).map(String.init)
    #expect(lines.count > 1 && lines.allSatisfy { $0.displayWidth <= 80 }, "\(shown)")
    #expect(shown.split(whereSeparator: \.isWhitespace) == piped.text.split(whereSeparator: \.isWhitespace))
  }
}
