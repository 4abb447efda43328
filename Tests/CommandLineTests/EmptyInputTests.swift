import Foundation
import MartletTestScope
import Testing

@testable import MartletCommandLine

@Suite("Empty texts", .startsProcesses)
struct EmptyInputTests {
  private func refusal(_ arguments: String..., input: String = "") throws -> (status: Int32, errors: String) {
    let result = try MartletProcess(input: Data(input.utf8)).run(arguments)
    #expect(result.output.isEmpty, "\(result.text)")
    return (result.status, result.errors)
  }

  @Test("generate refuses a prompt of nothing or blanks, from wherever it comes")
  func generate() throws {
    for empty in ["", " \n\t"] {
      let refused = try refusal("generate", "-m", TinyFolder.path, "--raw", "")
      #expect(refused.status == 64 && refused.errors.contains("PROMPT is empty."))
      let blank = try refusal("generate", empty)
      #expect(blank.status == 64 && blank.errors.contains("PROMPT is empty."), "\(blank.errors)")
      let piped = try refusal("generate", "-", input: empty)
      #expect(piped.status == 64 && piped.errors.contains("standard input holds no text"))
    }
    let record = try refusal(
      "generate", "-m", TinyFolder.path, "--raw", "--format", "jsonl", input: "\n{\"prompt\": \"\"}\n")
    #expect(record.status == 65 && record.errors.contains("standard input, line 2: \"prompt\" is empty."))
    // Blanks are a text that a model can continue.
    let blanks = try MartletProcess().run("generate", "-m", TinyFolder.path, "--raw", "-n", "1", " ")
    #expect(blanks.status == 0, "\(blanks.errors)")
  }

  @Test("embed, ask, search, tokens and db query refuse an empty text; it is named where there are several")
  func others() throws {
    for arguments in [["embed", ""], ["embed", " "], ["tokens", "-m", TinyFolder.path, ""]] {
      let result = try MartletProcess().run(arguments)
      #expect(result.status == 64 && result.errors.contains("TEXT is empty."), "\(result.errors)")
    }
    let second = try refusal("embed", "a", "\n")
    #expect(second.status == 64 && second.errors.contains("TEXT number 2 is empty."))
    for command in ["ask", "search"] { #expect(try refusal(command, "  ").status == 64) }
    try withTemporaryFolder { folder in
      let store = folder.appending(path: "store").path
      #expect(try MartletProcess().run("db", "create", "birds", "--store", store).status == 0)
      for option in ["--words", "--text"] {
        let refused = try refusal("db", "query", "birds", "--store", store, option, " ")
        #expect(refused.status == 64 && refused.errors.contains("\(option) is empty."))
      }
    }
  }

  @Test("Without a text tokens has none, and perplexity says how much it needs")
  func nothing() throws {
    let count = try MartletProcess(input: Data()).run("tokens", "-m", TinyFolder.path, "--count")
    #expect(count.status == 0 && count.text == "0\n")
    let file = try refusal("perplexity", "-m", TinyFolder.path, "--context", "8", "-")
    #expect(
      file.status == 65 && file.errors.contains("needs at least one full window of 8"), "\(file.errors)")
  }

  @Test("embed names the empty line, and gives the vectors of the lines before it", .needs(Models.embedder))
  func lines() throws {
    for (options, input, problem) in [
      ([], "a\n \nb\n", "standard input, line 2: the line is empty"),
      (
        ["--format", "jsonl"], "{\"text\": \"a\"}\n\n{\"text\": \" \"}\n",
        "standard input, line 3: \"text\" is empty"
      ),
    ] {
      let result = try MartletProcess(input: Data(input.utf8)).run(["embed"] + options)
      #expect(result.status == 65 && result.errors.contains(problem), "\(result.errors)")
      #expect(result.text.split(separator: "\n").count == 1)
    }
  }
}
