import Foundation
import MartletJSON
import MartletYAML
import Testing

/// Texts and what ruamel.yaml reads in them (`Fixtures/make_yaml.py`).
@Suite struct ParityTests {
  static let fixtures = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")

  @Test func readsWhatTheReferenceReads() throws {
    let record = try JSON(parsing: [UInt8](Data(contentsOf: Self.fixtures.appending(path: "yaml.json"))))
    let cases = try #require(record["cases"]?.arrayValue)
    #expect(cases.count > 60)
    for sample in cases {
      let text = try #require(sample["yaml"]?.stringValue)
      let value = try? JSON(parsingYAML: text)
      if let reason = Self.differences[text] {
        #expect(!Self.agree(value, sample["value"]), "\(reason) no longer holds: \(JSON.quoted(text))")
      } else {
        #expect(
          Self.agree(value, sample["value"]),
          "\(JSON.quoted(text)): \(value?.serialized() ?? "an error") and not \(sample.serialized())")
      }
    }
  }

  /// Where this reader differs on purpose.
  static let differences: [String: String] = [
    // YAML 1.2.2, section 6.9.1: the tag "!" makes a text of a plain scalar.
    "k: ! 12\n": "a plain scalar with the tag ! is a text"
  ]

  /// The cases of the YAML test suite, written by `make_yaml.py --suite` to the path in MARTLET_YAML_SUITE.
  @Test(
    .enabled(if: ProcessInfo.processInfo.environment["MARTLET_YAML_SUITE"] != nil, "needs MARTLET_YAML_SUITE")
  )
  func readsTheTestSuite() throws {
    let path = try #require(ProcessInfo.processInfo.environment["MARTLET_YAML_SUITE"])
    var (equal, refused, total, failures) = (0, 0, 0, [String]())
    for line in try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n") {
      let sample = try JSON(parsing: String(line))
      let text = sample["yaml"]?.stringValue ?? ""
      let id = sample["id"]?.stringValue ?? ""
      let value = Result { () throws(YAMLError) in try JSON(parsingYAML: text) }
      if sample["fails"]?.boolValue == true {
        total += 1
        if case .failure = value { refused += 1 } else { failures.append("\(id): read, but is not YAML") }
      } else if let expected = sample["json"]?.stringValue, let json = try? JSON(parsing: expected) {
        total += 1
        switch value {
        case .success(let value) where Self.agree(value, json): equal += 1
        case .success(let value): failures.append("\(id): \(value.serialized()) and not \(json.serialized())")
        case .failure(let error): failures.append("\(id): \(error)")
        }
      }
    }
    print("\(equal) of the suite's cases equal, \(refused) refused as they should be, of \(total)")
    for failure in failures { print(failure) }
    // What is left are tags, which this module refuses, and corners of the grammar where libyaml differs.
    #expect(equal + refused >= total * 8 / 10)
  }

  /// Whether both are errors, or the same value; numbers are compared as numbers.
  static func agree(_ value: JSON?, _ expected: JSON?) -> Bool {
    switch (value, expected) {
    case (nil, nil): true
    case (.number(let a)?, .number(let b)?): a.doubleValue == b.doubleValue
    case (.array(let a)?, .array(let b)?): a.count == b.count && zip(a, b).allSatisfy { agree($0, $1) }
    case (.object(let a)?, .object(let b)?):
      a.count == b.count && zip(a, b).allSatisfy { $0.key == $1.key && agree($0.value, $1.value) }
    case (let a?, let b?): a == b
    default: false
    }
  }
}
