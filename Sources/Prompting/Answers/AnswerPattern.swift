import MartletCRE2

/// A regular expression with the meaning that it has in Python's `re`, carried out by RE2, which takes time in proportion
/// to the text whatever the pattern.
///
/// `\d`, `\w` and `\s` know all of Unicode and `$` matches before a final line break, as in Python. What RE2 does not have
/// (looking around, references back), and a `$` that is not at the end, is an error. `\b` knows ASCII only.
public struct AnswerPattern: Sendable {
  /// The pattern as it was given.
  public let pattern: String
  private let compiled: CompiledAnswerPattern
  /// Whether the last group stands for `$`, and is no part of the match.
  private let endsWithDollar: Bool

  /// Reads a pattern.
  /// - Throws: ``AnswerPatternError`` where it is not valid, or has what is not supported.
  public init(_ pattern: String) throws(AnswerPatternError) {
    self.pattern = pattern
    let (text, endsWithDollar) = try PythonPattern.translated(pattern)
    self.endsWithDollar = endsWithDollar
    compiled = try CompiledAnswerPattern(text, shown: pattern)
  }

  /// Where one match is, in bytes of UTF-8: the whole, and each group, nil where it takes no part.
  package struct Match {
    package let whole: Range<Int>
    package let groups: [Range<Int>?]
  }

  /// Whether some part of the text matches.
  public func matches(_ text: String) -> Bool {
    compiled.find(in: Array(text.utf8), from: 0) != nil
  }

  /// The matches from left to right that do not overlap.
  package func matches(in bytes: [UInt8]) -> [Match] {
    var matches: [Match] = []
    var start = 0
    while start <= bytes.count, let spans = compiled.find(in: bytes, from: start), let whole = spans[0] {
      var end = whole.upperBound
      if endsWithDollar, let dollar = spans[spans.count - 1] { end = dollar.lowerBound }
      let groups = endsWithDollar ? spans[1..<(spans.count - 1)] : spans[1...]
      matches.append(Match(whole: whole.lowerBound..<end, groups: Array(groups)))
      // After an empty match goes on behind the next character.
      start = end
      if whole.lowerBound == end {
        start += 1
        while start < bytes.count, bytes[start] & 0xC0 == 0x80 { start += 1 }
      }
    }
    return matches
  }

  /// What `re.findall` gives: for each match all its groups, or the whole where the pattern has none.
  package func findAll(in text: String) -> [[String]] {
    let bytes = Array(text.utf8)
    func part(_ range: Range<Int>?) -> String {
      range.map { String(decoding: bytes[$0], as: UTF8.self) } ?? ""
    }
    return matches(in: bytes).map { $0.groups.isEmpty ? [part($0.whole)] : $0.groups.map(part) }
  }

  /// The text without what matches.
  package func removing(from text: String) -> String {
    let bytes = Array(text.utf8)
    var result: [UInt8] = []
    var end = 0
    for match in matches(in: bytes) {
      result += bytes[end..<match.whole.lowerBound]
      end = match.whole.upperBound
    }
    return String(decoding: result + bytes[end...], as: UTF8.self)
  }
}

/// Why a regular expression cannot be used.
public struct AnswerPatternError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What was wrong, in words.
  public let description: String
}

/// A pattern of RE2's. It never changes, so that any number of threads can match with it.
private final class CompiledAnswerPattern: @unchecked Sendable {
  /// More than this neither the program of a pattern nor what is remembered while matching may take.
  static let mostBytes: Int64 = 8 << 20
  private let regex: OpaquePointer
  private let spanCount: Int

  init(_ pattern: String, shown: String) throws(AnswerPatternError) {
    var pattern = pattern
    let result: Result<OpaquePointer, AnswerPatternError> = pattern.withUTF8 { bytes in
      withUnsafeTemporaryAllocation(of: CChar.self, capacity: 300) { message in
        let regex = bytes.withMemoryRebound(to: CChar.self) {
          martlet_regex_compile_capturing(
            $0.baseAddress, $0.count, Self.mostBytes, message.baseAddress, message.count)
        }
        if let regex { return .success(regex) }
        let reason = String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return .failure(
          AnswerPatternError(description: "the pattern \(JSONText.quoted(shown)) cannot be used: \(reason)"))
      }
    }
    regex = try result.get()
    spanCount = martlet_regex_group_count(regex) + 1
  }

  deinit { martlet_regex_free(regex) }

  /// The first match at or after `start`: the whole, then the groups.
  func find(in bytes: [UInt8], from start: Int) -> [Range<Int>?]? {
    var spans = [Int64](repeating: -1, count: 2 * spanCount)
    let found = bytes.withUnsafeBytes { text in
      // An empty array may have no address, and a match without one would look like none.
      let address = text.baseAddress?.assumingMemoryBound(to: CChar.self)
      return withUnsafePointer(to: CChar(0)) { nothing in
        martlet_regex_find(regex, address ?? nothing, bytes.count, start, &spans, spanCount)
      }
    }
    guard found else { return nil }
    return (0..<spanCount).map { spans[2 * $0] < 0 ? nil : Int(spans[2 * $0])..<Int(spans[2 * $0 + 1]) }
  }
}
