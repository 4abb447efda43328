/// The numbers in brackets by which a model refers to sources, such as [1]: those that stand by themselves, not the
/// indices of code (`list[0]`).
struct Citations {
  private let text: String
  private let found: [(number: Int, range: Range<String.Index>)]

  init(_ text: String) {
    self.text = text
    found = text.matches(of: /\[(\d{1,4})\]/).compactMap { match in
      if match.range.lowerBound > text.startIndex {
        let before = text[text.index(before: match.range.lowerBound)]
        guard !before.isLetter, !before.isNumber, !"_)".contains(before) else { return nil }
      }
      return Int(match.1).map { ($0, match.range) }
    }
  }

  /// The text without the numbers and their brackets.
  var textWithoutThem: String {
    var rest = text
    for citation in found.reversed() { rest.removeSubrange(citation.range) }
    return rest
  }

  /// The numbers that are none of `known`, each once; those that the passages shown have in their own text are their
  /// authors' references.
  func numbers(notAmong known: [Int], of results: [SearchResult]) -> [Int] {
    var unknown: [Int] = []
    for number in found.map(\.number) where !known.contains(number) && !unknown.contains(number) {
      let isAuthors = known.contains { results[$0 - 1].text.contains("[\(number)]") }
      if !isAuthors { unknown.append(number) }
    }
    return unknown
  }
}
