import MartletJSON

extension JSON {
  /// The value that a file holds.
  /// - Throws: ``CheckpointError`` that says where the text is no JSON.
  package static func reading(_ file: MappedFile) throws(CheckpointError) -> JSON {
    try file.reading(0..<file.size) { (bytes) throws(CheckpointError) in
      do throws(JSONError) { return try JSON(parsing: bytes) } catch {
        throw .malformed(
          file: file.path, field: "line \(error.line)", offset: error.byteOffset,
          problem: "it is no JSON: \(error.problem)")
      }
    }
  }
}
