#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Numbers in C's formats.
enum FormattedNumber {
  /// As `%.*g` prints it.
  static func general(_ number: Double, digits: Int) -> String { text("%.*g", digits, number) }

  /// As `%.*f` prints it.
  static func fixed(_ number: Double, decimals: Int) -> String { text("%.*f", decimals, number) }

  private static func text(_ format: String, _ precision: Int, _ number: Double) -> String {
    withVaList([Int32(precision), number]) { arguments in
      var buffer = [CChar](repeating: 0, count: 400)
      let count = vsnprintf(&buffer, buffer.count, format, arguments)
      return String(decoding: buffer.prefix(max(0, Int(count))).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
  }
}
