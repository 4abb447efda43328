/// What a model's README says in its front matter, the YAML between two lines of three hyphens at its top.
///
/// Only the licence and the languages are read, in the forms that the Hugging Face hub writes: a word, a list of words,
/// or "other" with the licence's name beside it.
struct ModelCard {
  /// The licence; nil where none is stated.
  let license: String?
  /// The languages by their ISO 639-1 codes; empty where not all that is stated is such a code.
  let languages: [String]

  init(_ text: String) {
    var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      .map(Self.trimmingEnd)[...]
    guard lines.popFirst() == "---", let end = lines.firstIndex(of: "---") else {
      (license, languages) = (nil, [])
      return
    }
    lines = lines[..<end]
    let stated = Self.values(of: "license", in: lines)
    let name = stated == ["other"] ? Self.values(of: "license_name", in: lines) : []
    let licenses = name.isEmpty ? stated : name
    license = licenses.isEmpty ? nil : licenses.joined(separator: ", ")
    languages = Self.codes(Self.values(of: "language", in: lines))
  }

  /// The card of a folder. A README that cannot be read says nothing: no model depends on it.
  init(of folder: ModelFolder) {
    self.init((try? folder.bytes("README.md")).map { String(decoding: $0, as: UTF8.self) } ?? "")
  }

  /// The languages, if each is a code of ISO 639-1, which "multilingual", "code" and other standards' codes are not.
  static func codes(_ languages: [String]) -> [String] {
    let codes = languages.map { $0.lowercased() }
    let areCodes = codes.allSatisfy {
      $0.utf8.count == 2 && $0.utf8.allSatisfy { (0x61...0x7A).contains($0) }
    }
    return areCodes ? codes : []
  }

  private static func values(of key: String, in lines: ArraySlice<Substring>) -> [String] {
    guard let index = lines.firstIndex(where: { $0.hasPrefix("\(key):") }) else { return [] }
    let value = scalar(lines[index].dropFirst(key.count + 1))
    if value.hasPrefix("["), value.hasSuffix("]") {
      return value.dropFirst().dropLast().split(separator: ",").map(scalar).filter { !$0.isEmpty }
    }
    guard value.isEmpty else { return [value] }
    let items = lines[(index + 1)...].prefix { $0.drop { $0 == " " }.hasPrefix("- ") }
    return items.map { scalar($0.drop { $0 == " " }.dropFirst(2)) }
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
    return String(trimmingEnd(text[..<end]))
  }
}
