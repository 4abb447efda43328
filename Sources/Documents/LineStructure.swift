/// Tells text whose line ends mean something, as in verse, logs and lists, from prose that was wrapped to a width.
package enum LineStructure {
  /// Fewer lines tell nothing.
  private static let fewestLines = 4

  /// Whether the line ends of a text are meant.
  ///
  /// Prose that was wrapped fills its lines: the first word of the next line would have fitted into hardly any of them.
  /// Where the lines are all of one length, how they begin decides: with capitals, as in verse, or with figures and
  /// brackets, as in logs.
  package static func isMeant(_ text: String) -> Bool {
    let lines = text.split(separator: "\n").map { $0.drop { $0 == " " || $0 == "\t" } }.filter { !$0.isEmpty }
    guard lines.count >= fewestLines else { return false }
    let lengths = lines.map(\.count)
    // One line that is far longer than the others, as an address is, does not tell the width.
    let width = lengths.sorted()[(lines.count - 1) * 9 / 10]
    let early = zip(lengths, lines.dropFirst()).count { length, next in
      length + 1
        + (next.firstIndex(of: " ").map { next.distance(from: next.startIndex, to: $0) } ?? next.count)
        <= width
    }
    if early * 5 >= (lines.count - 1) * 2 { return true }
    let capitals = lines.count { $0.first?.isUppercase == true }
    let marks = lines.count { line in line.first.map { $0.isNumber || "[<({*-+".contains($0) } ?? false }
    return max(capitals, marks) * 10 >= lines.count * 9
  }

  /// Where a heading ends that stands right above its paragraph: a short first line without a full stop, which had room
  /// for the first word of the next one, and that word begins a sentence. Nil where there is none.
  package static func endOfHeading(in paragraph: Substring) -> Substring.Index? {
    guard let end = paragraph.firstIndex(of: "\n"), !isMeant(String(paragraph)) else { return nil }
    let (heading, rest) = (paragraph[..<end], paragraph[end...].drop(while: \.isWhitespace))
    let next = rest.prefix { !$0.isWhitespace }
    let width = rest.split(separator: "\n").map(\.count).max() ?? 0
    guard let first = heading.first(where: \.isLetter), let last = heading.last, !first.isLowercase,
      next.first?.isUppercase == true, !".,;:!?…-\"”)|".contains(last),
      heading.split(separator: " ").count <= mostWordsOfHeading, heading.count + 1 + next.count < width
    else { return nil }
    return end
  }

  private static let mostWordsOfHeading = 12
}
