import MartletJSON

extension ExperimentReport {
  /// One test with what each row made of it.
  public struct Comparand: Sendable {
    /// The test's id.
    public let id: String
    /// Its variables, for people.
    public let question: String
    /// What the output had to be.
    public let expected: String
    /// The results in the order of the report's rows; nil where a run did not have the test.
    public let results: [ItemResult?]

    /// Whether the prompts disagree on it.
    public var differs: Bool { Set(results.map { $0?.scores["acc"] }).count > 1 }
  }

  /// The tests with the answers of all rows side by side, in the order of the first run that has them.
  public var tests: [Comparand] {
    var order: [String] = []
    var found: [String: [Int: ItemRecord]] = [:]
    for (index, row) in rows.enumerated() {
      var seen: [String: Int] = [:]
      for record in row.records {
        // Tests of equal variables are told apart by their order.
        let count = seen[record.question, default: 0]
        seen[record.question] = count + 1
        let key = "\(count) \(record.question)"
        if found[key] == nil { order.append(key) }
        found[key, default: [:]][index] = record
      }
    }
    return order.compactMap { key in
      guard let records = found[key], let first = rows.indices.lazy.compactMap({ records[$0] }).first else {
        return nil
      }
      return Comparand(
        id: first.result.id, question: Self.question(of: first.document), expected: first.result.expected,
        results: rows.indices.map { records[$0]?.result })
    }
  }

  /// The question of a row, or its variables with their names.
  private static func question(of document: JSONObject) -> String {
    var variables = document["variables"]?.objectValue ?? document
    if document["variables"] == nil {
      for member in Expectation.kinds + Expectation.settings + ["assert", "id"] { variables[member] = nil }
    }
    func text(_ value: JSON) -> String { value.stringValue ?? value.serialized() }
    if let question = variables["question"], variables.count == 1 { return text(question) }
    return variables.map { "\($0.key): \(text($0.value))" }.joined(separator: ", ")
  }
}
