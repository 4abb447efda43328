import MartletJSON

/// One test of an experiment: the variables of its prompts, and what their outputs must be.
public struct ExperimentTest: Sendable {
  /// Distinct within the experiment.
  public let id: String
  /// The variables' values.
  public let variables: JSONObject
  /// The row as it is written, with the assertions of the whole experiment; what records keep.
  public let document: JSONObject
  let assertions: [Assertion]
  /// The assertions as they are written.
  private let source: JSON

  /// What has to be, for people.
  public var expected: String { assertions.map(\.shown).joined(separator: "; ") }

  /// Reads a test: `variables` and `assert`, or a question of one's own, whose other members are its variables.
  init(
    _ row: TaskRow, index: Int, shared: JSON?, sharedError: @escaping @Sendable (String, String) -> TaskError
  ) throws(TaskError) {
    var members = MemberReader(row.object) { row.error($0, $1) }
    let isStructured = members.value("variables") != nil || members.value("assert") != nil
    switch members.value("id") {
    case nil: id = String(index + 1)
    case .string(let text)?: id = text
    case .number(let number)?: id = number.literal
    case let other?: throw members.error("id", "must be a string or a number, but is \(other.kind)")
    }
    var assertions: [Assertion] = []
    if isStructured {
      variables = try members.object("variables")?.object ?? [:]
      assertions = try Assertion.list(&members, variables)
      try members.finish()
    } else {
      let expectation = row.object.members(Expectation.kinds + Expectation.settings)
      var variables = row.object
      for member in expectation.keys + ["id"] { variables[member] = nil }
      self.variables = variables
      var rendered = try Assertion.rendered(
        MemberReader(expectation, fail: members.fail), variables)
      if let expectation = try Expectation(optional: &rendered, isCaseSensitive: false) {
        assertions.append(Assertion(check: .expectation(expectation), isNegated: false, name: nil))
      } else if let left = (Expectation.settings).first(where: { row.object[$0] != nil }) {
        throw members.error(left, "says nothing without one of \(Expectation.kinds.joined(separator: ", "))")
      }
    }
    var written: [JSON] = (row.object["assert"]?.arrayValue ?? []) + (shared?.arrayValue ?? [])
    if !isStructured { written.append(.object(row.object.members(Expectation.kinds + Expectation.settings))) }
    source = .array(written)
    var document = row.object
    if let shared {
      let id = id
      var all = MemberReader(["assert": shared]) { sharedError($0, "\($1) (for the test \(id))") }
      assertions += try Assertion.list(&all, variables)
      document["assert"] = .array((document["assert"]?.arrayValue ?? []) + (shared.arrayValue ?? []))
    }
    guard !assertions.isEmpty else {
      throw members.error(
        "assert", "is missing: say what the output must be, here or for all tests of the experiment")
    }
    self.assertions = assertions
    self.document = document
  }

  /// Whether a name stands in a text of an assertion, so that it may be a variable there.
  func asserts(with name: String) -> Bool {
    let text = source.serialized()
    guard text.contains("{{") || text.contains("{%") else { return false }
    return text.split { !($0.isLetter || $0.isNumber || $0 == "_") }.contains { $0 == name }
  }
}

extension JSONObject {
  /// Those of the members that have one of these names.
  fileprivate func members(_ names: [String]) -> JSONObject {
    JSONObject(filter { names.contains($0.key) }.map { ($0.key, $0.value) })
  }
}
