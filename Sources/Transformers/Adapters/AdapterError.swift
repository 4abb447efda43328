import MartletCheckpoints

/// Why an adapter cannot be read, made, put onto a model, or written.
public enum AdapterError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A file cannot be found, read or written, or is malformed.
  case file(CheckpointError)
  /// A member of `adapter_config.json` has a value that is not followed and would change the result.
  case unsupportedSetting(file: String, key: String, value: String, advice: String)
  /// A member of `adapter_config.json`, or a setting, is no value for it.
  case invalidSetting(key: String, problem: String)
  /// A regular expression is not valid.
  case invalidPattern(String, problem: String)
  /// Names or patterns of targets that no layer of the model has, and the names that there are.
  case unknownTargets([String], known: [String])
  /// Names of modules to save that the model does not have, and the names that there are.
  case unknownModules([String], known: [String])
  /// A rank that is larger than the smaller side of the layer's matrix.
  case rankTooLarge(path: String, rank: Int, inputs: Int, outputs: Int)
  /// A tensor of the adapter has another shape than the layer and the settings imply.
  case unexpectedShape(tensor: String, expected: [Int], found: [Int])
  /// A tensor of the adapter holds a number that is not finite.
  case notFinite(tensor: String)
  /// Tensors of the file that nothing takes, and layers that nothing fills.
  case incomplete(file: String, unused: [String], unfilled: [String])
  /// Layers or weights of the adapter that the model does not have.
  case otherModel(unused: [String], base: String?)
  /// Two adapters that replace one weight as a whole.
  case conflictingWeights(String)
  /// The model cannot take the adapter.
  case model(ModelError)
  /// An operation that this adapter or this model does not allow.
  case unsupported(String, advice: String)

  /// What is wrong, where, and what to do.
  public var description: String {
    switch self {
    case .file(let error): "\(error)"
    case .unsupportedSetting(let file, let key, let value, let advice):
      "\(file): \"\(key)\" is \(value), which is not followed and would change the result. \(advice)"
    case .invalidSetting(let key, let problem):
      "The adapter's settings are invalid: \"\(key)\" \(problem)."
    case .invalidPattern(let pattern, let problem):
      """
      The regular expression ‘\(pattern)’ cannot be used: \(problem). \
      Looking around and references back are not supported.
      """
    case .unknownTargets(let names, let known):
      """
      No layer of the model is named \(Self.list(names, quoted: true)). \
      The names that exist: \(known.joined(separator: ", ")).
      """
    case .unknownModules(let names, let known):
      """
      No module of the model is named \(Self.list(names, quoted: true)). \
      The names that exist: \(known.joined(separator: ", ")).
      """
    case .rankTooLarge(let path, let rank, let inputs, let outputs):
      """
      A rank of \(rank) is too large for \(path), whose matrix is \(outputs) × \(inputs). \
      Choose one of at most \(min(inputs, outputs)).
      """
    case .unexpectedShape(let tensor, let expected, let found):
      """
      The adapter's tensor \(tensor) is \(Self.text(found)), and \(Self.text(expected)) is needed. \
      It was made for another base, or its settings are those of another adapter.
      """
    case .notFinite(let tensor):
      """
      The adapter's tensor \(tensor) holds a number that is not finite: its training diverged. \
      Take an earlier checkpoint.
      """
    case .incomplete(let file, let unused, let unfilled):
      "\(file) does not fit."
        + (unused.isEmpty ? "" : " Nothing takes these tensors: \(Self.list(unused)).")
        + (unfilled.isEmpty ? "" : " Nothing fills these layers: \(Self.list(unfilled)).")
    case .otherModel(let unused, let base):
      """
      The adapter has matrices for \(Self.list(unused)), which the model does not have. \
      \(base.map { "It was made for \($0)" } ?? "It was made for another base").
      """
    case .conflictingWeights(let name):
      "Two adapters replace \(name) as a whole (modules_to_save). Use one of them, or merge one first."
    case .model(let error): "\(error)"
    case .unsupported(let what, let advice): "\(what). \(advice)"
    }
  }

  private static func text(_ shape: [Int]) -> String {
    shape.map(String.init).joined(separator: " × ")
  }

  private static func list(_ names: [String], quoted: Bool = false) -> String {
    let most = 8
    let shown = names.prefix(most).map { quoted ? "‘\($0)’" : $0 }.joined(separator: ", ")
    return names.count > most ? "\(shown), … (\(names.count))" : shown
  }
}
