import Foundation
import MartletJSON
import MartletLanguageModels

/// What `generate` takes for the form of answers.
enum FormOptions {
  static let schema = Parameter<String?>.option(
    "json-schema", .path("FILE"),
    help: "The answer is JSON that this JSON Schema accepts; a schema itself may stand in place of its file.")
  static let regex = Parameter<String?>.option(
    "regex", .text("PATTERN"), help: "The answer is a text that this regular expression matches as a whole.")
  static let choices = Parameter<[String]>.options(
    "choice", .text("TEXT"), help: "The answer is one of these texts.")
  static let grammar = Parameter<String?>.option(
    "grammar", .path("FILE"), help: "The answer is a text of this grammar, in llama.cpp's GBNF.")

  static let definitions: [ParameterDefinition] = [
    schema.definition, regex.definition, choices.definition, grammar.definition,
  ]

  static let discussion = """
    --json-schema, --regex, --choice and --grammar hold the answer to a form: only tokens that keep to it are drawn, so \
    an answer that comes to its end is always valid. A keyword of a schema that cannot be enforced is an error before \
    anything is generated. The model is not told of the form: say in the prompt what you want, and allow enough \
    --max-tokens, since an answer that is cut is not whole. What a model thinks before its answer is free.
    """

  /// The form that `arguments` ask for.
  /// - Throws: `UsageError` where they ask for several, or a file cannot be read.
  static func format(_ arguments: Arguments) throws -> ResponseFormat {
    let given = definitions.filter(arguments.has)
    if given.count > 1 {
      throw UsageError(
        "\(given[0].spelling) and \(given[1].spelling) exclude each other: an answer has one form.",
        advice: "Leave one of them out.")
    }
    if let text = arguments[schema] { return .jsonSchema(try Self.schema(text)) }
    if let pattern = arguments[regex] { return .regex(pattern) }
    if arguments.has(choices) { return .choice(arguments[choices]) }
    if let path = arguments[grammar] { return .grammar(try contents(of: path)) }
    return .text
  }

  private static func schema(_ text: String) throws -> JSON {
    let isSchema =
      text.drop(while: \.isWhitespace).first == "{" || ["true", "false"].contains(text.trimmingSpace)
    let source = isSchema ? text : try contents(of: text)
    do { return try JSON(parsing: source) } catch {
      throw ReportedFailure(
        .badData, "The schema\(isSchema ? "" : " in \(text)") is not JSON: \(error)")
    }
  }

  private static func contents(of path: String) throws -> String {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue else {
      throw ReportedFailure(.noInput, "\(path) \(isFolder.boolValue ? "is a folder" : "does not exist").")
    }
    // A pipe, too.
    guard let data = try? FileHandle(forReadingAtPath: path)?.readToEnd() ?? Data() else {
      throw ReportedFailure(.noInput, "\(path) cannot be read.")
    }
    guard let text = String(validating: data, as: UTF8.self) else {
      throw ReportedFailure(.badData, "\(path) is not UTF-8 text.")
    }
    return text
  }
}
