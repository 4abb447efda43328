/// What can stand next in a command line: the one place that knows, for all shells.
struct CommandCompletion {
  /// One way to go on.
  struct Candidate: Equatable {
    /// The whole word.
    let word: String
    /// What it means, in a few words.
    var help = ""
  }

  /// What can stand where the cursor is.
  struct Answer: Equatable {
    var candidates: [Candidate] = []
    /// What the shell offers of its own where no candidate fits.
    var paths = Paths.none
  }

  /// Paths that a shell completes.
  enum Paths: String {
    case none, files, folders
  }

  let program: Program
  /// What there is of a kind in the cache and the store, for a command line whose options have these values.
  let values: (ValueCompletion, _ option: (String) -> String?) -> [Candidate]

  /// - Parameter words: The command line without the program's name; the last word, which may be empty, is completed.
  func answer(for words: [String]) -> Answer {
    guard let word = words.last else { return Answer() }
    var answer: Answer
    if words.first == "help", words.count > 1 {
      answer = commandNames(under: words.dropFirst().dropLast())
    } else {
      answer = complete(words.dropLast(), word)
    }
    answer.candidates.removeAll { !$0.word.hasPrefix(word) }
    return answer
  }

  private func complete(_ before: ArraySlice<String>, _ word: String) -> Answer {
    var rest = before
    var commands = program.commands
    var found: Command?
    while let command = commands.first(where: { $0.ownName == rest.first }) {
      found = command
      rest = rest.dropFirst()
      commands = command.subcommands
    }
    if !commands.isEmpty {
      guard rest.isEmpty else { return Answer() }
      return word.hasPrefix("-")
        ? optionNames(of: found, given: []) : names(of: commands, isFirst: found == nil)
    }
    guard let found else { return Answer() }
    return complete(found, Array(rest), word)
  }

  private func complete(_ command: Command, _ before: [String], _ word: String) -> Answer {
    let typed = TypedWords(before, of: command)
    if let option = typed.open { return value(of: option, typed) }
    if typed.isPastOptions == false, word.hasPrefix("-") {
      if word.hasPrefix("--"), let equals = word.firstIndex(of: "="),
        let option = command.options.first(where: { $0.name == word[..<equals].dropFirst(2) })
      {
        var answer = value(of: option, typed)
        answer.candidates = answer.candidates.map {
          Candidate(word: word[...equals] + $0.word, help: $0.help)
        }
        return answer
      }
      return optionNames(of: command, given: typed.values)
    }
    var left = typed.positionals
    for argument in command.positionals {
      if left < argument.maximum { return value(of: argument, typed) }
      left -= argument.maximum
    }
    return Answer()
  }

  private func value(of definition: ParameterDefinition, _ typed: TypedWords) -> Answer {
    let given = values(definition.completion) { name in typed.values.last { $0.name == name }?.value }
    let choices = definition.choices.map { Candidate(word: $0) }
    let paths: Paths =
      switch definition.completion {
      case .files, .models, .anyModel: .files
      case .folders: .folders
      case .nothing, .pulledModels, .modelsToPull, .collections: .none
      }
    return Answer(candidates: choices + given, paths: paths)
  }

  private func names(of commands: [Command], isFirst: Bool) -> Answer {
    var candidates = commands.filter { !$0.isHidden }.map { Candidate(word: $0.ownName, help: $0.summary) }
    if isFirst { candidates.append(Candidate(word: "help", help: "Explain a command.")) }
    return Answer(candidates: candidates)
  }

  private func commandNames(under words: ArraySlice<String>) -> Answer {
    var commands = program.commands
    for word in words { commands = commands.first { $0.ownName == word }?.subcommands ?? [] }
    return names(of: commands, isFirst: false)
  }

  /// The options that can still be given.
  private func optionNames(of command: Command?, given: [TypedWords.Value]) -> Answer {
    let names = Set(given.map(\.name))
    var candidates = (command?.options ?? []).filter { $0.maximum > 1 || !names.contains($0.name) }.map {
      Candidate(word: "--\($0.name)", help: Self.firstSentence($0.help))
    }
    candidates.append(Candidate(word: "--help", help: "Explain the command."))
    if command == nil { candidates.append(Candidate(word: "--version", help: "Print the version.")) }
    return Answer(candidates: candidates)
  }

  private static func firstSentence(_ text: String) -> String {
    guard let end = text.firstRange(of: ". ") else { return text }
    return String(text[..<end.lowerBound]) + "."
  }
}

/// The words of a command line before the one that is completed, by what they are.
private struct TypedWords {
  struct Value {
    let name: String
    let value: String
  }

  /// The options that were given.
  private(set) var values: [Value] = []
  /// How many values without names there are.
  private(set) var positionals = 0
  /// The option whose value comes next.
  private(set) var open: ParameterDefinition?
  /// Whether `--` was there, after which nothing is an option.
  private(set) var isPastOptions = false

  init(_ words: [String], of command: Command) {
    for word in words {
      if let option = open {
        values.append(Value(name: option.name, value: word))
        open = nil
      } else if word == "--", !isPastOptions {
        isPastOptions = true
      } else if isPastOptions || !word.hasPrefix("-") || word == "-" {
        positionals += 1
      } else {
        take(word, of: command)
      }
    }
  }

  private mutating func take(_ word: String, of command: Command) {
    let isLong = word.hasPrefix("--")
    let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
    let option = command.options.first {
      isLong ? $0.name == parts[0].dropFirst(2) : $0.short != nil && $0.short == word.dropFirst().first
    }
    guard let option else { return }
    if option.kind == .flag {
      values.append(Value(name: option.name, value: ""))
    } else if isLong, parts.count == 2 {
      values.append(Value(name: option.name, value: parts[1]))
    } else if !isLong, word.count > 2 {
      values.append(Value(name: option.name, value: String(word.dropFirst(2).drop { $0 == "=" })))
    } else {
      open = option
    }
  }
}
