/// Why no grammar could be made. Nothing is ever ignored: what cannot be enforced is an error before any token is made.
public enum GrammarError: Error, Equatable, Sendable {
  /// A regular expression that cannot be read, or that uses what is not supported.
  case pattern(pattern: String, character: Int, problem: String)
  /// A grammar in GBNF that cannot be read, or that uses what is not supported.
  case gbnf(line: Int, problem: String)
  /// A JSON Schema that cannot be read, or a keyword that cannot be enforced. `path` is a JSON pointer to it: `#/items`.
  case schema(path: String, problem: String)
  /// No JSON value fulfils the schema at `path`, so none could be made.
  case unsatisfiable(path: String)
  /// The grammar's language is empty: no text fits it.
  case noText
  /// The grammar would take more states or rules than are allowed.
  case tooComplex(what: String)
  /// A list of choices without a choice.
  case noChoices
}

extension GrammarError: CustomStringConvertible {
  /// What was wrong, where, and what to do.
  public var description: String {
    switch self {
    case .pattern(let pattern, let character, let problem):
      "The regular expression \(pattern) cannot be used: \(problem), at character \(character)."
    case .gbnf(let line, let problem): "The grammar cannot be used: line \(line): \(problem)."
    case .schema(let path, let problem): "The JSON Schema cannot be enforced at \(path): \(problem)."
    case .unsatisfiable(let path): "No JSON value fulfils the schema at \(path); loosen one of its keywords."
    case .noText: "No text fits the grammar; one of its parts contradicts another."
    case .tooComplex(let what): "The grammar is too large: \(what). Shorten it, or lower its repeats."
    case .noChoices: "There is no choice to choose from; give at least one."
    }
  }
}
