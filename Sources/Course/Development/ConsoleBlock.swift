/// A command that a lesson shows, with what it prints.
struct ConsoleCommand: Equatable {
  /// The command line behind `$ `.
  let line: String
  /// What stands below it; a line `…` stands for any lines.
  let output: [String]

  /// The commands of the `console` blocks of a lesson, in order.
  static func commands(in text: String) -> [ConsoleCommand] {
    var commands: [ConsoleCommand] = []
    var isInside = false
    var line: String?
    var output: [String] = []
    func finish() {
      if let line { commands.append(ConsoleCommand(line: line, output: output)) }
      line = nil
      output = []
    }
    for text in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if text.hasPrefix("```") {
        finish()
        isInside = text == "```console"
      } else if isInside, text.hasPrefix("$ ") {
        finish()
        line = String(text.dropFirst(2))
      } else if isInside, line != nil {
        // A command may go on in the next line, as in a shell.
        if output.isEmpty, let begun = line, begun.hasSuffix("\\") {
          line = String(begun.dropLast()) + String(text.trimmingPrefix(while: \.isWhitespace))
        } else {
          output.append(String(text))
        }
      }
    }
    finish()
    return commands
  }

  /// The first line of what the lesson shows that is not in what was printed; nil if all is.
  ///
  /// Blanks do not count, numbers may differ by 0.002 or 1%, and times and rates by anything.
  func difference(from printed: String) -> String? {
    let printed = printed.split(separator: "\n").map(Self.words).filter { !$0.isEmpty }
    var rest = printed[...]
    var mayLeaveOut = false
    for line in output {
      let shown = Self.words(line[...])
      if shown.isEmpty { continue }
      if shown == ["…"] {
        mayLeaveOut = true
        continue
      }
      if mayLeaveOut {
        guard let place = rest.firstIndex(where: { Self.equal(shown, $0) }) else { return line }
        rest = rest[(place + 1)...]
        mayLeaveOut = false
      } else {
        guard let next = rest.first, Self.equal(shown, next) else { return line }
        rest = rest.dropFirst()
      }
    }
    if mayLeaveOut || output.isEmpty { return nil }
    return rest.first.map { "what was printed goes on: " + $0.joined(separator: " ") }
  }

  private static func words(_ line: Substring) -> [String] {
    line.split(whereSeparator: \.isWhitespace).map(String.init)
  }

  private static let units: Set<String> = [
    "s", "ms", "min", "seconds", "minutes", "tokens/s", "texts/s", "MB/s", "it/s",
  ]

  private static func equal(_ shown: [String], _ printed: [String]) -> Bool {
    var index = 0
    while index < shown.count {
      if shown[index] == "…", index == shown.count - 1 { return true }
      guard index < printed.count else { return false }
      let isMeasured =
        index + 1 < shown.count && units.contains(shown[index + 1].filter { !",.;)".contains($0) })
      if !isMeasured, !equal(shown[index], printed[index]) { return false }
      index += 1
    }
    return shown.count == printed.count
  }

  private static func equal(_ shown: String, _ printed: String) -> Bool {
    if shown == printed { return true }
    // A rate in a word: (79/s), or a time: 0.4s.
    let left = pieces(shown)
    let right = pieces(printed)
    guard left.count == right.count else { return false }
    return zip(left, right).allSatisfy { left, right in
      if left == right { return true }
      guard let a = Double(left), let b = Double(right) else { return false }
      return abs(a - b) <= max(0.002, 0.01 * abs(a)) + 1e-9
    }
  }

  /// The numbers of a word and what is between them.
  private static func pieces(_ word: String) -> [String] {
    var pieces: [String] = []
    var isNumber: Bool?
    for character in word {
      let belongs = character.isNumber || character == "."
      if belongs == isNumber {
        pieces[pieces.count - 1].append(character)
      } else {
        pieces.append(String(character))
      }
      isNumber = belongs
    }
    return pieces
  }
}
