import Foundation
import MartletJSON
import MartletTestScope
import Testing

@Suite("complete", .startsProcesses)
struct CompleteCommandTests {
  private func withFile<Result>(_ body: (String) throws -> Result) throws -> Result {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("a:b.txt")
      try Data("the swift\nis here\n".utf8).write(to: file)
      return try body(file.path)
    }
  }

  private func run(_ arguments: [String], input: String = "") throws -> MartletProcess.Result {
    try MartletProcess(input: Data(input.utf8)).run(["complete", "-m", TinyFolder.path] + arguments)
  }

  @Test("A place gives a text with its sources and figures")
  func place() throws {
    try withFile { file in
      for place in ["\(file):2", "\(file):2:3"] {
        let result = try run([place, "--json", "--max-tokens", "4"])
        #expect(result.status == 0, "\(result.errors)")
        let object = try JSON(parsing: result.text)
        #expect(object["text"]?.stringValue != nil && object["sources"] == [])
        #expect(object["prompt_tokens"]?.intValue ?? 0 > 0 && object["seconds"]?.doubleValue != nil)
        #expect(object["load_seconds"]?.doubleValue != nil && object["finish_reason"] != nil)
      }
    }
  }

  @Test("A place that is not there is named, with 64")
  func noSuchPlace() throws {
    try withFile { file in
      let cases: [([String], Int32, String)] = [
        (["\(file):9"], 64, "There is no line 9"), (["\(file):1:99"], 64, "There is no column 99 in line 1"),
        ([file], 64, "names no line"), (["no-such-file:1"], 66, "no-such-file"), ([], 64, "FILE:LINE"),
        (["\(file):1", "--stdio"], 64, "--stdio"), (["\(file):1", "--passages", "2"], 64, "--index"),
      ]
      for (arguments, status, message) in cases {
        let result = try run(arguments)
        #expect(result.status == status && result.errors.contains(message), "\(arguments): \(result.errors)")
      }
    }
  }

  @Test("--stdio answers each request with one line, in order, and names what is wrong with one")
  func stdio() throws {
    try withFile { file in
      let requests: [JSON] = [
        ["id": "a", "file": .string(file)], ["id": 2, "file": .string(file), "line": 7],
        ["id": 3, "file": .string(file), "line": 1, "colour": 1],
        ["id": 4, "file": "unsaved", "line": 1, "text": "the swift"],
      ]
      let input = requests.map { $0.serialized() + "\n" }.joined()
      let result = try run(["--stdio", "--max-tokens", "3"], input: input)
      #expect(result.status == 0, "\(result.errors)")
      let answers = try result.text.split(separator: "\n").map { try JSON(parsing: String($0)) }
      #expect(answers.map { $0["id"] } == ["a", 2, 3, 4])
      // A newer request may have come before the answer to an older one.
      let errors = answers.map { $0["cancelled"] == true ? "cancelled" : $0["error"]?.stringValue ?? "" }
      #expect(errors[0].contains("\"line\"") || errors[0] == "cancelled")
      #expect(errors[1].contains("no line 7") || errors[1] == "cancelled")
      #expect(errors[2].contains("colour") || errors[2] == "cancelled")
      #expect(answers[3]["text"]?.stringValue != nil && answers[3]["sources"] == [] && errors[3].isEmpty)
    }
  }
}
