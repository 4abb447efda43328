import MartletJSON

/// Why a tokenizer could not be made from its file.
public enum TokenizerError: Error, Sendable, Equatable {
  /// The file is not JSON.
  case notJSON(JSONError)
  /// A member that every such file has is missing.
  case missing(field: String)
  /// A member says something that cannot be.
  case malformed(field: String, problem: String)
  /// A member asks for something that this tokenizer does not know.
  case unsupported(field: String, value: String, known: [String])
}

extension TokenizerError: CustomStringConvertible {
  /// One sentence that names the member and what to do.
  public var description: String {
    switch self {
    case .notJSON(let error): "The tokenizer file is damaged. \(error)"
    case .missing(let field): "The tokenizer file lacks `\(field)`; fetch the file again or use another."
    case .malformed(let field, let problem): "The tokenizer file is damaged: `\(field)` \(problem)."
    case .unsupported(let field, let value, let known):
      "The tokenizer's `\(field)` is \(value), which Martlet does not know"
        + (known.isEmpty ? "." : "; it knows \(known.joined(separator: ", ")).")
    }
  }
}
