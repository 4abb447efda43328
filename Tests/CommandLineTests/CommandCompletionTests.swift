import Foundation
import MartletTestScope
import Testing

@testable import MartletCommandLine

@Suite("Completion of command lines", .startsProcesses)
struct CommandCompletionTests {
  private func answer(_ words: String...) -> CommandCompletion.Answer {
    let completion = CommandCompletion(program: .martlet) { kind, option in
      switch kind {
      case .models(let purpose): [.init(word: "\(purpose?.rawValue ?? "any")-model")]
      case .anyModel: [.init(word: "known"), .init(word: "pulled")]
      case .pulledModels: [.init(word: "pulled")]
      case .modelsToPull: [.init(word: "known")]
      case .collections: [.init(word: "birds of \(option("store") ?? "home")")]
      case .nothing, .files, .folders: []
      }
    }
    return completion.answer(for: words)
  }

  private func words(_ answer: CommandCompletion.Answer) -> [String] { answer.candidates.map(\.word) }

  @Test("Commands, those under others, and what help explains; hidden ones are left out")
  func commands() {
    #expect(words(answer("d")) == ["data", "db", "doctor"])
    #expect(words(answer("db", "de")) == ["describe", "delete"])
    #expect(words(answer("help", "db", "de")) == ["describe", "delete"])
    #expect(words(answer("completi")) == ["completion"] && words(answer("gener")) == ["generate"])
    #expect(answer("nosuch", "") == .init() && answer("db", "nosuch", "") == .init())
    #expect(answer("db", "").candidates.allSatisfy { !$0.help.isEmpty })
  }

  @Test("Options that were not given yet, those of which there may be many always, and none behind --")
  func options() {
    #expect(words(answer("search", "--b")) == ["--by"])
    #expect(words(answer("search", "--by", "words", "--b")).isEmpty)
    #expect(words(answer("search", "--by=words", "--b")).isEmpty)
    #expect(words(answer("index", "--exclude", "x", "--exc")) == ["--exclude"])
    #expect(words(answer("search", "--", "--b")).isEmpty)
    #expect(words(answer("--v")) == ["--version"] && words(answer("db", "--h")) == ["--help"])
  }

  @Test("Choices of options and arguments, behind a space, an equals sign or a letter")
  func choices() {
    #expect(words(answer("db", "create", "x", "--distance", "")) == ["cosine", "l2", "ip"])
    #expect(words(answer("search", "--by", "s")) == ["semantic"])
    #expect(words(answer("search", "--by=s")) == ["--by=semantic"])
    #expect(words(answer("completion", "")) == ["bash", "zsh", "fish"])
    #expect(answer("search", "") == .init() && answer("search", "a query", "") == .init())
  }

  @Test(
    "Models by what the command does with them, collections of the store that is named, files and folders")
  func values() {
    #expect(words(answer("chat", "-m", "")) == ["generation-model"])
    #expect(words(answer("chat", "--model=")) == ["--model=generation-model"])
    #expect(words(answer("embed", "-m", "")) == ["embedding-model"])
    #expect(words(answer("index", "--embedder", "")) == ["embedding-model"])
    #expect(words(answer("models", "")) == ["known", "pulled"] && answer("models", "").paths == .files)
    #expect(words(answer("pull", "other", "")) == ["known"] && answer("pull", "").paths == .none)
    #expect(words(answer("rm", "")) == ["pulled"])
    #expect(words(answer("db", "get", "")) == ["birds of home"])
    #expect(words(answer("db", "get", "--store", "a", "")) == ["birds of a"])
    #expect(words(answer("ask", "--store=b", "x", "--collection", "")) == ["birds of b"])
    #expect(answer("db", "get", "birds", "").paths == .none)
    #expect(answer("perplexity", "").paths == .files && answer("index", "a", "").paths == .files)
    #expect(answer("search", "--store", "").paths == .folders)
  }

  // MARK: In shells

  /// A folder with the program, a model and a store, for a shell to look at.
  private func withShell(_ body: (_ folder: URL, _ environment: [String: String]) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let bin = folder.appending(path: "bin")
      try FileManager.default.createDirectory(
        at: folder.appending(path: "models/my-own-model"), withIntermediateDirectories: true)
      try FileManager.default.createDirectory(at: bin, withIntermediateDirectories: true)
      try FileManager.default.createSymbolicLink(
        atPath: bin.appending(path: "martlet").path, withDestinationPath: MartletProcess.path)
      try Data("x".utf8).write(to: folder.appending(path: "unusual file.txt"))
      let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
      let environment = [
        "MARTLET_HOME": folder.path, "MARTLET_STORE": "", "PATH": "\(bin.path):\(path)", "HOME": folder.path,
        "TERM": "xterm", "LC_ALL": "C.UTF-8",
      ]
      let made = try MartletProcess(environment: environment).run("db", "create", "birds")
      try #require(made.status == 0, "\(made.errors)")
      try body(folder, environment)
    }
  }

  static func has(_ shell: String) -> Bool {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
      FileManager.default.isExecutableFile(atPath: "\($0)/\(shell)")
    }
  }

  /// What a shell on a terminal makes of keys, of which each line ends with the Tab key.
  private func type(
    _ lines: [(keys: String, shown: String)], into shell: String, setup: String, _ folder: URL,
    _ environment: [String: String]
  ) throws {
    var steps = [["wait": "ready> "], ["send": setup + "\r"], ["wait": "ready> "]]
    for line in lines {
      // Ctrl-U empties the line for the next one.
      steps += [["send": line.keys + "\t"], ["wait": line.shown], ["send": "\u{15}"]]
    }
    steps += [["send": "exit\r"]]
    let script = MartletProcess.packageRoot.appending(path: "Tests/CommandLineTests/terminal.py").path
    let result = try MartletProcess(environment: environment, input: JSONEncoder().encode(steps)).run(
      ["-c", "cd '\(folder.path)' && exec python3 '\(script)' env 'PS1=ready> ' \(shell)"], of: "sh")
    #expect(result.status == 0, "\(result.text) \(result.errors)")
  }

  private static let lines = [
    (keys: "martlet sea", shown: "martlet search"), (keys: "martlet search --by s", shown: "--by semantic"),
    (keys: "martlet search --by=k", shown: "--by=keyword"), (keys: "martlet rm my", shown: "rm my-own-model"),
    (keys: "martlet db describe bi", shown: "describe birds"),
    (keys: "martlet perplexity unus", shown: "unusual\\\\ file.txt"),
  ]

  @Test("bash completes", .enabled(if: has("bash"), "needs bash"))
  func bash() throws {
    try withShell { folder, environment in
      try type(
        Self.lines, into: "bash --norc --noprofile -i",
        setup: "source <(martlet completion bash)", folder, environment)
    }
  }

  @Test("zsh completes", .enabled(if: has("zsh"), "needs zsh"))
  func zsh() throws {
    try withShell { folder, environment in
      try type(
        Self.lines, into: "zsh -f -i",
        setup: "autoload -U compinit; compinit -u -D; source <(martlet completion zsh)", folder,
        environment)
    }
  }

  @Test("fish completes, and says what each word means", .enabled(if: has("fish"), "needs fish"))
  func fish() throws {
    try withShell { folder, environment in
      func complete(_ line: String) throws -> String {
        let script = "cd '\(folder.path)'; martlet completion fish | source; complete -C '\(line)'"
        return try MartletProcess(environment: environment).run(["-c", script], of: "fish").text
      }
      let expected = [
        ("martlet sea", "search\t\(Command.search.summary)"), ("martlet search --by s", "semantic"),
        ("martlet search --by=k", "--by=keyword"), ("martlet rm my", "my-own-model"),
        ("martlet db describe ", "birds\t0 records"), ("martlet perplexity unus", "unusual file.txt"),
      ]
      for (line, completed) in expected {
        let shown = try complete(line)
        #expect(shown == completed + "\n", "\(line)")
      }
    }
  }
}
