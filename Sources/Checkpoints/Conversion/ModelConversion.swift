import MartletTensors

/// A model on its way from files of one kind into files of another, or into another type.
///
/// ``init(of:to:options:)`` decides everything: what each tensor becomes, and whether the new files can say all that the
/// old ones say. ``run(device:progress:)`` then writes, tensor by tensor, beside the place where the result is to be,
/// and moves it there when it is whole.
public struct ModelConversion: Sendable {
  /// What is asked for.
  public struct Options: Sendable {
    /// How tensors are to be stored; nil keeps their types where the new files can hold them.
    public var scheme: QuantizationScheme?
    /// Whether every matrix gets the scheme's own type, and none more bits.
    public var isPure = false
    /// Whether tensors that are quantized may be quantized again.
    public var allowsRequantizing = false
    /// Whether the tokenizer goes with the weights; the target format may not be able to express it.
    public var keepsTokenizer = true
    /// Whether what is at the path may be replaced.
    public var replaces = false
    /// Changes that are made to weights on the way: an adapter's.
    public var updates = Updates()

    /// Options: types are kept, nothing is quantized twice or replaced.
    public init(scheme: QuantizationScheme? = nil) { self.scheme = scheme }
  }

  /// What becomes of a tensor.
  public struct TensorReport: Sendable, Equatable {
    /// Its name in the new files.
    public let name: String
    /// Its sizes in PyTorch's order.
    public let shape: [Int]
    /// The type that the model has it in.
    public let from: StorageFormat
    /// The type that it is written in.
    public let to: StorageFormat
    /// The type that it would have, if its rows were whole blocks of that.
    public let wanted: StorageFormat?
    /// The bytes that it takes in the new files.
    public let byteCount: Int
  }

  /// Where the model is.
  public let source: String
  /// Where the result is to be.
  public let target: String
  /// What kind of files are written.
  public let kind: Checkpoint.Kind
  /// What becomes of each tensor, in the order of the new files.
  public let tensors: [TensorReport]
  /// What the new files do not say and the old ones do, and the like: a sentence each.
  public let warnings: [String]
  /// The bytes of all tensors before.
  public let byteCountBefore: Int
  /// The bytes of all tensors after.
  public var byteCount: Int { tensors.reduce(0) { $0 + $1.byteCount } }

  let contents: ConvertedModel
  private let tensorSource: any TensorSource
  private let replaces: Bool

  /// Plans a conversion.
  /// - Parameters:
  ///   - checkpoint: The model.
  ///   - path: Where the result is to be: a GGUF file where the name ends in `.gguf`, else a folder.
  ///   - options: What is asked for.
  /// - Throws: ``ConversionError`` where that cannot be had, ``CheckpointError`` where the files cannot be read or say
  ///   what the new ones cannot.
  public init(of checkpoint: Checkpoint, to path: String, options: Options = Options()) throws {
    source = checkpoint.path
    target = path
    replaces = options.replaces
    kind = path.hasSuffix(".gguf") ? .gguf : .huggingFace
    guard !FileSystem.isSame(checkpoint.path, path) else { throw ConversionError.sameFile(path: path) }
    // Whether there is room for the result is known before any work is done.
    _ = try PendingOutput(path: path, isFolder: kind == .huggingFace, replaces: replaces)
    switch (checkpoint.kind, kind) {
    case (.gguf, .gguf):
      let file = try GGUFModel(GGUFFile(path: checkpoint.path))
      contents = try ConvertedModel(gguf: file, options: options).updated(options, of: checkpoint)
      tensorSource = file
    case (.huggingFace, .gguf):
      contents = try ConvertedModel(folder: checkpoint, options: options).updated(options, of: checkpoint)
      tensorSource = checkpoint.tensors
    case (.gguf, .huggingFace):
      contents = try ConvertedModel(folderOf: checkpoint, path: path, options: options)
        .updated(options, of: checkpoint)
      tensorSource = checkpoint.tensors
    case (.huggingFace, .huggingFace):
      guard !options.updates.isEmpty else { throw ConversionError.sameKind(path: path) }
      contents = try ConvertedModel(copyOf: checkpoint, path: path, options: options)
        .updated(options, of: checkpoint)
      tensorSource = checkpoint.tensors
    }
    byteCountBefore = tensorSource.weightBytes
    let incomplete = checkpoint.tensors.unevenLayers
    // Of architectures that are known all layers are alike.
    if let first = incomplete.first, (try? ArchitectureNames(of: checkpoint)) != nil {
      throw CheckpointError.malformed(
        file: checkpoint.path, field: "tensors", offset: nil, problem: String(first.dropLast()))
    }
    warnings = contents.warnings + incomplete
    tensors = contents.tensors.map {
      TensorReport(
        name: $0.name, shape: $0.shape, from: $0.sourceFormat, to: $0.format, wanted: $0.wanted,
        byteCount: $0.byteCount)
    }
  }

  /// Writes the result.
  /// - Parameters:
  ///   - device: What decodes and rounds.
  ///   - progress: Called with the bytes that are written and those that will be.
  /// - Returns: What rounding did to the weights that ``Options/updates`` changes.
  /// - Throws: ``CheckpointError`` where reading or writing fails, and `CancellationError` where the task is cancelled;
  ///   nothing is left behind then.
  @discardableResult
  public func run(
    device: Device, progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) throws -> [RoundingCost] {
    let output = try PendingOutput(path: target, isFolder: kind == .huggingFace, replaces: replaces)
    let ledger = RoundingLedger()
    let writer = TensorWriter(tensors: tensorSource, device: device, path: source, ledger: ledger)
    let total = byteCount
    var done = 0
    func count(_ bytes: Int) {
      done += bytes
      progress(done, total)
    }
    switch kind {
    case .gguf: try writeGGUF(output.temporaryPath, writer, count)
    case .huggingFace: try writeFolder(output.temporaryPath, writer, count)
    }
    try output.finish()
    return ledger.costs
  }

  private func writeGGUF(_ path: String, _ writer: TensorWriter, _ count: (Int) -> Void) throws {
    var header = contents.header
    header.tensors = contents.tensors.map { .init(name: $0.name, shape: $0.shape, format: $0.format) }
    var file = try OutputFile(path, shownPath: target)
    try header.bytes.withUnsafeBytes { try file.write($0) }
    let zeros = [UInt8](repeating: 0, count: GGUFHeader.alignment)
    for (tensor, written) in zip(contents.tensors, header.tensors) {
      try writer.write(tensor) {
        try file.write($0)
        count($0.count)
      }
      try zeros.prefix(header.padding(after: written)).withUnsafeBytes { try file.write($0) }
    }
  }

  private func writeFolder(_ path: String, _ writer: TensorWriter, _ count: (Int) -> Void) throws {
    for file in contents.files {
      if let slash = file.name.lastIndex(of: "/") {
        try FileSystem.makeFolder("\(path)/\(file.name[..<slash])")
      }
      try OutputFile.write(file.text, to: "\(path)/\(file.name)")
    }
    for copy in contents.copies { try FileSystem.copy(copy.source, to: "\(path)/\(copy.name)") }
    let header = SafetensorsHeader.bytes(
      contents.tensors.map { (name: $0.name, format: $0.format, shape: $0.shape, byteCount: $0.byteCount) })
    var file = try OutputFile("\(path)/model.safetensors", shownPath: "\(target)/model.safetensors")
    try header.withUnsafeBytes { try file.write($0) }
    for tensor in contents.tensors {
      try writer.write(tensor) {
        try file.write($0)
        count($0.count)
      }
    }
  }
}

/// All that is to be written.
struct ConvertedModel: Sendable {
  /// A file of a folder that is no safetensors file.
  struct File: Sendable {
    var name: String
    var text: String
  }

  var tensors: [TensorConversion] = []
  /// Of a GGUF file: its metadata.
  var header = GGUFHeader()
  /// Of a folder: the files beside the weights.
  var files: [File] = []
  /// Of a folder: the files that are copied.
  var copies: [(source: String, name: String)] = []
  var warnings: [String] = []

  init() {}

  /// The same with the changes that the options ask for.
  func updated(_ options: ModelConversion.Options, of checkpoint: Checkpoint) throws -> ConvertedModel {
    guard !options.updates.isEmpty else { return self }
    var updated = self
    try updated.apply(options.updates, of: checkpoint)
    return updated
  }
}
