import MartletGrammars
import MartletJSON
import MartletPrompting

extension Assertion {
  /// The members that say what must be so.
  static let kinds = Expectation.kinds + ["similar", "rubric", "json_schema", "latency", "cost"]

  /// Reads the member `assert`: a list of mappings. Their texts may hold `{{variables}}`.
  static func list(_ members: inout MemberReader, _ variables: JSONObject) throws(TaskError) -> [Assertion] {
    var assertions: [Assertion] = []
    for reader in try members.objects("assert") ?? [] {
      var reader = try rendered(reader, variables)
      assertions.append(try Assertion(&reader))
      try reader.finish()
    }
    return assertions
  }

  /// An assertion, which has one kind, and may have a name and stand under `not`.
  init(_ members: inout MemberReader) throws(TaskError) {
    for name in members.object.keys {
      for prefix in ["not_", "not-"] where name.hasPrefix(prefix) {
        let kind = String(name.dropFirst(prefix.count))
        throw members.error(name, "is not known; write not: {\(kind): …}")
      }
    }
    let name = try members.text("name")
    if let name, name.isEmpty || !name.utf8.allSatisfy(Self.isNameByte) {
      throw members.error("name", "must have letters, digits, _ and - alone, since it names a score")
    }
    if var inner = try members.object("not") {
      if let kind = Self.kinds.first(where: { members.value($0) != nil }) {
        throw members.error("not", "cannot be together with \(kind)")
      }
      check = try Self.check(&inner)
      try inner.finish()
      isNegated = true
    } else {
      check = try Self.check(&members)
      isNegated = false
    }
    self.name = name
  }

  private static func check(_ members: inout MemberReader) throws(TaskError) -> Check {
    try Expectation.requireOne(&members, of: kinds)
    if members.value("threshold") != nil, members.value("similar") == nil {
      throw members.error("threshold", "is used with similar alone")
    }
    if let expectation = try Expectation(optional: &members, isCaseSensitive: false) {
      return .expectation(expectation)
    }
    if let texts = try members.texts("similar") {
      guard !texts.isEmpty, !texts.contains(where: { PlainText.stripped($0).isEmpty }) else {
        throw members.error("similar", "has an empty text, or none")
      }
      let threshold = try members.number("threshold", atLeast: -1) ?? 0.8
      guard threshold <= 1 else { throw members.error("threshold", "must be between -1 and 1") }
      return .similar(texts, threshold: threshold)
    }
    if let text = try members.text("rubric") {
      guard !PlainText.stripped(text).isEmpty else { throw members.error("rubric", "is empty") }
      return .rubric(text)
    }
    if let schema = members.value("json_schema") {
      do { return .schema(try JSONSchema(schema)) } catch {
        // The place follows, and ends with a period of its own.
        let problem = error.description
        throw members.error("json_schema", problem.hasSuffix(".") ? String(problem.dropLast()) : problem)
      }
    }
    if let seconds = try members.number("latency") { return .latency(seconds) }
    if let dollars = try members.number("cost") { return .cost(dollars) }
    // A misspelt one first.
    try members.finish(allowing: { ["name", "not"].contains($0) })
    throw members.error("equals", "is missing: an assertion has one of \(kinds.joined(separator: ", "))")
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    byte == 0x5F || byte == 0x2D || (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10
  }

  // MARK: Variables

  /// The members with the variables' values in their texts.
  static func rendered(_ members: MemberReader, _ variables: JSONObject) throws(TaskError) -> MemberReader {
    var object: JSONObject = [:]
    for (name, value) in members.object {
      object[name] = try rendered(value, variables, isNumber: false, members, name)
    }
    return MemberReader(object, path: members.path, fail: members.fail)
  }

  /// The members whose values are numbers, also where a template gives them.
  private static let numbers: Set = ["number", "tolerance", "threshold", "latency", "cost"]

  private static func rendered(
    _ value: JSON, _ variables: JSONObject, isNumber: Bool, _ members: MemberReader, _ name: String
  ) throws(TaskError) -> JSON {
    let isNumber = isNumber || numbers.contains(name)
    switch value {
    case .string(let text):
      guard text.contains("{{") || text.contains("{%") else { return value }
      let rendered: String
      do { rendered = try TextTemplate(text).render(variables) } catch {
        throw members.error(name, error.reason)
      }
      guard isNumber else { return .string(rendered) }
      guard let number = Double(PlainText.stripped(rendered)), number.isFinite else {
        throw members.error(name, "must be a number, but its template gives \(JSON.quoted(rendered))")
      }
      return JSON(number)
    case .array(let elements):
      var list: [JSON] = []
      for element in elements {
        list.append(try rendered(element, variables, isNumber: isNumber, members, name))
      }
      return .array(list)
    case .object(let inner):
      let reader = MemberReader(inner, path: "\(members.path)\(name).", fail: members.fail)
      return .object(try rendered(reader, variables).object)
    default: return value
    }
  }
}
