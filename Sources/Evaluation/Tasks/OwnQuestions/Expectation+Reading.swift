import MartletPrompting

extension Expectation {
  /// The members that say what is right.
  static let kinds = ["equals", "contains", "regex", "number"]

  /// The members beside them.
  static let settings = numberMembers + ["case_sensitive"]

  private static let numberMembers = ["tolerance", "any"]

  /// Reads what is right; nil where no member says it.
  /// - Throws: ``TaskError`` where several members say it, or one is wrong.
  init?(optional members: inout MemberReader, isCaseSensitive: Bool) throws(TaskError) {
    let isCaseSensitive = try members.flag("case_sensitive") ?? isCaseSensitive
    guard let kind = Self.kinds.first(where: { members.value($0) != nil }) else { return nil }
    try Self.requireOne(&members, of: Self.kinds)
    for member in Self.numberMembers where kind != "number" && members.value(member) != nil {
      throw members.error(member, "is used with number alone")
    }
    let check: Check
    switch kind {
    case "number": check = try Self.number(&members)
    case "regex":
      var patterns: [AnswerPattern] = []
      for text in try Self.someTexts(&members, kind) {
        if text.isEmpty { throw members.error(kind, "is empty, which every answer matches") }
        patterns.append(try members.pattern(text, of: kind))
      }
      check = .regex(patterns)
    case "contains":
      let texts = try Self.someTexts(&members, kind)
      if texts.contains("") { throw members.error(kind, "is empty, which every answer contains") }
      check = .contains(texts)
    default: check = .equals(try Self.someTexts(&members, kind))
    }
    self.init(check: check, isCaseSensitive: isCaseSensitive)
  }

  /// Refuses several ways of saying what is right.
  static func requireOne(_ members: inout MemberReader, of kinds: [String]) throws(TaskError) {
    var given: [String] = []
    for kind in kinds where members.value(kind) != nil { given.append(kind) }
    guard given.count > 1 else { return }
    throw members.error(
      given[1], "cannot be together with \(given[0]); give several values of one kind as a list")
  }

  private static func someTexts(_ members: inout MemberReader, _ name: String) throws(TaskError) -> [String] {
    // 4 is written more easily than "4", and means the same here.
    if case .number(let number)? = members.value(name) { return [number.literal] }
    guard let texts = try members.texts(name), !texts.isEmpty else {
      throw members.error(name, "has no value")
    }
    return texts
  }

  private static func number(_ members: inout MemberReader) throws(TaskError) -> Check {
    let values = members.value("number")
    let numbers = (values?.arrayValue ?? values.map { [$0] } ?? []).map(\.doubleValue)
    let finite = numbers.compactMap { $0 }.filter(\.isFinite)
    guard !finite.isEmpty, finite.count == numbers.count else {
      throw members.error("number", "must be a number or a list of numbers")
    }
    return .number(
      finite, tolerance: try members.number("tolerance") ?? 0, anywhere: try members.flag("any") ?? false)
  }
}
