/// What keeps a text from being read as YAML, and where.
public struct YAMLError: Error, Sendable, Equatable {
  /// The line, from 1.
  public let line: Int
  /// The column in characters (Unicode scalars), from 1.
  public let column: Int
  /// What was wrong.
  public let problem: Problem

  /// The things that can be wrong.
  public enum Problem: Sendable, Equatable {
    /// The text is not YAML; the words are libyaml's.
    case syntax(String)
    /// The bytes are not UTF-8, or hold a control character.
    case unreadable(String)
    /// More than one document.
    case severalDocuments
    /// A mapping has two members of one name.
    case duplicateKey(String)
    /// A key that is a list or a mapping.
    case keyNotText
    /// `<<`, which merges mappings in YAML 1.1.
    case mergeKey
    /// A tag that stands for more than a JSON value, such as `!function`.
    case tag(String)
    /// A value that does not fit its tag.
    case tagMismatch(tag: String, value: String)
    /// `.inf` or `.nan`, for which JSON has no number.
    case notFinite(String)
    /// An alias whose anchor was not defined before it.
    case unknownAnchor(String)
    /// Lists and mappings nest deeper than allowed.
    case tooDeep(maximum: Int)
    /// More values or text than allowed, most likely by aliases of aliases.
    case tooLarge(String)
  }

  init(_ problem: Problem, line: Int, column: Int) {
    self.line = line
    self.column = column
    self.problem = problem
  }
}

extension YAMLError: CustomStringConvertible {
  /// One sentence with line and column.
  public var description: String { "Not usable YAML at line \(line), column \(column): \(problem)." }
}

extension YAMLError.Problem: CustomStringConvertible {
  /// What was wrong, in words.
  public var description: String {
    switch self {
    case .syntax(let text), .unreadable(let text): text
    case .severalDocuments: "a second document begins; put each document into a file of its own"
    case .duplicateKey(let key): "the key \"\(key)\" appears twice in one mapping"
    case .keyNotText: "a key must be a plain value, but this one is a list or a mapping"
    case .mergeKey: "merge keys (<<) are not supported; write the members out, or quote the key"
    case .tag(let tag): "the tag \(tag) is not supported; only plain data can be read"
    case .tagMismatch(let tag, let value): "\"\(value)\" does not fit its tag \(tag)"
    case .notFinite(let text): "\(text) is not a finite number; quote it if it is text"
    case .unknownAnchor(let name): "*\(name) refers to an anchor that is not defined before it"
    case .tooDeep(let maximum): "lists and mappings nest deeper than \(maximum)"
    case .tooLarge(let what): "it has more than \(what), counting what aliases repeat"
    }
  }
}
