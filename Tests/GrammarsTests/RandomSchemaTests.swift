import Foundation
import MartletGrammars
import MartletJSON
import MartletSeededRandom
import MartletTestScope
import Testing

/// Random schemas and values with the verdicts of Python's jsonschema (`Fixtures/make_schemas.py`).
@Suite struct RandomSchemaTests {
  private static func cases() throws -> [JSON] {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/schemas.json")
    let record = try JSON(parsing: [UInt8](Data(contentsOf: file)))
    return try #require(record["cases"]?.arrayValue)
  }

  @Test(.long) func verdictsAreThoseOfJSONSchema() throws {
    var refused: [String] = []
    for item in try Self.cases() {
      let schema = try #require(item["schema"])
      let validator = try JSONSchema(schema)
      let grammar: Grammar
      do throws(GrammarError) {
        grammar = try Grammar(jsonSchema: schema)
      } catch {
        refused.append("\(schema.serialized()): \(error)")
        continue
      }
      for pair in item["values"]?.arrayValue ?? [] {
        let (value, isValid) = (try #require(pair[0]), pair[1]?.boolValue == true)
        let comment = Comment(rawValue: "\(schema.serialized()): \(value.serialized())")
        #expect(validator.violations(of: value).isEmpty == isValid, comment)
        for style in [JSONStyle.python, .compact, .pretty] {
          #expect(grammar.matches(value.integersAsSuch.serialized(style: style)) == isValid, comment)
        }
      }
    }
    #expect(refused.count <= 20, "\(refused.joined(separator: "\n"))")
  }

  @Test(.long) func textsOfRandomSchemasAreValid() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SplitMix64(seed: seed)
    for item in try Self.cases().shuffled(using: &random).prefix(TestScope.isSlow ? 300 : 40) {
      let schema = try #require(item["schema"])
      guard let grammar = try? Grammar(jsonSchema: schema) else { continue }
      let comment = Comment(rawValue: "seed \(seed): \(schema.serialized())")
      let walk = Toy.walk(
        TokenGrammar(grammar, vocabulary: Toy.vocabulary), &random, tokens: 8, checksMasks: TestScope.isSlow,
        comment)
      guard walk.isComplete else { continue }
      let violations = try JSONSchema(schema).violations(of: JSON(parsing: walk.text))
      #expect(violations.isEmpty, "\(comment): \(walk.text): \(violations)")
    }
  }
}

extension JSON {
  /// The value with `1` for `1.0`, as integers are written under a schema.
  fileprivate var integersAsSuch: JSON {
    switch self {
    case .number(let number): number.intValue.map { JSON($0) } ?? self
    case .array(let elements): .array(elements.map(\.integersAsSuch))
    case .object(let members): .object(JSONObject(members.map { ($0.key, $0.value.integersAsSuch) }))
    default: self
    }
  }
}
