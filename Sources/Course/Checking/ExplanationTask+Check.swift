import Foundation

extension ExplanationTask {
  /// What a text lacks, before anybody rates it: its length, and the rubric's points that it says nothing of.
  ///
  /// - Returns: Nil if nothing is lacking.
  func fault(of text: String) -> Verdict? {
    let words = text.split { !($0.isLetter || $0.isNumber) }.map { $0.lowercased() }
    guard words.count >= minimumWords else {
      return .refused("\(words.count) words are too few to explain it; write at least \(minimumWords).")
    }
    // Points can be met by a list of terms, which explains nothing.
    guard Set(words).count * 3 >= words.count else {
      return .refused("The same words come again and again. Explain it to somebody who has not heard of it.")
    }
    for point in rubric where !point.isMentioned(in: text) {
      return .refused("One question is left open. \(point.question)")
    }
    return nil
  }
}

extension ExplanationTask.Point {
  func isMentioned(in text: String) -> Bool {
    mentions.contains { pattern in
      guard let expression = try? Regex(pattern).ignoresCase() else { return false }
      return text.firstMatch(of: expression) != nil
    }
  }
}
