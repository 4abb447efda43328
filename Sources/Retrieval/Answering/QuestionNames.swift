import MartletVectorStore

/// The names in a question that have one spelling: options (`--leak-graph`, `-z`), identifiers (`suggest_on_error`,
/// `Queue.get`, `iCalendar`, `` `autocd` ``) and acronyms (`SVG`). Other words have synonyms; where a passage has none
/// of the spellings of a name, it does not speak of that thing.
struct QuestionNames {
  /// The names as the question writes them, each once.
  let names: [String]

  init(_ question: String) {
    // Where all of it is in capitals, capitals say nothing.
    let hasLowercase = question.contains(where: \.isLowercase)
    var names: [String] = []
    for word in question.split(whereSeparator: \.isWhitespace) {
      let name = Self.bare(word)
      let isQuoted = word.contains("`") && name.contains(where: \.isLetter)
      guard isQuoted || Self.isName(name, acronyms: hasLowercase), !names.contains(name) else { continue }
      names.append(name)
    }
    self.names = names
  }

  /// Those names that none of the texts has.
  func missing(from texts: [SpelledText]) -> [String] {
    names.filter { name in !texts.contains { $0.has(name) } }
  }

  /// A word without what stands around it in a sentence, and an option without its value.
  private static func bare(_ word: Substring) -> String {
    var word = word
    while let first = word.first, !first.isLetter, !first.isNumber, !"-−–_".contains(first) {
      word.removeFirst()
    }
    for suffix in ["'s", "’s"] where trimmedEnd(word).hasSuffix(suffix) {
      word = trimmedEnd(word).dropLast(2)
    }
    word = trimmedEnd(word)
    // "CPUs" is "CPU".
    if word.hasSuffix("s"), word.count > 2, word.dropLast().allSatisfy(\.isUppercase) { word.removeLast() }
    if let first = word.first, "-−–".contains(first), let value = word.firstIndex(of: "=") {
      word = word[..<value]
    }
    return String(word)
  }

  private static func trimmedEnd(_ word: Substring) -> Substring {
    var word = word
    while let last = word.last, !last.isLetter, !last.isNumber, last != "_" {
      if word.hasSuffix("()") { break }
      word.removeLast()
    }
    return word
  }

  private static func isName(_ word: String, acronyms: Bool) -> Bool {
    let letters = word.filter(\.isLetter)
    guard let first = word.first, !letters.isEmpty, letters.allSatisfy(\.isASCII) else { return false }
    if "-−–".contains(first) || word.hasSuffix("()") { return true }
    if word.dropFirst().dropLast().contains("_") { return true }
    let parts = word.split(separator: ".", omittingEmptySubsequences: false)
    // "e.g." and "U.S." are no names of parts.
    if parts.count > 1, parts.allSatisfy({ $0.count > 1 && $0.first?.isLetter == true }) { return true }
    let pairs = zip(word, word.dropFirst())
    if pairs.contains(where: { $0.isLowercase && $1.isUppercase }) { return true }
    if first.isLetter, pairs.contains(where: { $0.isLetter && $1.isNumber }) { return true }
    guard acronyms else { return false }
    // The numbers of kings and wars (XIV) are written in figures and in words as well.
    let leading = word.prefix { $0.isUppercase }
    let roman = /M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})/
    return leading.count > 1 && leading.wholeMatch(of: roman) == nil
  }
}

/// A text by its runs of letters and digits, in which names are found however their parts are joined: `auto_cd`,
/// `auto-cd` and `AutoCD` are one spelling.
struct SpelledText {
  private let words: [Substring]
  private let folded: [String]
  /// Whether a dash stands right before the word.
  private let dashed: [Bool]
  private let initials: [Character]

  init(_ text: String) {
    var words: [Substring] = []
    var dashed: [Bool] = []
    var index = text.startIndex
    while let start = text[index...].firstIndex(where: Self.isPart) {
      let end = text[start...].firstIndex { !Self.isPart($0) } ?? text.endIndex
      words.append(text[start..<end])
      dashed.append(start > text.startIndex && "-−–‐".contains(text[text.index(before: start)]))
      index = end
    }
    self.words = words
    self.dashed = dashed
    folded = words.map { $0.lowercased() }
    initials = zip(words, folded).compactMap { FunctionWords.isEnglish($1) ? nil : $0.first }
  }

  private static func isPart(_ character: Character) -> Bool { character.isLetter || character.isNumber }

  /// Whether it has a name: in any case, except that a short acronym may be a word otherwise ("PER"). The parts of
  /// `Queue.get` may occur separately, and an acronym counts where the words that it abbreviates occur.
  func has(_ name: String) -> Bool {
    let parts = name.split(separator: ".").filter { $0.contains(where: Self.isPart) }
    guard parts.count < 2 else { return parts.allSatisfy { has(String($0)) } }
    let spelling = name.filter(Self.isPart)
    let isOption = name.first.map { "-−–".contains($0) } ?? false
    let isAcronym = spelling.allSatisfy(\.isUppercase)
    let keepsCase = isAcronym && spelling.count <= Self.shortAcronym
    if find(
      keepsCase ? spelling : spelling.lowercased(), keepsCase: keepsCase,
      isOption: isOption && spelling.count == 1)
    {
      return true
    }
    return isAcronym && !isOption && hasInitials(Array(spelling))
  }

  private static let shortAcronym = 3

  private func find(_ spelling: String, keepsCase: Bool, isOption: Bool) -> Bool {
    for start in words.indices where !isOption || dashed[start] {
      var joined = ""
      for index in start..<words.count {
        joined += keepsCase ? String(words[index]) : folded[index]
        if joined == spelling || joined == spelling + "s" { return true }
        guard spelling.hasPrefix(joined) else { break }
      }
    }
    return false
  }

  /// Whether words in capitals follow each other whose first letters are these.
  private func hasInitials(_ letters: [Character]) -> Bool {
    guard letters.count <= initials.count else { return false }
    return (0...(initials.count - letters.count)).contains { start in
      initials[start..<(start + letters.count)].elementsEqual(letters)
    }
  }
}
