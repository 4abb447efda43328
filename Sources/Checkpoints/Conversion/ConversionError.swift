import MartletTensors
import MartletTokenizers

/// Why a model is not converted, where its files are sound and what was asked for is not.
public enum ConversionError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Something is at the path already.
  case exists(path: String)
  /// What is at the path is not replaced, even where that was asked for.
  case notReplaceable(path: String, reason: String)
  /// The tensor is quantized already, and rounding it again was not asked for.
  case alreadyQuantized(file: String, tensor: String, format: StorageFormat)
  /// The kind of output cannot hold tensors of the type.
  case wrongType(String, path: String, allowed: [String])
  /// The target format cannot express the tokenizer.
  case tokenizer(file: String, problem: String)
  /// The result would take the place of the model that it is made of.
  case sameFile(path: String)
  /// Both would be safetensors folders.
  case sameKind(path: String)

  /// What is wrong, where, and what to do next.
  public var description: String {
    switch self {
    case .exists(let path): "\(path) exists already. Choose another name, or replace it with --force."
    case .notReplaceable(let path, let reason):
      "\(path) is not replaced: \(reason). Choose another name, or remove it yourself."
    case .alreadyQuantized(let file, let tensor, let format):
      """
      \(file): the tensor \(tensor) is quantized already (\(format.rawValue)), and rounding it again loses more than \
      rounding the original. Take the model in F32, F16 or BF16, or say --allow-requantize.
      """
    case .wrongType(let type, let path, let allowed):
      "\(path) would be a safetensors folder, which holds no \(type). Choose \(allowed.joined(separator: ", ")), or name a file that ends in .gguf."
    case .tokenizer(let file, let problem):
      "\(file): its tokenizer cannot be converted. \(problem) --no-tokenizer converts the weights alone."
    case .sameFile(let path): "\(path) is the model itself. Choose another name for the result."
    case .sameKind(let path):
      "\(path) would be a safetensors folder, and so is the model. Name a file that ends in .gguf."
    }
  }
}

extension ConversionError {
  /// What keeps a tokenizer from being converted.
  static func tokenizer(file: String, _ error: TokenizerError) -> ConversionError {
    guard case .unsupported(let field, let value, let known) = error else {
      return .tokenizer(file: file, problem: "\(error)")
    }
    let others = known.isEmpty ? "" : "; what can be: \(known.joined(separator: ", "))"
    return .tokenizer(
      file: file, problem: "Its `\(field)` is \(value), which the target format cannot express\(others).")
  }
}
