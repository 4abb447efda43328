import MartletTensors

/// A GGUF model's tensors under Hugging Face's names, with what its files keep differently.
struct GGUFTensors: TensorSource {
  let tensors: [TensorDescription]
  private let file: GGUFModel
  private let indices: [String: Int]

  /// Names the tensors of `file`.
  /// - Throws: ``CheckpointError`` where two tensors end up with one name, or a permuted matrix is not whole heads.
  init(_ file: GGUFModel, heads: Int?, keyValueHeads: Int?) throws(CheckpointError) {
    self.file = file
    let architecture = try file.architecture()
    let names = GGUFTensorNames(architecture: architecture)
    var tensors: [TensorDescription] = []
    var indices: [String: Int] = [:]
    for tensor in file.tensors {
      var tensor = tensor
      tensor.name = names?.huggingFaceName(tensor.nameInFile) ?? tensor.nameInFile
      if architecture == "llama" {
        tensor.rowPermutation = Self.permutation(tensor.name, heads: heads, keyValueHeads: keyValueHeads)
      }
      tensor.includesOne = architecture == "gemma3" && tensor.name.hasSuffix("norm.weight")
      try Self.check(tensor, file: file.path)
      guard indices.updateValue(tensors.count, forKey: tensor.name) == nil else {
        throw .malformed(
          file: file.path, field: "tensor \(tensor.nameInFile)", offset: nil,
          problem: "another tensor stands for \(tensor.name) too")
      }
      tensors.append(tensor)
    }
    self.tensors = tensors
    self.indices = indices
  }

  private static func permutation(_ name: String, heads: Int?, keyValueHeads: Int?) -> RowPermutation? {
    if name.contains(".self_attn.q_proj."), let heads { return .interleavedRotary(heads: heads) }
    if name.contains(".self_attn.k_proj."), let keyValueHeads {
      return .interleavedRotary(heads: keyValueHeads)
    }
    return nil
  }

  private static func check(_ tensor: TensorDescription, file: String) throws(CheckpointError) {
    guard case .interleavedRotary(let heads)? = tensor.rowPermutation, let rows = tensor.shape.first else {
      return
    }
    guard heads > 0, rows % (2 * heads) == 0 else {
      throw .malformed(
        file: file, field: "tensor \(tensor.nameInFile)", offset: nil,
        problem: "\(rows) rows are no whole pairs for each of \(heads) heads")
    }
  }

  func description(of name: String) -> TensorDescription? { indices[name].map { tensors[$0] } }

  func withBytes<R>(of name: String, _ body: (UnsafeRawBufferPointer) throws -> R) throws -> R {
    guard let tensor = description(of: name) else { throw CheckpointError.noTensor(name, file: file.path) }
    return try file.withBytes(of: tensor.nameInFile, body)
  }

  func discardPages(of name: String) {
    if let tensor = description(of: name) { file.discardPages(of: tensor.nameInFile) }
  }
}
