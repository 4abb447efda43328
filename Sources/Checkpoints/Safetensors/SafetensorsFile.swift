import MartletJSON
import MartletTensors

/// A safetensors file, mapped into memory.
///
/// Tensors in F32, F16 and BF16 can be read. Others may be there, such as the integer positions of old BERT files:
/// asking for one is an error that names its type.
public struct SafetensorsFile: TensorSource {
  /// The path, as it was given.
  public var path: String { file.path }
  /// The tensors that can be read, in the order of the data.
  public let tensors: [TensorDescription]
  /// The types of the tensors that cannot be read, by name.
  public let unreadableTensors: [String: String]
  /// The members of `__metadata__`: all of them strings.
  public let metadata: JSONObject

  private let file: MappedFile
  private let indices: [String: Int]

  /// Opens a file.
  /// - Throws: ``CheckpointError`` that names the tensor, where sizes and places do not fit the file.
  public init(path: String) throws(CheckpointError) {
    try self.init(MappedFile(path))
  }

  init(_ file: MappedFile) throws(CheckpointError) {
    self.file = file
    let header = try file.reading(0..<file.size) { (bytes) throws(CheckpointError) in
      try SafetensorsHeader(bytes, file: file.path)
    }
    metadata = header.metadata
    tensors = header.entries.compactMap { entry in
      SafetensorsType.format(entry.type).map {
        TensorDescription(name: entry.name, shape: entry.shape, format: $0, byteRange: entry.byteRange)
      }
    }
    unreadableTensors = Dictionary(
      uniqueKeysWithValues: header.entries.lazy.filter { SafetensorsType.format($0.type) == nil }
        .map { ($0.name, $0.type) })
    indices = Dictionary(uniqueKeysWithValues: tensors.enumerated().map { ($1.name, $0) })
  }

  /// The tensor with this name, or nil.
  public func description(of name: String) -> TensorDescription? { indices[name].map { tensors[$0] } }

  /// Calls `body` with a tensor's bytes, valid only during the call.
  public func withBytes<R>(of name: String, _ body: (UnsafeRawBufferPointer) throws -> R) throws -> R {
    if let tensor = description(of: name) { return try file.withBytes(in: tensor.byteRange, body) }
    guard let type = unreadableTensors[name] else { throw CheckpointError.noTensor(name, file: path) }
    throw CheckpointError.unsupported(
      file: path, what: "The tensor \(name) is of type \(type), and F32, F16 and BF16 are read",
      advice: "Convert the model to one of these.")
  }

  /// Lets go of the memory of the tensor's pages.
  public func discardPages(of name: String) {
    if let tensor = description(of: name) { file.discardPages(in: tensor.byteRange) }
  }
}
