import MartletTensors

/// Why a checkpoint cannot be made into a model.
public enum ModelError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The architecture is not one that Martlet has.
  case unsupportedArchitecture(String, known: [String])
  /// The configuration lacks a member, or holds something that is no value for it.
  case invalidConfiguration(key: String, problem: String)
  /// The configuration asks for something that would change the mathematics and is not built.
  case unsupportedConfiguration(key: String, value: String)
  /// The checkpoint lacks a tensor.
  case missingTensor(String)
  /// A tensor's shape is not what the configuration implies.
  case unexpectedShape(tensor: String, expected: [Int], found: [Int])
  /// Tensors that no part of the model took: the model would not be the one in the file.
  case unusedTensors([String])
  /// A token id that the weights have no row for: tokenizer and weights do not belong together.
  case tokenWithoutRow(Int32, rows: Int)
  /// A sequence that is longer than the model has positions for.
  case beyondContext(length: Int, context: Int)
  /// A head that the checkpoint does not have, and those that it has.
  case missingHead(String, found: [String])
  /// Adapters for layers that the model does not have.
  case unusedAdapters([String])
  /// An adapter that does not fit its layer.
  case unusableAdapter(String, problem: String)
  /// Values for weights that the model does not have.
  case unusedValues([String])
  /// Values that do not fit the weight that they are for.
  case unusableValues(String, problem: String)
  /// A sequence to learn from whose targets are not as many as its tokens.
  case misfitTargets(tokens: Int, targets: Int)
  /// Sequences to learn from in which no token counts.
  case nothingToLearn
  /// A tensor's bytes cannot be read.
  case unreadableTensor(String, problem: String)

  /// What is wrong, where, and what to do.
  public var description: String {
    switch self {
    case .unsupportedArchitecture(let name, let known):
      "The architecture \"\(name)\" is not supported. Supported are: \(known.joined(separator: ", "))."
    case .invalidConfiguration(let key, let problem):
      "The model's configuration is invalid: \"\(key)\" \(problem)."
    case .unsupportedConfiguration(let key, let value):
      """
      The model's configuration sets \"\(key)\" to \(value), which is not supported; \
      the model would compute something else without it.
      """
    case .missingTensor(let name):
      "The checkpoint has no tensor \"\(name)\". The file may be incomplete: pull the model again."
    case .unexpectedShape(let tensor, let expected, let found):
      """
      The tensor \"\(tensor)\" is \(Self.text(found)), but the configuration says \(Self.text(expected)). \
      The file and its configuration do not belong together.
      """
    case .unusedTensors(let names):
      """
      \(names.count) tensors of the checkpoint belong to no part of the model: \
      \(names.prefix(5).joined(separator: ", "))\(names.count > 5 ? ", …" : ""). \
      It is another architecture than its configuration says.
      """
    case .tokenWithoutRow(let token, let rows):
      """
      The token id \(token) has no row in the model's weights, which know \(rows) tokens. Its tokenizer and its \
      weights do not belong together: pull the model again.
      """
    case .beyondContext(let length, let context):
      "The text takes \(length) tokens, and the model has \(context) positions. Shorten it or split it."
    case .missingHead(let head, let found):
      """
      The model has no head for \(head). \
      \(found.isEmpty ? "It has no head at all" : "It has one for \(found.joined(separator: " and for "))").
      """
    case .unusedAdapters(let names):
      """
      \(names.count) adapters are for layers that the model does not have: \
      \(names.prefix(5).joined(separator: ", "))\(names.count > 5 ? ", …" : ""). \
      They were made for another model.
      """
    case .unusableAdapter(let name, let problem):
      "The adapter of \(name) does not fit the model: \(problem)"
    case .unusedValues(let names):
      """
      \(names.count) values are for weights that the model does not have: \
      \(names.prefix(5).joined(separator: ", "))\(names.count > 5 ? ", …" : ""). \
      They belong to another model.
      """
    case .unusableValues(let name, let problem):
      "The values for \(name) do not fit the model: \(problem)."
    case .misfitTargets(let tokens, let targets):
      "A sequence of \(tokens) tokens has \(targets) targets. Give one for each token, nil where none counts."
    case .nothingToLearn:
      """
      No token of the sequences counts, so that there is no loss: every answer is empty, masked, or was cut away. \
      Raise the limit of the length, or leave these sequences out.
      """
    case .unreadableTensor(let name, let problem):
      "The tensor \"\(name)\" cannot be read: \(problem)"
    }
  }

  /// Refuses tokens that an embedding of `rows` rows does not know.
  static func check(_ tokens: some Sequence<Int32>, rows: Int) throws(ModelError) {
    if let token = tokens.first(where: { $0 < 0 || Int($0) >= rows }) {
      throw .tokenWithoutRow(token, rows: rows)
    }
  }

  /// Refuses a batch with a sequence beyond `context` positions.
  static func check(_ batch: PackedBatch, context: Int) throws(ModelError) {
    for sequence in batch.sequences where sequence.firstPosition + sequence.rows.count > context {
      throw .beyondContext(length: sequence.firstPosition + sequence.rows.count, context: context)
    }
  }

  private static func text(_ shape: [Int]) -> String { shape.map(String.init).joined(separator: " × ") }
}
