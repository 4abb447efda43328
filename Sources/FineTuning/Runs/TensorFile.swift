import MartletCheckpoints
import MartletJSON
import MartletTensors

/// Float32 tensors in a safetensors file, which appears under its name once it is whole and on the disk: what was there
/// before stays until then, whatever happens.
enum TensorFile {
  /// A tensor as a file names it.
  struct Entry {
    let name: String
    /// Its sizes; the file's are those of the checkpoint, where a vector has one.
    let shape: [Int]
    let values: Tensor
  }

  /// Writes a file.
  /// - Parameter metadata: Further members of `__metadata__`, all of them texts.
  static func write(
    _ entries: [Entry], metadata: KeyValuePairs<String, String> = [:], to path: String
  ) throws(TrainingError) {
    do throws(CheckpointError) {
      try NewFile.write(path) { (file) throws(CheckpointError) in
        try file.write(header(entries, metadata))
        for entry in entries {
          try file.write(entry.values.values.withUnsafeBytes { Array($0) })
        }
      }
    } catch { throw .file(error) }
  }

  private static func header(_ entries: [Entry], _ metadata: KeyValuePairs<String, String>) -> [UInt8] {
    // Without "pt" transformers refuses a file.
    var facts: JSONObject = ["format": "pt"]
    for (key, value) in metadata { facts[key] = .string(value) }
    var header: JSONObject = ["__metadata__": .object(facts)]
    var offset = 0
    for entry in entries {
      let end = offset + 4 * entry.values.rows * entry.values.columns
      header[entry.name] = [
        "dtype": "F32", "shape": .array(entry.shape.map { JSON($0) }),
        "data_offsets": .array([JSON(offset), JSON(end)]),
      ]
      offset = end
    }
    var json = Array(JSON.object(header).serialized().utf8)
    json += [UInt8](repeating: 0x20, count: (8 - json.count % 8) % 8)
    return withUnsafeBytes(of: UInt64(json.count).littleEndian) { Array($0) } + json
  }

  /// A file's tensors and the texts of its `__metadata__`.
  static func read(
    _ path: String, device: Device
  ) throws(TrainingError) -> (tensors: [String: Tensor], metadata: JSONObject) {
    do {
      let file = try SafetensorsFile(path: path)
      var tensors: [String: Tensor] = [:]
      for description in file.tensors {
        guard description.format == .float32 else {
          throw CheckpointError.malformed(
            file: path, field: "tensor \(description.name)", offset: nil,
            problem: "it is \(description.format.rawValue), and a run keeps float32")
        }
        let columns = description.shape.last ?? 1
        tensors[description.name] = try file.withBytes(of: description.name) { bytes in
          try Tensor(
            (0..<description.elementCount).map {
              bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self)
            }, rows: columns == 0 ? 0 : description.elementCount / columns, columns: columns, device: device)
        }
      }
      return (tensors, file.metadata)
    } catch let error as CheckpointError {
      throw .file(error)
    } catch {
      throw .file(.malformed(file: path, field: "tensors", offset: nil, problem: "\(error)"))
    }
  }
}

/// A file that appears under its name once it is whole and on the disk.
enum NewFile {
  /// Writes beside the file's place, then moves there.
  static func write(
    _ path: String, _ body: (inout OutputFile) throws(CheckpointError) -> Void
  ) throws(CheckpointError) {
    let partial = path + ".partial"
    do throws(CheckpointError) {
      try writeWhole(partial, shownAs: path, body)
      try FileSystem.synchronize(partial)
      try FileSystem.rename(partial, to: path)
    } catch {
      try? FileSystem.remove(partial)
      throw error
    }
    try FileSystem.synchronize(folder(of: path))
  }

  private static func writeWhole(
    _ partial: String, shownAs path: String, _ body: (inout OutputFile) throws(CheckpointError) -> Void
  ) throws(CheckpointError) {
    var file = try OutputFile(partial, shownPath: path)
    try body(&file)
  }

  /// Writes a text.
  static func write(_ text: String, to path: String) throws(CheckpointError) {
    try write(path) { (file) throws(CheckpointError) in try file.write(Array(text.utf8)) }
  }

  /// The folder that a file lies in.
  static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
