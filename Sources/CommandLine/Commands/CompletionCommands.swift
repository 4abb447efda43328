import MartletVectorStore

private let shell = Parameter<Shell>.argument(
  "SHELL", .choice("SHELL"), default: .bash, help: "The shell to write a script for.")
private let words = Parameter<[String]>.arguments(
  "WORD", .text("WORD"), help: "The command line behind the program's name, up to the cursor.")

extension Command {
  /// Prints a script that completes Martlet's commands in a shell.
  static let completion: Command = Command(
    name: "completion",
    summary: "Print a script that completes martlet's commands in bash, zsh or fish.",
    discussion: """
      Commands, options and their values are completed, with the names of models, and of the collections in the store \
      that --store or MARTLET_STORE names. Put the line of the example into ~/.bashrc, ~/.zshrc (below compinit) or \
      ~/.config/fish/config.fish to have it in every shell.
      """,
    parameters: [shell.definition],
    examples: [
      .init("source <(martlet completion bash)", "In this bash:"),
      .init("source <(martlet completion zsh)", "In this zsh:"),
      .init("martlet completion fish | source", "In this fish:"),
    ]
  ) { arguments, console in
    try console.result(arguments[shell].completionScript)
  }

  /// Says what can stand next in a command line, for the scripts of `completion`.
  static let completeWords: Command = Command(
    name: "__complete",
    summary: "Print what can stand next in a command line.",
    discussion: "",
    parameters: [words.definition],
    isHidden: true
  ) { arguments, console in
    let completion = CommandCompletion(program: .martlet, values: CompletionValues().values(of:option:))
    let answer = completion.answer(for: arguments[words])
    for candidate in answer.candidates {
      try console.result(candidate.word + (candidate.help.isEmpty ? "" : "\t\(candidate.help)") + "\n")
    }
    try console.result(":\(answer.paths.rawValue)\n")
  }
}

/// The names that there are in the cache and the store.
private struct CompletionValues {
  func values(
    of kind: ValueCompletion, option: (String) -> String?
  ) -> [CommandCompletion.Candidate] {
    switch kind {
    case .nothing, .files, .folders: []
    case .models(let purpose): models { $0.pulled(for: purpose) }
    case .pulledModels: models { $0.pulled() }
    case .anyModel:
      models { names in
        let known = names.known.map(\.name)
        return known + names.pulled().filter { !known.contains($0) }
      }
    case .modelsToPull:
      models { names in
        let pulled = Set(names.pulled())
        return names.known.map(\.name).filter { !pulled.contains($0) }
      }
    case .collections: collections(in: option("store"))
    }
  }

  private func models(_ list: (ModelNames) -> [String]) -> [CommandCompletion.Candidate] {
    let names = ModelNames()
    return list(names).map { .init(word: $0, help: names.summary(of: $0)) }
  }

  /// The collections of a store on this machine. Servers are not asked: the person waits for the answer, and none of
  /// the ways to fail could be told.
  private func collections(in typed: String?) -> [CommandCompletion.Candidate] {
    let path = typed ?? Environment["MARTLET_STORE"].flatMap { $0.isEmpty ? nil : $0 } ?? Places.store
    guard let expanded = try? ValueType<String>.path().read(path),
      let location = try? StoreLocation(store: expanded), case .folder(let folder) = location.place,
      let store = try? Database.open(at: folder, mode: .readOnly)
    else { return [] }
    defer { store.close() }
    return ((try? store.listCollections()) ?? []).map { collection in
      let records = (try? collection.count()).map { count($0, "record") } ?? ""
      return .init(word: printable(collection.name), help: records)
    }
  }
}
