import MartletJSON

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
      _ = try members.requiredText("question")
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
    let isCaseSensitive = try members.flag("case_sensitive") ?? isCaseSensitive
    let kinds = ["equals", "contains", "regex", "number", "choices"]
    let given = kinds.filter { members.value($0) != nil }
    guard given.count == 1, let kind = given.first else {
      throw members.error(
        given.last ?? "equals",
        given.isEmpty
          ? "is missing: say what is right with one of \(kinds.joined(separator: ", "))"
          : "cannot be together with \(given[0]); give several values of one kind as a list")
    }
    if kind == "choices" { return try choice(&members) }
    if members.value("answer") != nil { throw members.error("answer", "is used with choices alone") }
    if kind != "number", members.value("tolerance") != nil {
      throw members.error("tolerance", "is used with number alone")
    }
    let check: Expectation.Check
    switch kind {
    case "number": check = try number(&members)
    case "regex":
      var patterns: [AnswerPattern] = []
      for text in try someTexts(&members, kind) { patterns.append(try members.pattern(text, of: kind)) }
      check = .regex(patterns)
    case "contains":
      let texts = try someTexts(&members, kind)
      if texts.contains("") { throw members.error(kind, "is empty, which every answer contains") }
      check = .contains(texts)
    default: check = .equals(try someTexts(&members, kind))
    }
    return .text(Expectation(check: check, isCaseSensitive: isCaseSensitive))
  }

  private static func someTexts(_ members: inout MemberReader, _ name: String) throws(TaskError) -> [String] {
    // 4 is written more easily than "4", and means the same here.
    if case .number(let number)? = members.value(name) { return [number.literal] }
    guard let texts = try members.texts(name), !texts.isEmpty else {
      throw members.error(name, "has no value")
    }
    return texts
  }

  private static func number(_ members: inout MemberReader) throws(TaskError) -> Expectation.Check {
    let values = members.value("number")
    let numbers = (values?.arrayValue ?? values.map { [$0] } ?? []).map(\.doubleValue)
    let finite = numbers.compactMap { $0 }.filter(\.isFinite)
    guard !finite.isEmpty, finite.count == numbers.count else {
      throw members.error("number", "must be a number or a list of numbers")
    }
    return .number(finite, tolerance: try members.number("tolerance") ?? 0)
  }

  private static func choice(_ members: inout MemberReader) throws(TaskError) -> Answer {
    let choices = try members.texts("choices") ?? []
    guard (2...OwnQuestions.letters.count).contains(choices.count) else {
      throw members.error("choices", "must be 2 to \(OwnQuestions.letters.count) strings")
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
