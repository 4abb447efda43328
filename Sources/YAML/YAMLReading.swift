import MartletJSON

extension JSON {
  /// Reads one YAML document as a JSON value; a text without content is `null`.
  ///
  /// ```swift
  /// let task = try JSON(parsingYAML: "task: sums\nquestions: [{question: 2+2=?, number: 4}]")
  /// let answer = task["questions"]?[0]?["number"]?.intValue  // 4
  /// ```
  ///
  /// Plain scalars follow the core schema of YAML 1.2.2 (https://yaml.org/spec/1.2.2/#103-core-schema): `yes`, `no`, `on`
  /// and `off` are strings.
  ///
  /// - Throws: ``YAMLError`` with line and column, also for what has no place in a JSON value: duplicate keys, merge keys,
  ///   tags beyond plain data, `.inf` and `.nan`.
  public init(parsingYAML text: String, limits: YAMLLimits = YAMLLimits()) throws(YAMLError) {
    try self.init(parsingYAML: Array(text.utf8), limits: limits)
  }

  /// Reads one YAML document from UTF-8 bytes, as ``init(parsingYAML:limits:)-(String,_)`` does from a text.
  ///
  /// - Throws: ``YAMLError``.
  public init(parsingYAML bytes: [UInt8], limits: YAMLLimits = YAMLLimits()) throws(YAMLError) {
    // libyaml takes a byte order mark only where it guesses the encoding.
    let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
    guard !text.isEmpty else {
      self = .null
      return
    }
    let result = text.withUnsafeBufferPointer { input in
      Result { () throws(YAMLError) in
        let events = try YAMLEvents(input)
        var composer = YAMLComposer(events: events, limits: limits)
        return try composer.composeDocument()
      }
    }
    self = try result.get()
  }
}
