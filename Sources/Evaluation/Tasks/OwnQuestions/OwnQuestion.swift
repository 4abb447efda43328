import MartletJSON
import MartletPrompting

/// A question of one's own and what its answer must be.
struct OwnQuestion: Sendable {
  enum Answer: Sendable {
    case choice([String], right: Int)
    case text(Expectation)
  }

  let id: String?
  let system: String?
  let row: TaskRow
  let answer: Answer

  /// Reads a question.
  /// - Parameters:
  ///   - isRead: Whether a prompt template reads a member that is not known here.
  ///   - needsQuestion: Whether the prompt is the question itself, with no template.
  init(
    _ members: inout MemberReader, row: TaskRow, isCaseSensitive: Bool, needsQuestion: Bool,
    isRead: (String) -> Bool
  ) throws(TaskError) {
    self.row = row
    if needsQuestion {
      if PlainText.stripped(try members.requiredText("question")).isEmpty {
        throw members.error("question", "is empty")
      }
    } else {
      _ = try members.text("question")
    }
    system = try members.text("system")
    switch members.value("id") {
    case nil: id = nil
    case .string(let text)?: id = text
    case .number(let number)?: id = number.literal
    case let other?: throw members.error("id", "must be a string or a number, but is \(other.kind)")
    }
    answer = try Self.answer(&members, isCaseSensitive: isCaseSensitive)
    try members.finish(allowing: isRead)
  }

  private static func answer(
    _ members: inout MemberReader, isCaseSensitive: Bool
  ) throws(TaskError) -> Answer {
    if members.value("choices") != nil {
      try Expectation.requireOne(&members, of: Expectation.kinds + ["choices"])
      return try choice(&members)
    }
    if members.value("answer") != nil { throw members.error("answer", "is used with choices alone") }
    guard let expectation = try Expectation(optional: &members, isCaseSensitive: isCaseSensitive) else {
      throw members.error(
        "equals",
        "is missing: say what is right with one of \((Expectation.kinds + ["choices"]).joined(separator: ", "))"
      )
    }
    return .text(expectation)
  }

  private static func choice(_ members: inout MemberReader) throws(TaskError) -> Answer {
    let choices = try members.texts("choices") ?? []
    guard (2...OwnQuestions.letters.count).contains(choices.count) else {
      throw members.error("choices", "must be 2 to \(OwnQuestions.letters.count) strings")
    }
    if let empty = choices.firstIndex(where: { PlainText.stripped($0).isEmpty }) {
      throw members.error("choices[\(empty)]", "is empty")
    }
    switch members.value("answer") {
    case .string(let text)?:
      let places = choices.indices.filter { PlainText.equal(choices[$0], text) }
      guard places.count == 1 else {
        throw members.error(
          "answer", "\(JSON.quoted(text)) is \(places.isEmpty ? "not" : "more than") one of the choices")
      }
      return .choice(choices, right: places[0])
    case let value?:
      guard let index = value.intValue, choices.indices.contains(index) else {
        throw members.error(
          "answer", "must be one of the choices, or its number from 0 to \(choices.count - 1)")
      }
      return .choice(choices, right: index)
    case nil: throw members.error("answer", "is missing: the right choice, or its number from 0")
    }
  }
}
