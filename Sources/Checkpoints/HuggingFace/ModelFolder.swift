import MartletJSON

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A folder as Hugging Face's `save_pretrained` writes it: weights with JSON files beside them.
struct ModelFolder {
  let path: String

  func path(of name: String) -> String { path.hasSuffix("/") ? path + name : "\(path)/\(name)" }

  func has(_ name: String) -> Bool { access(path(of: name), F_OK) == 0 }

  /// A JSON file's value; nil where there is no such file.
  func json(_ name: String) throws(CheckpointError) -> JSON? {
    // Not the conditional operator: its nil would become JSON's null.
    guard has(name) else { return nil }
    return try JSON.reading(MappedFile(path(of: name)))
  }

  /// A JSON file's members; nil where there is no such file.
  func members(_ name: String) throws(CheckpointError) -> JSONObject? {
    guard let value = try json(name) else { return nil }
    guard let members = value.objectValue else {
      throw .malformed(
        file: path(of: name), field: "line 1", offset: nil, problem: "it holds \(value.kind), not an object")
    }
    return members
  }

  /// A file's bytes; nil where there is no such file.
  func bytes(_ name: String) throws(CheckpointError) -> [UInt8]? {
    guard has(name) else { return nil }
    let file = try MappedFile(path(of: name))
    return try file.reading(0..<file.size) { (bytes) throws(CheckpointError) in Array(bytes) }
  }

  /// A text file's contents; nil where there is no such file.
  func text(_ name: String) throws(CheckpointError) -> String? {
    guard let bytes = try bytes(name) else { return nil }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw .malformed(file: path(of: name), field: "text", offset: nil, problem: "it is not UTF-8")
    }
    return text
  }

  /// The names of the files that end so, in order.
  func names(endingIn suffix: String) throws(CheckpointError) -> [String] {
    guard let directory = opendir(path) else { throw .system(path, "listing it") }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: Int(entry.pointee.d_reclen)) {
          String(cString: $0)
        }
      }
      if name.hasSuffix(suffix), !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }

  /// The weights: one safetensors file, or several with an index.
  func tensors() throws(CheckpointError) -> any TensorSource {
    let index = "model.safetensors.index.json"
    if has(index) { return try ShardedSafetensors(indexPath: path(of: index)) }
    let names = try names(endingIn: ".safetensors")
    if names.contains("model.safetensors") { return try SafetensorsFile(path: path(of: "model.safetensors")) }
    switch names.count {
    case 1: return try SafetensorsFile(path: path(of: names[0]))
    case 0 where has("pytorch_model.bin"):
      throw .unsupported(
        file: path, what: "Its weights are a Python pickle (pytorch_model.bin), which could run programs",
        advice: "Fetch or make the model.safetensors of the model.")
    case 0:
      throw .notFound(
        "\(path) has no model.safetensors", advice: "Name a folder with one, or a GGUF file.")
    default:
      throw .unsupported(
        file: path, what: "It has \(names.count) safetensors files and no model.safetensors.index.json",
        advice: "Fetch the index of the model too.")
    }
  }
}
