import MartletJSON

/// The code in doc comments of the module, which lint compares with these lines: it compiles.
private enum DocCommentExamples {
  static func value() throws -> Int? {
    let value = try JSON(parsing: #"{"layers": 30, "tied": true}"#)
    let layers = value["layers"]?.intValue
    return layers
  }

  static func reader() throws -> [Double] {
    var reader = try JSONReader(Array(#"{"vector": [0.5, 2]}"#.utf8))
    var vector: [Double] = []
    try reader.readMembers { key, reader in try reader.readElements { vector.append(try $0.readDouble()) } }
    try reader.readEnd()
    return vector
  }
}
