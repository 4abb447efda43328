import MartletJSON
import MartletYAML

/// Why a prompt cannot be read, or cannot be made for an item.
public enum PromptingError: Error, Equatable, Sendable {
  /// A template uses a variable that has no value; `given` are those that have one.
  case missingVariable(String, template: String, given: [String])
  /// A template is not valid Jinja, or cannot be rendered.
  case template(String, problem: String)
  /// A file cannot be read.
  case unreadable(file: String, reason: String)
  /// A file is not YAML.
  case notYAML(file: String, YAMLError)
  /// A member of a file is wrong; `member` is its path, such as `messages[1].content`.
  case definition(file: String, member: String, problem: String)
  /// There are fewer examples than a prompt asks for, the item itself left out.
  case tooFewExamples(prompt: String, asked: Int, available: Int)
  /// A prompt takes the nearest examples, and there is no embedding model.
  case noEmbeddings(prompt: String)
  /// What embeds texts gave something else than one vector for each text, all of one length.
  case unusableEmbeddings(problem: String)
  /// A prompt cannot be used as asked.
  case unusable(prompt: String, problem: String)
}

extension PromptingError: CustomStringConvertible {
  /// What was wrong, where, and what to do.
  public var description: String {
    switch self {
    case .missingVariable(let name, let template, let given):
      let have = given.isEmpty ? "no variable has one" : "there are \(given.joined(separator: ", "))"
      return "The template \(template) needs the variable \"\(name)\", which has no value; \(have)."
    case .template(let template, let problem): return "The template \(template): \(problem)."
    case .unreadable(let file, let reason):
      return "\(file) cannot be read: \(reason)\(reason.hasSuffix(".") ? "" : ".")"
    case .notYAML(let file, let error): return "\(file): \(error)"
    case .definition(let file, let member, let problem):
      return member.isEmpty ? "\(file): \(problem)." : "\(file): \(member): \(problem)."
    case .tooFewExamples(let prompt, let asked, let available):
      return
        "The prompt \(prompt) asks for \(asked) examples, and \(available) are left besides the item itself. "
        + "Give more examples, or a smaller count."
    case .noEmbeddings(let prompt):
      return "The prompt \(prompt) takes the nearest examples, which needs an embedding model. Name one."
    case .unusableEmbeddings(let problem): return "The examples cannot be compared: \(problem)."
    case .unusable(let prompt, let problem): return "The prompt \(prompt) \(problem)."
    }
  }
}

extension PromptingError {
  /// What was wrong, for a message that says where.
  package var reason: String {
    let text = description
    return text.hasSuffix(".") ? String(text.dropLast()) : text
  }
}
