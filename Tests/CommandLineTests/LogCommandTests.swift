import Foundation
import MartletJSON
import MartletTestScope
import Testing

@Suite("‘martlet log’ shows what was asked and answered", .startsProcesses)
struct LogCommandTests {
  private func withHome(_ body: (_ martlet: (String...) throws -> MartletProcess.Result) throws -> Void)
    throws
  {
    try withTemporaryFolder { folder in
      let log = folder.appendingPathComponent("log.sqlite").path
      try body { (arguments: String...) in
        try MartletProcess(environment: ["MARTLET_LOG": log]).run(arguments)
      }
    }
  }

  @Test("An answer is logged, found, shown, noted and deleted; --no-log leaves no trace")
  func wholeLife() throws {
    let model = TinyFolder.path
    try withHome { martlet in
      #expect(try martlet("log", "list").errors == "The log is empty.\n")
      let first = try martlet("generate", "-m", model, "--raw", "--ignore-eos", "-n", "3", "abc dog")
      try #require(first.status == 0, "\(first.errors)")
      #expect(first.errors.contains("which only you can read"))
      let second = try martlet(
        "generate", "-m", model, "--raw", "--ignore-eos", "-n", "3", "--no-log", "secret")
      #expect(second.status == 0 && !second.errors.contains("which only you can read"))

      let listed = try JSON(parsing: martlet("log", "list", "--json").text)
      let entries = try #require(listed["entries"]?.arrayValue)
      try #require(entries.count == 1)
      #expect(entries[0]["prompt"] == "abc dog" && entries[0]["source"] == "generate")
      #expect(entries[0]["answer"]?.stringValue.map { $0 + "\n" } == first.text)
      #expect(entries[0]["completion_tokens"] == 3 && entries[0]["finish_reason"] == "length")

      #expect(try martlet("log", "search", "DOG").text.contains("abc dog"))
      #expect(try martlet("log", "search", "DOG", "cat").errors == "No entry contains that.\n")
      #expect(try martlet("log", "note", "1", "works well").errors == "Noted.\n")
      #expect(try martlet("log", "search", "works").text.contains("abc dog"))
      let shown = try martlet("log", "show", "1").text
      #expect(shown.contains("works well") && shown.contains("abc dog") && shown.contains("\"max_tokens\":3"))

      let missing = try martlet("log", "show", "9")
      #expect(missing.status == 66 && missing.errors.contains("There is no entry 9"))
      #expect(try martlet("log", "delete").status == 64)
      #expect(try martlet("log", "delete", "1").errors == "1 entry deleted.\n")
      #expect(try martlet("log", "list").errors == "The log is empty.\n")
    }
  }
}
