import MartletJSON
import MartletLanguageModels
import MartletPrompting
import MartletScriptedModels
import MartletSeededRandom
import Testing

@Suite("Prompt templates")
struct TemplateTests {
  private func read(_ yaml: String) throws -> PromptTemplate {
    try PromptTemplate(yaml: Array(yaml.utf8), file: "greeting.yaml")
  }

  private func message(_ make: () throws -> some Any) -> String {
    do { return "no error: \(try make())" } catch { return "\(error)" }
  }

  @Test func variablesTakeTheirValuesOrTheirDefaults() throws {
    let template = try read(
      "name: tip\nversion: 2\nsystem: Be short.\nprompt: \"{{percent}}% of ${{bill}}\"\ndefaults: {percent: 15}"
    )
    #expect(template.name == "tip" && template.version == "2")
    #expect(try template.prompt(["bill": "47.50"]).lines == ["system: Be short.", "user: 15% of $47.50"])
    #expect(try template.prompt(["bill": "1", "percent": 20]).lines.last == "user: 20% of $1")
  }

  @Test func aVariableWithoutAValueIsNamedWithThoseThatHaveOne() throws {
    let template = try read("prompt: 'Hello {{name}}'")
    #expect(throws: PromptingError.missingVariable("name", template: #""Hello {{name}}""#, given: ["nam"])) {
      try template.prompt(["nam": "Ada"])
    }
    #expect(template.name == "greeting")
    let text = message { try template.prompt([:]) }
    #expect(text.contains("needs the variable \"name\"") && text.contains("no variable has one"), "\(text)")
  }

  @Test func lineBreaksStayAsTheyAreWritten() throws {
    let template = try PromptTemplate("a\n{% if b %}b\n{% endif %}\n", isRaw: true)
    #expect(try template.prompt(["b": true]) == .text("a\nb\n\n"))
  }

  @Test func messagesStandForSystemAndPrompt() throws {
    let template = try read(
      """
      messages:
        - {role: user, content: Hello}
        - {role: assistant, content: "Yes, {{name}}?"}
        - {role: user, content: "{{question}}"}
      """)
    let lines = try template.prompt(["name": "Ada", "question": "2+2?"]).lines
    #expect(lines == ["user: Hello", "assistant: Yes, Ada?", "user: 2+2?"])
  }

  @Test(arguments: [
    ("[1]", "must be a mapping"), ("system: a", "prompt: is missing"), ("prompt: '{{a'", "prompt: "),
    ("prompt: a\npromt: b", "promt: is not known; known are"), ("prompt: 5", "prompt: must be a string"),
    ("prompt: a\nmessages: []", "messages: cannot be together with prompt"),
    ("messages: []", "must end with a message of the user"),
    ("messages: [{role: bird, content: a}]", "messages[0].role: must be system, user or assistant"),
    ("messages: [{role: user}]", "messages[0].content: is missing"),
    ("raw: true\nsystem: a\nprompt: b", "raw: means that the prompt is one text"),
    ("prompt: a\ndefaults: 3", "defaults: must be a mapping"), ("prompt: a\nversion: [1]", "version: "),
    ("prompt: [", "greeting.yaml: "),
  ])
  func whatIsWrongInAFileIsNamed(yaml: String, expected: String) {
    let text = message { try read(yaml) }
    #expect(text.hasPrefix("greeting.yaml: ") && text.contains(expected), "\(yaml): \(text)")
  }

  @Test func hostileFilesAreErrorsAndNoTraps() {
    let depth = String(repeating: "[", count: 5000)
    for text in ["prompt: \(depth)", "{\"prompt\": \(depth)", "", "\u{0}", "prompt: !!binary x", "&a [*a]"] {
      #expect(throws: PromptingError.self) { try read(text) }
    }
    let seed = UInt64(20_261)
    var random = SplitMix64(seed: seed)
    let valid = Array("name: a\nmessages: [{role: user, content: '{{x}}'}]\ndefaults: {x: 1}\n".utf8)
    for _ in 0..<300 {
      var bytes = valid
      for _ in 0..<3 {
        bytes[Int.random(in: bytes.indices, using: &random)] = .random(in: 0...255, using: &random)
      }
      // A changed file may still be one; it must not trap.
      _ = try? PromptTemplate(yaml: bytes, file: "seed \(seed)").prompt([:])
    }
  }

  @Test func aTemplateThatRunsForeverIsStopped() throws {
    let template = try PromptTemplate("{% for i in range(100000000) %}{{i}}{% endfor %}")
    #expect(throws: PromptingError.self) { try template.prompt([:]) }
  }
}
