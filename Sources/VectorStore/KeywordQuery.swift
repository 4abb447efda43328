/// The words of a query, written so that FTS5 takes each for a word and none for an operator.
public struct KeywordQuery: Sendable, Equatable {
  /// The words in their order, without repetitions.
  public let words: [String]

  /// Takes the runs of letters, digits and marks of a text.
  public init(_ text: String) {
    var seen = Set<String>()
    var words = [String]()
    for run in text.split(whereSeparator: { !Self.isWordCharacter($0) }) {
      if seen.insert(run.lowercased()).inserted { words.append(String(run)) }
    }
    self.words = words
  }

  private static func isWordCharacter(_ character: Character) -> Bool {
    // As FTS5's unicode61 has it: letters, numbers and the marks on them.
    character.unicodeScalars.contains {
      switch $0.properties.generalCategory {
      case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
        .decimalNumber,
        .letterNumber, .otherNumber, .privateUse:
        true
      default: false
      }
    }
  }

  /// Any of the words, in FTS5's syntax; nil where there are none.
  var expression: String? {
    guard !words.isEmpty else { return nil }
    return words.map(Self.quoted).joined(separator: " OR ")
  }

  /// A letter may share its character with a quotation mark, which FTS5 reads doubled.
  private static func quoted(_ word: String) -> String {
    var out = "\""
    for scalar in word.unicodeScalars {
      out.unicodeScalars.append(scalar)
      if scalar == "\"" { out.unicodeScalars.append(scalar) }
    }
    return out + "\""
  }
}

/// A part of a document with the words that were searched for marked.
public struct Snippet: Sendable, Equatable {
  /// The text, with "…" where something was left out.
  public var text: String
  /// Where the words stand, as offsets into the UTF-8 of `text`.
  public var highlights: [Range<Int>]

  /// Takes apart a text in which the words stand between U+0001 and U+0002.
  init(marked: String) {
    var bytes = [UInt8]()
    var highlights = [Range<Int>]()
    var start = 0
    for byte in marked.utf8 {
      switch byte {
      case 1: start = bytes.count
      case 2: highlights.append(start..<bytes.count)
      default: bytes.append(byte)
      }
    }
    text = String(decoding: bytes, as: UTF8.self)
    self.highlights = highlights
  }
}
