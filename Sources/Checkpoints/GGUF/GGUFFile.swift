import MartletTensors

/// A GGUF file, version 2 or 3, mapped into memory (ggml-org/ggml, `docs/gguf.md`).
///
/// Opening it checks every count, length, offset and dimension; string arrays are decoded when they are asked for. It may
/// be one part of a split model, and then has that part's tensors; ``Checkpoint`` joins the parts.
public struct GGUFFile: TensorSource {
  /// The path, as it was given.
  public var path: String { file.path }
  /// The format's version: 2 or 3.
  public let version: Int
  /// The keys and values.
  public let metadata: GGUFMetadata
  /// The tensors under the names that the file gives them.
  public let tensors: [TensorDescription]

  let file: MappedFile
  private let indices: [String: Int]

  /// Opens a file.
  /// - Throws: ``CheckpointError`` that names the field and its byte where the file is malformed, the type where a
  ///   tensor's type is not read.
  public init(path: String) throws(CheckpointError) {
    try self.init(MappedFile(path))
  }

  init(_ file: MappedFile) throws(CheckpointError) {
    self.file = file
    (version, metadata, tensors) = try file.reading(0..<file.size) { (bytes) throws(CheckpointError) in
      try Self.parse(bytes, file: file)
    }
    indices = Dictionary(uniqueKeysWithValues: tensors.enumerated().map { ($1.name, $0) })
  }

  /// The name of the model's architecture: `general.architecture`.
  public func architecture() throws(CheckpointError) -> String {
    guard let name = try metadata.string("general.architecture") else {
      throw .malformed(
        file: path, field: "general.architecture", offset: nil,
        problem: "the key is missing, so nobody knows what model this is")
    }
    return name
  }

  /// The tensor with this name, or nil.
  public func description(of name: String) -> TensorDescription? { indices[name].map { tensors[$0] } }

  /// Calls `body` with a tensor's bytes, valid only during the call.
  public func withBytes<R>(of name: String, _ body: (UnsafeRawBufferPointer) throws -> R) throws -> R {
    guard let tensor = description(of: name) else { throw CheckpointError.noTensor(name, file: path) }
    return try file.withBytes(in: tensor.byteRange, body)
  }

  /// Lets go of the memory of the tensor's pages.
  public func discardPages(of name: String) {
    if let tensor = description(of: name) { file.discardPages(in: tensor.byteRange) }
  }
}

extension CheckpointError {
  static func noTensor(_ name: String, file: String) -> CheckpointError {
    .malformed(file: file, field: "tensor \(name)", offset: nil, problem: "the file has no such tensor")
  }
}

extension GGUFFile {
  private typealias Contents = (Int, GGUFMetadata, [TensorDescription])

  private static func parse(
    _ bytes: UnsafeRawBufferPointer, file: MappedFile
  ) throws(CheckpointError) -> Contents {
    var cursor = GGUFCursor(bytes: bytes, file: file.path)
    let version = try readVersion(&cursor)
    // A tensor's info takes at least 32 bytes, a pair of key and value at least 13.
    let tensorCount = try cursor.readCount(bytesEach: 32, "tensor count")
    let pairCount = try cursor.readCount(bytesEach: 13, "metadata count")
    let metadata = try cursor.readMetadata(count: pairCount, file: file)
    let alignment = try alignment(metadata, file: file.path)
    let infos = try cursor.readTensorInfos(count: tensorCount)
    let placement = GGUFTensorPlacement(
      file: file.path, fileSize: bytes.count,
      dataStart: (cursor.offset + alignment - 1) / alignment * alignment, alignment: alignment)
    let ranges = try placement.byteRanges(infos)
    let tensors = zip(infos, ranges).map { info, range in
      TensorDescription(
        name: info.name, shape: info.dimensions.reversed(), format: info.format, byteRange: range)
    }
    return (version, metadata, tensors)
  }

  private static func readVersion(_ cursor: inout GGUFCursor) throws(CheckpointError) -> Int {
    let magic = try cursor.read(UInt32.self, "magic")
    guard magic == 0x4655_4747 else {
      throw cursor.malformed("magic", "the file does not begin with \"GGUF\", so it is no GGUF file", at: 0)
    }
    let version = try cursor.read(UInt32.self, "version")
    switch version {
    case 2, 3: return Int(version)
    case 1:
      throw .unsupported(
        file: cursor.file, what: "It is of GGUF version 1", advice: "Fetch a newer file of the model.")
    case _ where version & 0xFFFF == 0 && version != 0:
      throw .unsupported(
        file: cursor.file, what: "It is written for big-endian machines",
        advice: "Fetch the little-endian file of the model.")
    default:
      throw cursor.malformed("version", "versions 2 and 3 are read, and this is \(version)", at: 4)
    }
  }

  private static func alignment(_ metadata: GGUFMetadata, file: String) throws(CheckpointError) -> Int {
    guard let alignment = try metadata.integer("general.alignment") else { return 32 }
    guard alignment > 0, alignment <= 1 << 30, alignment & (alignment - 1) == 0 else {
      throw .malformed(
        file: file, field: "general.alignment", offset: nil,
        problem: "\(alignment) is no power of two up to 2^30")
    }
    return alignment
  }
}
