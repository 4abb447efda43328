import Foundation
import MartletJSON

/// How the final answer is found in what a model wrote. Where the rule finds nothing there is no answer, and nothing is
/// guessed in its place. What a model thought between `<think>` and `</think>` is left out first.
public enum AnswerExtraction: Sendable {
  /// All of it.
  case whole
  /// The last line that is not blank.
  case lastLine
  /// The last number, as it is written: `1,234.50`.
  case lastNumber
  /// What follows the last occurrence of a mark, such as `Answer:`, up to the end of the line.
  case after(String)
  /// The first group of the pattern's last match, or the whole match where it has no group.
  case pattern(AnswerPattern)

  /// The answer in a text, without white space around it; nil where there is none.
  public func answer(in text: String) -> String? {
    guard let text = Thinking.answer(in: text) else { return nil }
    switch self {
    case .whole: return PlainText.stripped(text)
    case .lastLine:
      return text.split(whereSeparator: \.isNewline).map { PlainText.stripped(String($0)) }.last {
        !$0.isEmpty
      }
    case .lastNumber: return NumberReader.numbers(in: text).last?.text
    case .after(let mark):
      guard let tail = Self.tail(of: text, behind: mark) else { return nil }
      let line = PlainText.stripped(tail).prefix { !$0.isNewline }
      // Models like to write **Answer:** 7.
      let answer = line.trimmingCharacters(in: CharacterSet(charactersIn: "* \t"))
      return answer.isEmpty ? nil : answer
    case .pattern(let pattern):
      guard let last = pattern.findAll(in: text).last?.first else { return nil }
      return PlainText.stripped(last)
    }
  }

  /// What is equal for answers that mean the same: numbers by their value, texts without regard to capital letters and a
  /// full stop at the end.
  func key(of answer: String) -> String {
    if case .lastNumber = self, let number = NumberReader.numbers(in: answer).last {
      return JSON(number.value).serialized()
    }
    let text = PlainText.stripped(answer).lowercased()
    return text.hasSuffix(".") ? String(text.dropLast()) : text
  }

  private static func tail(of text: String, behind mark: String) -> String? {
    var rest: String?
    var open = text
    while let parts = PlainText.split(open, at: mark) { (rest, open) = (parts.after, parts.after) }
    return rest
  }
}

extension AnswerExtraction {
  /// The rule as files write it: `whole`, `last_line`, `last_number`, `{after: TEXT}` or `{regex: PATTERN}`.
  public var json: JSON {
    switch self {
    case .whole: "whole"
    case .lastLine: "last_line"
    case .lastNumber: "last_number"
    case .after(let mark): ["after": .string(mark)]
    case .pattern(let pattern): ["regex": .string(pattern.pattern)]
    }
  }

  /// Reads the member `answer`; nil where it is missing.
  package static func optional<Failure>(
    _ members: inout MemberReader<Failure>
  ) throws(Failure) -> AnswerExtraction? {
    switch members.value("answer") {
    case nil: return nil
    case .string("whole")?: return .whole
    case .string("last_line")?: return .lastLine
    case .string("last_number")?: return .lastNumber
    case .object?:
      guard var rule = try members.object("answer") else { return nil }
      if let mark = try rule.text("after") {
        if PlainText.stripped(mark).isEmpty { throw rule.error("after", "is empty") }
        try rule.finish()
        return .after(mark)
      }
      guard let text = try rule.text("regex") else {
        throw members.error("answer", "must have the member after or regex")
      }
      try rule.finish()
      do { return .pattern(try AnswerPattern(text)) } catch { throw rule.error("regex", error.description) }
    default:
      throw members.error(
        "answer", "must be whole, last_line, last_number, {after: TEXT} or {regex: PATTERN}")
    }
  }
}
