/// The numbers that an answer has and its question has not. A number that a model was not shown it made up: it stands in
/// the passage, in figures or as a word, or the passage does not support the answer.
struct AnswerNumbers {
  /// Each in figures, without commas.
  let numbers: [String]

  init(_ answer: String, beside question: String) {
    let asked = Set(Self.numbers(in: question))
    numbers = Self.numbers(in: answer).filter { !asked.contains($0) }
  }

  /// Whether a text has them all.
  func areHeld(by text: String) -> Bool {
    guard !numbers.isEmpty else { return true }
    let spelled = SpelledText(text)
    return numbers.allSatisfy { number in
      spelled.has(number) || Int(number).flatMap(Self.word(for:)).map(spelled.has) == true
    }
  }

  /// Runs of digits, with the commas and the points that stand among them, less the commas.
  private static func numbers(in text: String) -> [String] {
    text.split { !$0.isNumber && !$0.isLetter && $0 != "," && $0 != "." }
      .compactMap { word in
        var number = word
        while let last = number.last, last == "," || last == "." { number.removeLast() }
        guard let first = number.first, first.isNumber, !number.contains(where: \.isLetter) else {
          return nil
        }
        return String(number.filter { $0 != "," })
      }
  }

  /// Whether a word of an answer is a number that a passage may write as a word.
  static func mayBeWord(_ word: String) -> Bool { Int(word).flatMap(Self.word(for:)) != nil }

  private static func word(for number: Int) -> String? {
    words.indices.contains(number) ? words[number] : nil
  }

  private static let words = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
  ]
}
