import Foundation

/// What a message that was typed asks for.
enum ChatLine: Equatable {
  case message(String)
  case system(String)
  /// Another model; nil asks which one it is.
  case model(String?)
  /// A value of sampling; nil asks for all of them.
  case set(ChatSetting?)
  case reset
  case save(String)
  case help
  case exit
  case mistake(String)

  static let helpText = """
    /model NAME      answer with another model; without NAME, list them
    /set NAME VALUE  change a value of sampling; without NAME, show them all
    /system TEXT     set instructions for the model; without TEXT, remove them
    /reset           forget the conversation, but not the instructions
    /save FILE       write the conversation as JSON
    /bye             end the chat; so do /exit and Ctrl-D
    /?               print this list; so does /help

    A message of several lines: paste it, type \"\"\" before and after it, or end each
    line but the last with a backslash. Ctrl-C stops an answer.
    A message that begins with a slash: put a space before it.

    """

  /// The commands that suggestions are made of.
  private static let names = [
    "/model", "/set", "/system", "/reset", "/save", "/help", "/?", "/bye", "/exit", "/quit",
  ]

  init(_ text: String) {
    guard text.hasPrefix("/") else { self = .message(text); return }
    let word = text.prefix { !$0.isWhitespace }
    let rest = text.dropFirst(word.count).trimmingCharacters(in: .whitespacesAndNewlines)
    switch (String(word), rest.isEmpty) {
    case ("/system", _): self = .system(rest)
    case ("/model", _): self = .model(rest.isEmpty ? nil : rest)
    case ("/set", true): self = .set(nil)
    case ("/set", false):
      do { self = .set(try ChatSetting(rest)) } catch { self = .mistake("/set: \(error.problem).") }
    case ("/save", false): self = .save(rest)
    case ("/save", true): self = .mistake("/save needs a file: /save FILE")
    case ("/reset", true): self = .reset
    case ("/help", true), ("/?", true): self = .help
    case ("/bye", true), ("/exit", true), ("/quit", true): self = .exit
    case (let name, false) where Self.names.contains(name):
      self = .mistake("\(name) takes nothing behind it. \(Self.advice)")
    // A text of several lines is a message, such as one that was pasted and begins with a path.
    case _ where text.contains("\n"): self = .message(text)
    case (let name, _):
      let hint = nearestName(to: name, among: Self.names).map { " Did you mean \($0)?" } ?? ""
      self = .mistake("There is no command \(name).\(hint) \(Self.advice)")
    }
  }

  private static let advice = "/? lists the commands; a space before the slash makes it a message."
}

/// A value that `/set` changes: one of the options of `martlet chat`, by its name.
struct ChatSetting: Equatable {
  /// The option's name, without dashes in front.
  let name: String
  /// The new value; nil for the default.
  let value: String?

  /// The options that can be changed while a chat goes on.
  static var definitions: [ParameterDefinition] {
    ChatOptions.sampling.definitions + [ChatOptions.maximumTokens.definition]
  }

  var definition: ParameterDefinition? { Self.definitions.first { $0.name == name } }

  /// Reads `temperature 0.2`, `top_k 20` or `seed default`.
  init(_ text: String) throws(InvalidValue) {
    let words = text.split(maxSplits: 1, whereSeparator: { $0.isWhitespace || $0 == "=" })
    let typed = String(words.first ?? "").lowercased()
    let name = String(typed.drop { $0 == "-" }.map { $0 == "_" ? "-" : $0 })
    let names = Self.definitions.map(\.name)
    guard names.contains(name) else {
      let hint = nearestName(to: name, among: names).map { " Did you mean \($0)?" } ?? ""
      throw InvalidValue(
        problem: "there is no value ‘\(typed)’.\(hint) The values are \(names.joined(separator: ", "))")
    }
    guard words.count == 2 else {
      throw InvalidValue(problem: "\(name) needs a value, or ‘default’ for the model's own")
    }
    let value = String(words[1].drop { $0.isWhitespace || $0 == "=" })
    self.init(name: name, value: value == "default" ? nil : value)
  }

  init(name: String, value: String?) {
    self.name = name
    self.value = value
  }

  /// The arguments with this value changed.
  func apply(to arguments: Arguments) throws(InvalidValue) -> Arguments {
    guard let definition else { return arguments }
    var changed = arguments
    guard let value else {
      changed.remove(definition)
      return changed
    }
    do throws(InvalidValue) {
      changed.set(definition, to: try definition.read([value]))
    } catch {
      throw InvalidValue(problem: "\(name) \(error.problem)")
    }
    return changed
  }
}
