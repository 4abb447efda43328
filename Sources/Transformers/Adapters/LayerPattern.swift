import MartletCRE2

/// A regular expression for the paths of layers, in the syntax that Python's `re` and RE2 share. Looking around and
/// references back are errors.
struct LayerPattern {
  private let compiled: CompiledLayerPattern

  /// A pattern that a path as a whole is to match, as `re.fullmatch` does.
  init(whole pattern: String) throws(AdapterError) {
    compiled = try CompiledLayerPattern("\\A(?:\(pattern))\\z", shown: pattern)
  }

  /// A pattern that a path is to end in, after a dot or from its beginning on.
  init(endingIn pattern: String) throws(AdapterError) {
    compiled = try CompiledLayerPattern("\\A(?:.*\\.)?(?:\(pattern))\\z", shown: pattern)
  }

  /// A pattern for what stands between dots, of which the last is followed by a block's number; nil for any segment.
  init(beforeBlockNumber pattern: String?) throws(AdapterError) {
    compiled =
      if let pattern {
        try CompiledLayerPattern("\\A(?:.*?\\.)??(?:\(pattern))\\.(\\d+)\\.", shown: pattern)
      } else {
        try CompiledLayerPattern("\\A.*?\\.[^.]*\\.(\\d+)\\.", shown: "")
      }
  }

  /// A pattern for a module and all that is in it.
  init(module pattern: String) throws(AdapterError) {
    compiled = try CompiledLayerPattern("\\A(?:.*\\.)?(?:\(pattern))(?:\\z|\\.)", shown: pattern)
  }

  func matches(_ path: String) -> Bool { compiled.lastGroup(in: path) != nil }

  /// The number that the last group of the pattern matches.
  func number(in path: String) -> Int? { compiled.lastGroup(in: path).flatMap { Int($0) } }
}

/// A pattern of RE2's. It never changes, so that any number of threads can match with it.
private final class CompiledLayerPattern: @unchecked Sendable {
  private static let mostBytes: Int64 = 8 << 20
  private let regex: OpaquePointer
  private let groups: Int

  init(_ pattern: String, shown: String) throws(AdapterError) {
    var message = [CChar](repeating: 0, count: 300)
    var text = pattern
    let regex = text.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) { bytes in
        message.withUnsafeMutableBufferPointer {
          martlet_regex_compile_capturing(
            bytes.baseAddress, bytes.count, Self.mostBytes, $0.baseAddress, $0.count)
        }
      }
    }
    guard let regex else {
      let bytes = message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
      throw .invalidPattern(shown, problem: String(decoding: bytes, as: UTF8.self))
    }
    self.regex = regex
    groups = Int(martlet_regex_group_count(regex))
  }

  deinit { martlet_regex_free(regex) }

  /// What the last group matches, or the whole where the pattern has none; nil where the pattern does not match, and
  /// empty where the group takes no part.
  func lastGroup(in text: String) -> String? {
    var text = text
    return text.withUTF8 { bytes -> String? in
      var spans = [Int64](repeating: -1, count: 2 * (groups + 1))
      let found = bytes.withMemoryRebound(to: CChar.self) { bytes in
        spans.withUnsafeMutableBufferPointer {
          martlet_regex_find(regex, bytes.baseAddress, bytes.count, 0, $0.baseAddress, groups + 1)
        }
      }
      guard found else { return nil }
      let (begin, end) = (Int(spans[2 * groups]), Int(spans[2 * groups + 1]))
      guard begin >= 0, end <= bytes.count, begin <= end else { return "" }
      return String(decoding: bytes[begin..<end], as: UTF8.self)
    }
  }
}
