import MartletTensors

/// Writes hidden states in NumPy's format (`.npy`, version 1.0), float32.
extension HiddenStates {
  /// Writes a file for `numpy.load`: (layers, tokens, width), or (tokens, width) where there is one layer.
  /// - Parameters:
  ///   - path: Where it will be.
  ///   - replaces: Whether it may take the place of a file that is there.
  /// - Throws: ``NewFileError``.
  public func writeNumPy(to path: String, replaces: Bool) throws(NewFileError) {
    var file = try NewFile(path, replaces: replaces)
    let sizes = (layers.count == 1 ? [] : [layers.count]) + [text.tokens.count, width]
    try Self.append(NumPyHeader.bytes(sizes), to: &file)
    for layer in layers {
      // Numbers lie in memory as in the file on all processors that Martlet runs on: little-endian.
      for row in 0..<layer.states.rows { try Self.append(layer.states[row: row], to: &file) }
    }
    try file.finish()
  }

  private static func append<Value: BitwiseCopyable>(
    _ values: [Value], to file: inout NewFile
  ) throws(NewFileError) {
    let result = values.withUnsafeBytes { bytes -> Result<Void, NewFileError> in
      Result { () throws(NewFileError) in try file.append(bytes) }
    }
    try result.get()
  }
}

/// The header of a NumPy file.
enum NumPyHeader {
  /// Magic, version, the header's length, and a Python dictionary that ends with a line feed at a multiple of 64 bytes
  /// (numpy/lib/_format_impl.py).
  static func bytes(_ sizes: [Int]) -> [UInt8] {
    let shape = sizes.map(String.init).joined(separator: ", ")
    let text = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(shape)), }"
    let padding = String(repeating: " ", count: 63 - (10 + text.utf8.count) % 64)
    let dictionary = Array((text + padding + "\n").utf8)
    let count = UInt16(dictionary.count)
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(count & 0xFF), UInt8(count >> 8)] + dictionary
  }
}
