/// The lists of a Word document, and how far each has been counted.
struct DOCXNumbering {
  /// The format and the first number of each level, by the list's id.
  private var levels: [String: [Int: Level]] = [:]
  private var counts: [String: [Int: Int]] = [:]

  private struct Level {
    var format: String
    var start: Int
    /// Whether items have no mark to be seen, as further paragraphs of an item have.
    var isBlank: Bool

    init(_ level: XMLElement) {
      format = level.first("w:numFmt")?["w:val"] ?? "decimal"
      start = level.first("w:start")?["w:val"].flatMap { Int($0) } ?? 1
      isBlank = level.first("w:lvlText")?["w:val"].map { SectionBuilder.oneLine($0).isEmpty } ?? false
    }
  }

  init(_ tree: XMLElement?) {
    var abstract: [String: [Int: Level]] = [:]
    for list in tree?.all("w:abstractNum") ?? [] {
      guard let id = list["w:abstractNumId"] else { continue }
      for level in list.all("w:lvl") {
        guard let number = level["w:ilvl"].flatMap({ Int($0) }) else { continue }
        abstract[id, default: [:]][number] = Level(level)
      }
    }
    for list in tree?.all("w:num") ?? [] {
      guard let id = list["w:numId"], let reference = list.first("w:abstractNumId")?["w:val"] else {
        continue
      }
      levels[id] = abstract[reference] ?? [:]
      for override in list.all("w:lvlOverride") {
        guard let number = override["w:ilvl"].flatMap({ Int($0) }) else { continue }
        if let level = override.first("w:lvl") { levels[id, default: [:]][number] = Level(level) }
        if let start = override.first("w:startOverride")?["w:val"].flatMap({ Int($0) }) {
          levels[id]?[number]?.start = start
        }
      }
    }
  }

  /// The mark of the next item; nil where the paragraph is in no list.
  mutating func next(_ properties: XMLElement) -> (text: String, depth: Int)? {
    guard let id = properties.first("w:numId")?["w:val"], id != "0" else { return nil }
    let depth = min(max(0, properties.first("w:ilvl")?["w:val"].flatMap { Int($0) } ?? 0), 8)
    guard let level = levels[id]?[depth], !level.isBlank, level.format != "bullet", level.format != "none"
    else { return (levels[id]?[depth]?.isBlank == true ? " " : "-", depth) }
    let count = counts[id]?[depth].map { $0 &+ 1 } ?? level.start
    counts[id, default: [:]][depth] = count
    for deeper in depth + 1..<10 { counts[id]?[deeper] = nil }
    return (ListNumber.text(count, format: level.format) + ".", depth)
  }
}

/// Numbers of list items.
enum ListNumber {
  static func text(_ number: Int, format: String) -> String {
    switch format {
    case "lowerLetter": letters(number, from: 0x61)
    case "upperLetter": letters(number, from: 0x41)
    case "lowerRoman": roman(number).lowercased()
    case "upperRoman": roman(number)
    default: String(number)
    }
  }

  /// As word processors count: z, then aa, bb.
  private static func letters(_ number: Int, from first: UInt8) -> String {
    guard 1...702 ~= number else { return String(number) }
    let letter = Character(Unicode.Scalar(first + UInt8((number - 1) % 26)))
    return String(repeating: letter, count: (number - 1) / 26 + 1)
  }

  private static func roman(_ number: Int) -> String {
    guard 1...3999 ~= number else { return String(number) }
    var rest = number
    var text = ""
    let numerals = [
      (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"),
      (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
    ]
    for (value, numeral) in numerals {
      while rest >= value {
        text += numeral
        rest -= value
      }
    }
    return text
  }
}
