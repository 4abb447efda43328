import Foundation
import MartletJSON
import Testing

@testable import MartletCommandLine

@Suite("What is typed into a chat")
struct ChatInputTests {
  @Test("Lines are messages unless they begin with a slash, and texts of several lines with a command's name")
  func lines() {
    #expect(ChatLine("Hello /reset") == .message("Hello /reset"))
    #expect(ChatLine(" /reset") == .message(" /reset"))
    #expect(ChatLine("/system Be brief. ") == .system("Be brief."))
    #expect(ChatLine("/system Be brief.\nBe kind.") == .system("Be brief.\nBe kind."))
    #expect(ChatLine("/system") == .system("") && ChatLine("/reset ") == .reset)
    #expect(ChatLine("/save talk of swifts.json") == .save("talk of swifts.json"))
    #expect(ChatLine("/model") == .model(nil) && ChatLine("/model a/b.gguf") == .model("a/b.gguf"))
    for end in ["/bye", "/exit", "/quit"] { #expect(ChatLine(end) == .exit) }
    for help in ["/?", "/help"] { #expect(ChatLine(help) == .help) }
    let pasted = "/etc/hosts holds\n127.0.0.1"
    #expect(ChatLine(pasted) == .message(pasted))
  }

  @Test("An unknown or incomplete command gets an error that says what helps")
  func mistakes() {
    let advice = "/? lists the commands; a space before the slash makes it a message."
    #expect(ChatLine("/rest") == .mistake("There is no command /rest. Did you mean /reset? \(advice)"))
    #expect(ChatLine("/save") == .mistake("/save needs a file: /save FILE"))
    #expect(ChatLine("/bye now") == .mistake("/bye takes nothing behind it. \(advice)"))
    #expect(ChatLine("/set seed") == .mistake("/set: seed needs a value, or ‘default’ for the model's own."))
    guard case .mistake(let problem) = ChatLine("/set temprature 1") else {
      Issue.record("/set takes an unknown value")
      return
    }
    #expect(problem.contains("‘temprature’. Did you mean temperature? The values are temperature, top-k,"))
  }

  @Test("/set takes each sampling option under the names that people know, and checks its value")
  func settings() throws {
    #expect(ChatLine("/set temperature 0.2") == .set(ChatSetting(name: "temperature", value: "0.2")))
    #expect(ChatLine("/set top_k=20") == .set(ChatSetting(name: "top-k", value: "20")))
    #expect(ChatLine("/set --seed default") == .set(ChatSetting(name: "seed", value: nil)))
    #expect(ChatLine("/set") == .set(nil))
    let cold = try ChatSetting("temperature 0").apply(to: Arguments())
    #expect(cold[ChatOptions.sampling.temperature] == 0)
    #expect(try ChatSetting("temperature default").apply(to: cold)[ChatOptions.sampling.temperature] == nil)
    #expect(try ChatSetting("max_tokens 5").apply(to: cold)[ChatOptions.maximumTokens] == 5)
    for wrong in ["temperature -1", "top-k many", "top-p 2", "logit-bias 3"] {
      #expect(throws: InvalidValue.self) { try ChatSetting(wrong).apply(to: Arguments()) }
    }
  }

  private func messages(_ lines: [String], takesQuotes: Bool = true) -> [String] {
    var message = MessageLines(takesQuotes: takesQuotes)
    return lines.compactMap { message.add($0) } + [message.rest()].compactMap(\.self)
  }

  @Test("Quotes, backslashes and pastes make messages of several lines; empty ones are passed over")
  func severalLines() {
    #expect(messages(["a", "", "  ", "b"]) == ["a", "b"])
    #expect(messages(["a\\", "b"]) == ["a\nb"])
    #expect(messages(["\"\"\"", "a", "", "b", "\"\"\"", "c"]) == ["a\n\nb", "c"])
    #expect(messages(["\"\"\"a", "b\"\"\" "]) == ["a\nb"] && messages(["\"\"\"a\"\"\""]) == ["a"])
    #expect(messages(["/system \"\"\"Be brief.", "Be kind.\"\"\""]) == ["/system Be brief.\nBe kind."])
    #expect(messages(["\"\"\"", "\"\"\"", "a"]) == ["a"])
    #expect(messages(["\"\"\"", "a"]) == ["a"], "what was begun is a message at the end of the input")
    let pasted = "\"\"\"A docstring.\"\"\"\nimport os\n"
    #expect(messages([pasted, "b"]) == [String(pasted.dropLast()), "b"])
    #expect(messages(["\"\"\"", "a\nb", "\"\"\""]) == ["a\nb"])
    #expect(messages(["\"\"\"", "a"], takesQuotes: false) == ["\"\"\"", "a"])
  }
}
