import MartletCheckpoints
import MartletJSON
import MartletTensors

extension ModelAdapter {
  /// The files of an adapter in peft's format.
  static let configurationFile = "adapter_config.json"
  static let weightsFile = "adapter_model.safetensors"

  /// Whether a folder holds an adapter in peft's format.
  public static func isAdapter(directory path: String) -> Bool {
    FileSystem.size("\(path)/\(configurationFile)") != nil
  }

  /// Reads a folder of peft's: `adapter_config.json` and `adapter_model.safetensors`, in float32, float16 or bfloat16.
  ///
  /// The paths are those of the file; ``fitted(to:)`` finds those of a model, and checks that the two belong together.
  /// - Throws: ``AdapterError`` where a file is missing or malformed, a setting changes the result and is not followed, a
  ///   tensor is of no known kind, lacks its pair, or holds a number that is not finite.
  public init(directory path: String, device: Device) throws(AdapterError) {
    let folder = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    try Self.checkPresence(folder)
    let (configuration, weights) = (
      "\(folder)/\(Self.configurationFile)", "\(folder)/\(Self.weightsFile)"
    )
    self.init(try Self.settings(configuration), factors: [:])
    let file = try Self.checked { () throws(CheckpointError) in try SafetensorsFile(path: weights) }
    try read(file, device: device)
    fingerprint = try Self.fingerprint(directory: folder)
  }

  /// Twelve hexadecimal digits that tell an adapter's files from others: the beginning of a SHA-256 over both.
  public static func fingerprint(directory path: String) throws(AdapterError) -> String {
    try checked { () throws(CheckpointError) in
      var digest = SHA256()
      for name in [configurationFile, weightsFile] {
        let hash = try SHA256.hexadecimal(ofFile: "\(path)/\(name)") {
          (_) throws(CheckpointError) in
        }
        Array(hash.utf8).withUnsafeBytes { digest.update($0) }
      }
      return String(digest.hexadecimal().prefix(12))
    }
  }

  /// The settings of a folder of peft's, without its matrices.
  public static func configuration(directory path: String) throws(AdapterError)
    -> AdapterConfiguration
  {
    try checkPresence(path)
    return try settings("\(path)/\(configurationFile)")
  }

  static func checked<T>(_ body: () throws(CheckpointError) -> T) throws(AdapterError) -> T {
    do throws(CheckpointError) { return try body() } catch { throw .file(error) }
  }

  private static func settings(_ path: String) throws(AdapterError) -> AdapterConfiguration {
    let json = try checked { () throws(CheckpointError) in try JSON.reading(MappedFile(path)) }
    guard let members = json.objectValue else {
      throw .file(
        .malformed(
          file: path, field: "line 1", offset: nil, problem: "it holds \(json.kind), not an object")
      )
    }
    return try AdapterConfiguration(members: members, file: path)
  }

  private static func checkPresence(_ folder: String) throws(AdapterError) {
    let isThere = FileSystem.isFolder(folder)
    func has(_ name: String) -> Bool { FileSystem.size("\(folder)/\(name)") != nil }
    if folder.hasSuffix(".gguf"), !isThere {
      throw .unsupported(
        "\(folder) is a GGUF file, and adapters are read from folders of peft's",
        advice: "Name the folder with adapter_config.json.")
    }
    guard isThere, has(configurationFile) else {
      throw .file(
        .notFound(
          isThere ? "\(folder) holds no \(configurationFile)" : "There is no folder \(folder)",
          advice:
            "Name the folder of an adapter in peft's format; ‘martlet adapter list’ finds some."))
    }
    guard has(weightsFile) else {
      if has("adapter_model.bin") {
        throw .unsupported(
          "\(folder) has its weights as a Python pickle (adapter_model.bin), which could run programs",
          advice: "Load it in peft, and save it with save_pretrained(…, safe_serialization=True).")
      }
      throw .file(
        .notFound(
          "\(folder) holds no \(weightsFile)", advice: "Fetch the whole folder of the adapter."))
    }
  }

  /// What a tensor's name says it is.
  private enum Role {
    case a(String)
    case b(String)
    case weight(String)

    init?(_ name: String) {
      let prefix = "base_model.model."
      let name = name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name
      func stem(_ suffix: String) -> String? {
        name.hasSuffix(suffix) ? String(name.dropLast(suffix.count)) : nil
      }
      if let path = stem(".lora_A.weight") ?? stem(".lora_embedding_A") {
        self = .a(path)
      } else if let path = stem(".lora_B.weight") ?? stem(".lora_embedding_B") {
        self = .b(path)
      } else if name.contains("lora_") {
        return nil
      } else if let path = stem(".base_layer.weight") {
        self = .weight(path + ".weight")
      } else if let path = stem(".base_layer.bias") {
        self = .weight(path + ".bias")
      } else if name.hasSuffix(".weight") || name.hasSuffix(".bias") {
        self = .weight(name)
      } else {
        return nil
      }
    }
  }

  private mutating func read(_ file: SafetensorsFile, device: Device) throws(AdapterError) {
    var (a, b): ([String: Tensor], [String: Tensor]) = ([:], [:])
    var unused = file.unreadableTensors.map { "\($0.key) (of type \($0.value))" }.sorted()
    for description in file.tensors {
      guard let role = Role(description.name), (1...2).contains(description.shape.count) else {
        unused.append(description.name)
        continue
      }
      let tensor = try Self.tensor(description, in: file, device: device)
      switch role {
      case .a(let path): a[path] = tensor
      case .b(let path): b[path] = tensor
      case .weight(let name): savedWeights[name] = tensor
      }
    }
    let unfilled =
      b.keys.filter { a[$0] == nil }.map { "\($0) (A)" }
      + a.keys.filter { b[$0] == nil }.map { "\($0) (B)" }
    guard unused.isEmpty, unfilled.isEmpty, !(a.isEmpty && savedWeights.isEmpty) else {
      throw .incomplete(
        file: file.path, unused: unused,
        unfilled: a.isEmpty && savedWeights.isEmpty
          ? ["all: the file has no matrices"] : unfilled.sorted())
    }
    for (path, a) in a {
      guard let b = b[path] else { continue }
      guard a.rows == b.columns else {
        throw .unexpectedShape(
          tensor: "\(path): B", expected: [b.rows, a.rows], found: [b.rows, b.columns])
      }
      factors[path] = Factors(a: a, b: b)
    }
  }

  private static func tensor(
    _ description: TensorDescription, in file: SafetensorsFile, device: Device
  ) throws(AdapterError) -> Tensor {
    let columns = description.shape.last ?? 0
    let rows = description.shape.count > 1 ? description.shape[0] : 1
    let tensor: Tensor
    do {
      tensor = try file.withBytes(of: description.name) { bytes in
        try Tensor(
          vectorOf: rows * columns, format: description.format, bytes: bytes, device: device)
      }
    } catch {
      throw .file(
        .malformed(
          file: file.path, field: "tensor \(description.name)", offset: nil, problem: "\(error)"))
    }
    guard tensor.values.allSatisfy(\.isFinite) else { throw .notFinite(tensor: description.name) }
    return tensor.reshaped(rows: rows, columns: columns)
  }
}
