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

  /// What is put around the words for a while: drawn at random for each search, so that no document holds it.
  struct Marks: Sendable {
    let opening: String
    let closing: String

    init() {
      let number = String(UInt64.random(in: .min ... .max), radix: 36)
      opening = "\u{1}\(number)<"
      closing = "\u{1}\(number)>"
    }
  }

  /// Takes apart a text in which the words stand between `marks`. A mark without its partner marks nothing.
  init(marked: String, by marks: Marks) {
    var rest = Array(marked.utf8)[...]
    let (opening, closing) = (Array(marks.opening.utf8), Array(marks.closing.utf8))
    var bytes = [UInt8]()
    var highlights = [Range<Int>]()
    var start: Int?
    while let byte = rest.first {
      if byte == opening[0], rest.starts(with: opening) {
        start = bytes.count
        rest = rest.dropFirst(opening.count)
      } else if byte == closing[0], rest.starts(with: closing) {
        if let start { highlights.append(start..<bytes.count) }
        start = nil
        rest = rest.dropFirst(closing.count)
      } else {
        bytes.append(byte)
        rest = rest.dropFirst()
      }
    }
    text = String(decoding: bytes, as: UTF8.self)
    self.highlights = highlights
  }
}
