import MartletJSON
import MartletMetrics

/// A text as messages show it.
package enum JSONText {
  package static func quoted(_ text: String) -> String { JSON.quoted(text) }
}

/// Operations on texts that compare scalar by scalar, as Python does, and never by what looks alike.
package enum PlainText {
  /// Python's `str.strip`.
  package static func stripped(_ text: String) -> String {
    let scalars = text.unicodeScalars
    guard let first = scalars.firstIndex(where: { !isSpace($0) }),
      let last = scalars.lastIndex(where: { !isSpace($0) })
    else { return "" }
    return String(scalars[first...last])
  }

  /// Python's `str.replace`: all occurrences from left to right.
  package static func replacing(_ part: String, with replacement: String, in text: String) -> String {
    let (bytes, part) = (Array(text.utf8), Array(part.utf8))
    guard !part.isEmpty else { return text }
    var result: [UInt8] = []
    var index = 0
    while let next = firstIndex(of: part, in: bytes, from: index) {
      result += bytes[index..<next]
      result += replacement.utf8
      index = next + part.count
    }
    return String(decoding: result + bytes[index...], as: UTF8.self)
  }

  /// What comes before the first occurrence of a part, and after it; nil where it does not occur.
  package static func split(_ text: String, at part: String) -> (before: String, after: String)? {
    let (bytes, part) = (Array(text.utf8), Array(part.utf8))
    guard let index = firstIndex(of: part, in: bytes, from: 0) else { return nil }
    return (
      String(decoding: bytes[..<index], as: UTF8.self),
      String(decoding: bytes[(index + part.count)...], as: UTF8.self)
    )
  }

  package static func contains(_ text: String, _ part: String) -> Bool {
    part.isEmpty || firstIndex(of: Array(part.utf8), in: Array(text.utf8), from: 0) != nil
  }

  package static func equal(_ a: String, _ b: String) -> Bool { a.utf8.elementsEqual(b.utf8) }

  package static func beginsWithSpace(_ text: String) -> Bool {
    text.unicodeScalars.first.map(isSpace) ?? false
  }
  package static func endsWithSpace(_ text: String) -> Bool { text.unicodeScalars.last.map(isSpace) ?? false }

  /// Python's `str.isspace`.
  package static func isSpace(_ scalar: Unicode.Scalar) -> Bool { scalar.isPythonSpace }

  private static func firstIndex(of part: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
    guard let first = part.first, part.count <= bytes.count else { return nil }
    var index = start
    while index + part.count <= bytes.count {
      if bytes[index] == first, bytes[index..<(index + part.count)].elementsEqual(part) { return index }
      index += 1
    }
    return nil
  }
}
