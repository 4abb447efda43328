import MartletJSON

/// A JSON Schema (draft 2020-12) that values are compared with.
///
/// ```swift
/// let schema = try JSONSchema(JSON(parsing: #"{"type": "object", "required": ["name"]}"#))
/// let violations = schema.violations(of: ["age": 7])  // ["the value: the property name is missing"]
/// ```
public struct JSONSchema: Sendable {
  private let validator: SchemaValidator

  /// - Parameter schema: The schema. It may use the keywords that ``Grammar/init(jsonSchema:)`` enforces.
  /// - Throws: ``GrammarError`` with the JSON pointer of what is wrong; also for keywords that are not supported.
  public init(_ schema: JSON) throws(GrammarError) {
    validator = SchemaValidator(document: try SchemaDocument(schema))
  }

  /// What in a value does not fulfil the schema; nothing where it is valid.
  ///
  /// - Returns: Sentences, each beginning with the JSON pointer of the part of the value: `/tags/0: …`.
  public func violations(of value: JSON) -> [String] {
    var report = ViolationReport(isNeeded: true)
    validator.check(value, validator.document.root, at: "", &report)
    return report.violations
  }
}

extension Grammar {
  /// All JSON texts that are valid by a schema.
  ///
  /// Properties may come in any order. White space stands where people and programs write it: a blank, or a line break
  /// and up to 20 blanks, behind `{ [ , :` and before `} ]`.
  ///
  /// - Parameter jsonSchema: A schema of draft 2020-12.
  /// - Throws: ``GrammarError`` with the JSON pointer of a keyword that is wrong or not supported, and for a schema that
  ///   no value fulfils.
  public init(jsonSchema: JSON) throws(GrammarError) {
    try self.init(SchemaCompiler.compile(SchemaDocument(jsonSchema)))
  }

  /// All JSON objects.
  public static let jsonObject: Grammar = {
    // A schema without a keyword that could be refused.
    (try? Grammar(jsonSchema: ["type": "object"])) ?? Grammar(matchingNothing: ())
  }()
}
