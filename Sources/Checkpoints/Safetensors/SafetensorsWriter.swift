import MartletTensors

/// Writes a safetensors file of float32 tensors, which appears at its place once it is whole.
package enum SafetensorsWriter {
  /// A tensor that is to be written.
  package struct Entry {
    package let name: String
    package let shape: [Int]
    /// Its values, asked for when they are written.
    package let values: () -> [Float]

    package init(name: String, shape: [Int], values: @escaping () -> [Float]) {
      (self.name, self.shape, self.values) = (name, shape, values)
    }
  }

  /// Writes the tensors in this order. What was at `path` stays until the new file has reached the disk.
  /// - Throws: ``CheckpointError`` where writing fails; nothing is left behind then.
  package static func write(_ tensors: [Entry], to path: String) throws(CheckpointError) {
    let header = SafetensorsHeader.bytes(
      tensors.map {
        (name: $0.name, format: .float32, shape: $0.shape, byteCount: 4 * $0.shape.reduce(1, *))
      })
    try FileSystem.replaceFile(path) { (file) throws(CheckpointError) in
      try file.write(header)
      for tensor in tensors {
        let values = tensor.values()
        var failure: CheckpointError?
        values.withUnsafeBytes { bytes in
          do throws(CheckpointError) { try file.write(bytes) } catch { failure = error }
        }
        if let failure { throw failure }
      }
    }
  }
}

extension FileSystem {
  /// Writes a file beside its place and moves it there when it has reached the disk, so that there is always the old
  /// content or the new.
  package static func replaceFile(
    _ path: String, _ write: (inout OutputFile) throws(CheckpointError) -> Void
  ) throws(CheckpointError) {
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    let name = path.dropFirst(folder.count)
    let temporary = "\(folder).\(name).\(processID).partial"
    do throws(CheckpointError) {
      do {
        var file = try OutputFile(temporary, shownPath: path)
        try write(&file)
      }
      try synchronize(temporary)
      try rename(temporary, to: path)
    } catch {
      try? remove(temporary)
      throw error
    }
    try synchronize(folder.isEmpty ? "." : folder)
  }
}
