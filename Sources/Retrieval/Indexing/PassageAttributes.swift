import MartletDocuments
import MartletVectorStore

/// How the place and the attributes of a passage are kept in the metadata of its record, and read back.
///
/// Each attribute has its own key, so that filters know it by its name: `{"date": {"$gte": 1262304000}}`. Of senders,
/// recipients and subjects the words are kept, too (`from_words`, `to_words`, `subject_words`), since filters compare
/// whole texts only.
enum PassageAttributes {
  /// The keys that have a meaning of their own.
  private static let reserved: Set<String> = [
    "ordinal", "page", "start_line", "end_line", "context", "parts", "headings", "path", "header_line_breaks",
    "header_start_line", "header_end_line", "message", "slide", "sheet", "cell", "time_start", "time_end",
    "from_words", "to_words", "subject_words",
  ]

  static func write(place: Place?, attributes: [String: Attribute], to metadata: inout Metadata) {
    for (name, value) in attributes where !reserved.contains(name) { metadata[name] = value.metadataValue }
    for (name, sources) in [("from", ["from"]), ("to", ["to", "cc"]), ("subject", ["subject"])] {
      let words = AttributeWords.all(in: sources.compactMap { attributes[$0]?.text }.joined(separator: " "))
      if !words.isEmpty { metadata["\(name)_words"] = .strings(words) }
    }
    switch place {
    case .message(let number): metadata["message"] = .integer(number)
    case .slide(let number): metadata["slide"] = .integer(number)
    case .sheet(let name): metadata["sheet"] = .string(name)
    case .cell(let number): metadata["cell"] = .integer(number)
    case .time(let range):
      metadata["time_start"] = .double(range.lowerBound)
      metadata["time_end"] = .double(range.upperBound)
    case nil: break
    }
  }

  static func place(in metadata: Metadata) -> Place? {
    if let number = metadata["message"]?.integerValue { return .message(number) }
    if let number = metadata["slide"]?.integerValue { return .slide(number) }
    if let name = metadata["sheet"]?.stringValue { return .sheet(name) }
    if let number = metadata["cell"]?.integerValue { return .cell(number) }
    guard let start = metadata["time_start"]?.number, let end = metadata["time_end"]?.number, start <= end
    else {
      return nil
    }
    return .time(start...end)
  }

  static func attributes(in metadata: Metadata) -> [String: Attribute] {
    var attributes: [String: Attribute] = [:]
    for (name, value) in metadata where !reserved.contains(name) {
      if let text = value.stringValue {
        attributes[name] = .text(text)
      } else if let number = value.number {
        attributes[name] = .number(number)
      }
    }
    return attributes
  }
}

/// The words of a sender, a recipient or a subject, by which it is found.
enum AttributeWords {
  /// The words, folded, and each address as a whole.
  static func all(in text: String) -> [String] {
    let words = KeywordQuery(text).words
    return words + addresses(in: text).filter { !words.contains($0) }
  }

  /// What must be among the words of a text that is looked for: addresses as wholes, and words.
  static func wanted(_ text: String) -> [String] {
    text.split(whereSeparator: \.isWhitespace).flatMap { part -> [String] in
      let addresses = addresses(in: String(part))
      return addresses.isEmpty ? KeywordQuery(String(part)).words : addresses
    }
  }

  private static func addresses(in text: String) -> [String] {
    text.split { $0.isWhitespace || "<>,;:\"()[]".contains($0) }.compactMap { part in
      part.dropFirst().dropLast().contains("@") ? part.lowercased() : nil
    }
  }
}

extension Attribute {
  var text: String? { if case .text(let text) = self { text } else { nil } }

  /// A whole number as such, so that it is written without a fraction.
  var metadataValue: MetadataValue {
    switch self {
    case .text(let text): .string(text)
    case .number(let number):
      Int(exactly: number).map { .integer($0) } ?? .double(number.isFinite ? number : 0)
    }
  }
}

extension MetadataValue {
  /// The number, whether whole or not.
  var number: Double? {
    switch self {
    case .integer(let number): Double(number)
    case .double(let number): number
    default: nil
    }
  }
}
