import MartletTensors

/// A tensor of a checkpoint: its name, shape, and where its bytes lie.
public struct TensorDescription: Sendable, Equatable {
  /// Its name, as Hugging Face's checkpoints call it (`model.layers.0.self_attn.q_proj.weight`).
  public var name: String
  /// Its name in the file, where that is another (`blk.0.attn_q.weight`).
  public var nameInFile: String
  /// Its sizes in PyTorch's order: `[rows, columns]`, the last one contiguous.
  public var shape: [Int]
  /// How its values are stored.
  public var format: StorageFormat
  /// Where its bytes lie in its file.
  public var byteRange: Range<Int>
  /// How the file's rows are ordered, where that differs from Hugging Face's order.
  public var rowPermutation: RowPermutation?
  /// Whether one has been added to every value: GGUF's norm weights of Gemma, whose paper multiplies by `1 + w`.
  public var includesOne: Bool

  /// A description; `nameInFile` is the name unless another is given.
  public init(
    name: String, nameInFile: String? = nil, shape: [Int], format: StorageFormat, byteRange: Range<Int>,
    rowPermutation: RowPermutation? = nil, includesOne: Bool = false
  ) {
    self.name = name
    self.nameInFile = nameInFile ?? name
    self.shape = shape
    self.format = format
    self.byteRange = byteRange
    self.rowPermutation = rowPermutation
    self.includesOne = includesOne
  }

  /// How many values it has.
  public var elementCount: Int { shape.reduce(1, *) }
}

/// An order of a matrix's rows that differs from that in Hugging Face's checkpoint of the same model.
public enum RowPermutation: Sendable, Equatable {
  /// The rows of each of `heads` heads are interleaved for rotary embeddings of adjacent pairs: GGUF's `llama`.
  ///
  /// (ggml-org/llama.cpp, `LlamaModel.permute`.)
  case interleavedRotary(heads: Int)

  /// Which row of the file holds row `i` of Hugging Face's matrix (or vector) of `rows` rows.
  ///
  /// `rows` that are not whole pairs for each head keep the file's order; ``Checkpoint`` refuses such tensors.
  public func order(rows: Int) -> @Sendable (Int) -> Int {
    switch self {
    case .interleavedRotary(let heads):
      guard heads > 0, rows % (2 * heads) == 0 else { return { $0 } }
      let headRows = rows / heads
      return { row in
        let (head, inHead) = (row / headRows, row % headRows)
        let (half, pair) = (inHead / (headRows / 2), inHead % (headRows / 2))
        return head * headRows + pair * 2 + half
      }
    }
  }
}

/// The tensors of a checkpoint, in one file or in several.
public protocol TensorSource: Sendable {
  /// All tensors that can be read, in the order of the file.
  var tensors: [TensorDescription] { get }
  /// The tensor with this name, or nil.
  func description(of name: String) -> TensorDescription?
  /// Calls `body` with a tensor's bytes, at no particular alignment, valid only during the call.
  /// - Throws: ``CheckpointError`` where there is no such tensor, its type is not read, or its file was cut; and what
  ///   `body` throws.
  func withBytes<R>(of name: String, _ body: (UnsafeRawBufferPointer) throws -> R) throws -> R
  /// Lets go of the memory that the tensor's pages of the file take, once its values have been repacked.
  func discardPages(of name: String)
}

extension TensorSource {
  /// The bytes that all tensors take in their files.
  public var weightBytes: Int { tensors.reduce(0) { $0 + $1.byteRange.count } }

  /// What single layers lack and most others have, a sentence each: a sign that the files are incomplete.
  public var unevenLayers: [String] {
    var layersByPart: [String: Set<Int>] = [:]
    for tensor in tensors {
      let pieces = tensor.name.split(separator: ".")
      guard let place = pieces.firstIndex(where: { Int($0) != nil }), let layer = Int(pieces[place]) else {
        continue
      }
      let part = (pieces[..<place] + ["*"] + pieces[(place + 1)...]).joined(separator: ".")
      layersByPart[part, default: []].insert(layer)
    }
    let all = layersByPart.values.reduce(into: Set<Int>()) { $0.formUnion($1) }
    return layersByPart.sorted { $0.key < $1.key }.compactMap { part, layers in
      guard layers.count * 4 > all.count * 3 else { return nil }
      // Some architectures have layers of several kinds: those that have what these lack are of another one.
      let missing = all.subtracting(layers).filter { layer in
        !layersByPart.values.contains { $0.contains(layer) && $0.isDisjoint(with: layers) }
      }
      guard !missing.isEmpty else { return nil }
      let numbers = missing.sorted().map(String.init).joined(separator: ", ")
      return
        "The tensor \(part) is missing in layer \(numbers), and the others have it: the file seems incomplete."
    }
  }

  /// How many values all tensors have.
  public var parameterCount: Int { tensors.reduce(0) { $0 + $1.elementCount } }
}
