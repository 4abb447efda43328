import MartletCRE2

/// A pattern in RE2's syntax, compiled. Matching takes time in proportion to the text, whatever the pattern.
public struct RegularExpression: Sendable, Equatable {
  /// The pattern as it was given.
  public let pattern: String
  private let compiled: CompiledPattern

  /// Compiles a pattern.
  ///
  /// - Throws: Where it is not valid, has what RE2 does not (looking around, references back), or is too large.
  public init(_ pattern: String) throws(FilterError) {
    self.pattern = pattern
    do { compiled = try CompiledPattern(pattern) } catch { throw FilterError(error.description) }
  }

  /// Whether some part of the text matches.
  public func matches(_ text: String) -> Bool {
    var text = text
    return text.withUTF8 { compiled.matches($0) }
  }

  /// Equal patterns match alike.
  public static func == (left: RegularExpression, right: RegularExpression) -> Bool {
    left.pattern.utf8.elementsEqual(right.pattern.utf8)
  }
}

/// Why a pattern is none.
struct PatternError: Error, CustomStringConvertible {
  let description: String
}

/// A pattern of RE2's. It never changes, so that any number of threads can match with it.
final class CompiledPattern: @unchecked Sendable {
  /// More than this neither the program of a pattern nor what is remembered while matching may take.
  static let mostBytes: Int64 = 8 << 20
  private let regex: OpaquePointer

  init(_ pattern: String) throws(PatternError) {
    var pattern = pattern
    let result = pattern.withUTF8 { Self.compile($0) }
    regex = try result.get()
  }

  deinit { martlet_regex_free(regex) }

  func matches(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    text.withMemoryRebound(to: CChar.self) { martlet_regex_matches(regex, $0.baseAddress, $0.count) }
  }

  private static func compile(_ pattern: UnsafeBufferPointer<UInt8>) -> Result<OpaquePointer, PatternError> {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 300) { message in
      let regex = pattern.withMemoryRebound(to: CChar.self) {
        martlet_regex_compile($0.baseAddress, $0.count, mostBytes, message.baseAddress, message.count)
      }
      if let regex { return .success(regex) }
      let bytes = message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
      let reason = String(decoding: bytes, as: UTF8.self)
      return .failure(PatternError(description: "the pattern cannot be used: \(reason)"))
    }
  }
}
