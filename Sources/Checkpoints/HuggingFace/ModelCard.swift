/// What a model's README says in its front matter, the YAML between two lines of three hyphens at its top.
///
/// Only the licence is read, in the forms that the Hugging Face hub writes: a word, a list of words, or "other" with
/// its name beside it.
struct ModelCard {
  /// The licence; nil where none is stated.
  let license: String?

  init(_ text: String) {
    var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      .map(Self.trimmingEnd)[...]
    guard lines.popFirst() == "---", let end = lines.firstIndex(of: "---") else {
      license = nil
      return
    }
    lines = lines[..<end]
    let stated = Self.value(of: "license", in: lines)
    license = stated == "other" ? Self.value(of: "license_name", in: lines) ?? stated : stated
  }

  /// The card of a folder. A README that cannot be read says nothing: no model depends on it.
  static func license(of folder: ModelFolder) -> String? {
    guard let bytes = try? folder.bytes("README.md") else { return nil }
    return ModelCard(String(decoding: bytes, as: UTF8.self)).license
  }

  private static func value(of key: String, in lines: ArraySlice<Substring>) -> String? {
    guard let index = lines.firstIndex(where: { $0.hasPrefix("\(key):") }) else { return nil }
    let value = scalar(lines[index].dropFirst(key.count + 1))
    guard value.isEmpty else { return value }
    let items = lines[(index + 1)...].prefix { $0.drop { $0 == " " }.hasPrefix("- ") }
    let names = items.map { scalar($0.drop { $0 == " " }.dropFirst(2)) }
    return names.isEmpty ? nil : names.joined(separator: ", ")
  }

  private static func trimmingEnd(_ line: Substring) -> Substring {
    var line = line
    while line.last?.isWhitespace == true { line.removeLast() }
    return line
  }

  /// A value without quotation marks and without a comment.
  private static func scalar(_ text: Substring) -> String {
    let text = text.drop { $0 == " " }
    if let quote = text.first, quote == "\"" || quote == "'" {
      return String(text.dropFirst().prefix { $0 != quote })
    }
    let end = text.firstRange(of: " #")?.lowerBound ?? text.endIndex
    let value = trimmingEnd(text[..<end])
    // "[apache-2.0, mit]" is a list, too.
    return value.hasPrefix("[") && value.hasSuffix("]") ? String(value.dropFirst().dropLast()) : String(value)
  }
}
