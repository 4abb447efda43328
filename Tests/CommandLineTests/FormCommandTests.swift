import Foundation
import MartletJSON
import MartletTestScope
import Testing

@Suite("‘generate’ holds answers to a form, or refuses it before a token is made", .startsProcesses)
struct FormCommandTests {
  private func generate(_ arguments: String...) throws -> MartletProcess.Result {
    try MartletProcess().run(["generate", "-m", TinyFolder.path, "--raw", "--seed", "3"] + arguments)
  }

  @Test("One of the choices, a match of the expression, a text of the grammar")
  func forms() throws {
    let choice = try generate("--choice", "yes", "--choice", "no", "the")
    #expect(["yes\n", "no\n"].contains(choice.text), "\(choice.text)\(choice.errors)")
    let date = try generate("--regex", "[0-9]{4}-[0-9]{2}", "the")
    #expect(date.text.wholeMatch(of: /[0-9]{4}-[0-9]{2}\n/) != nil, "\(date.text)\(date.errors)")
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("g.gbnf")
      try Data(#"root ::= "a" [bc]{2} "d""#.utf8).write(to: file)
      let text = try generate("--grammar", file.path, "the").text
      #expect(text.wholeMatch(of: /a[bc][bc]d\n/) != nil, "\(text)")
    }
  }

  @Test("JSON of a schema that stands in a file or in the option itself, with --json and for lines, too")
  func schema() throws {
    let schema =
      #"{"type":"object","properties":{"n":{"type":"integer","minimum":0,"maximum":9}},"required":["n"],"additionalProperties":false}"#
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("schema.json")
      try Data(schema.utf8).write(to: file)
      for source in [schema, file.path] {
        let result = try generate("--json-schema", source, "--json", "the")
        try #require(result.status == 0, "\(result.errors)")
        let text = try #require(JSON(parsing: result.text)["text"]?.stringValue)
        let number = try #require(JSON(parsing: text)["n"]?.doubleValue)
        #expect((0...9).contains(number), "\(text)")
      }
      var program = MartletProcess()
      program.input = Data("{\"prompt\":\"the\"}\n{\"prompt\":\"a\"}\n".utf8)
      let lines = try program.run([
        "generate", "-m", TinyFolder.path, "--raw", "--format", "jsonl", "--json-schema", schema,
      ])
      let records = try lines.text.split(separator: "\n").map { try JSON(parsing: String($0)) }
      #expect(records.count == 2)
      for record in records {
        #expect(try JSON(parsing: record["completion"]?.stringValue ?? "")["n"] != nil)
      }
    }
  }

  @Test("A form that cannot be enforced is an error with its place, and nothing is generated")
  func refusals() throws {
    let unknown = try generate(
      "--json-schema", #"{"properties":{"a":{"unevaluatedItems":false}}}"#, "the")
    #expect(unknown.status == 65 && unknown.text.isEmpty)
    #expect(unknown.errors.contains("#/properties/a/unevaluatedItems"), "\(unknown.errors)")
    for arguments in [["--json-schema", "{"], ["--regex", "a("], ["--json-schema", #"{"enum":[]}"#]] {
      let result = try MartletProcess().run(
        ["generate", "-m", TinyFolder.path, "--raw"] + arguments + ["the"])
      #expect(result.status == 65 && result.text.isEmpty, "\(arguments): \(result.errors)")
    }
    let missing = try generate("--grammar", "/nowhere/g.gbnf", "the")
    #expect(missing.status == 66 && missing.errors.contains("/nowhere/g.gbnf"))
    let two = try generate("--regex", "a", "--choice", "b", "the")
    #expect(two.status == 64 && two.errors.contains("exclude each other"))
    for option in [["--stop", "x"], ["--ignore-eos", "-n", "3"]] {
      let result = try MartletProcess().run(
        ["generate", "-m", TinyFolder.path, "--raw", "--regex", "a"] + option + ["the"])
      #expect(result.status == 64 && result.errors.contains("has no place beside a form"))
    }
  }

  @Test("An answer that is cut before its form is complete is reported")
  func cut() throws {
    let result = try generate("--regex", "a{40}", "-n", "3", "the")
    #expect(result.status == 0 && result.text == "aaa\n")
    #expect(result.errors.contains("cut before its form was complete"), "\(result.errors)")
  }
}
