import MartletCodeCompletion
import MartletJSON
import MartletLanguageModels
import MartletScriptedModels
import MartletTokenizers
import Testing

/// Passages that are there whatever is looked for.
private struct FixedPassages: CodePassageSource {
  var all: [CodePassage]

  func passages(like code: String, limit: Int) -> [CodePassage] { Array(all.prefix(limit)) }
}

@Suite("Code that is completed")
struct CodeCompleterTests {
  /// A tokenizer of single bytes with these special tokens from 256 on.
  private static func tokenizer(_ special: [String]) throws -> Tokenizer {
    var words = WordCounts()
    words.add("a")
    let vocabulary = try BytePairTrainer(
      vocabularySize: 256 + special.count, specialTokens: special
    ).train(on: words)
    return try vocabulary.makeTokenizer()
  }

  private static let gap = [
    "<|endoftext|>", "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", "<|repo_name|>", "<|file_sep|>",
  ]

  /// What the model was given, with special tokens spelled.
  private func prompt(_ model: ScriptedModel, _ tokenizer: Tokenizer) throws -> String {
    guard case .tokens(let ids)? = model.requests.first?.prompt else { return "" }
    return tokenizer.decode(ids, skipSpecialTokens: false)
  }

  private func completer(
    _ special: [String], says text: String, passages: [CodePassage] = []
  ) throws -> (CodeCompleter, ScriptedModel, Tokenizer) {
    let tokenizer = try Self.tokenizer(special)
    let model = ScriptedModel { _ in text }
    let source = passages.isEmpty ? nil : FixedPassages(all: passages)
    return (CodeCompleter(model, tokenizer: tokenizer, passages: source), model, tokenizer)
  }

  @Test("A model with tokens for it sees what is before and after the cursor")
  func fillInTheMiddle() async throws {
    let (completer, model, tokenizer) = try completer(Self.gap, says: "a + b\nmore")
    let suggestion = try await completer.complete(
      CompletionPoint(prefix: "let x = ", suffix: "\nlet y = x\n"))
    #expect(suggestion.text == "a + b" && suggestion.passages.isEmpty)
    #expect(
      try prompt(model, tokenizer) == "<|fim_prefix|>let x = <|fim_suffix|>\nlet y = x\n<|fim_middle|>")
    let request = try #require(model.requests.first)
    #expect(request.sampling == .greedy && request.maximumTokens == 32)
    #expect(request.stop.contains("<|file_sep|>"))
  }

  @Test("Any other model continues what is before the cursor, without the white space right there")
  func plain() async throws {
    let (completer, model, tokenizer) = try completer(["<|endoftext|>"], says: "  return a)")
    let point = CompletionPoint(prefix: "f() {\n  ", suffix: "\n}\n")
    #expect(try await completer.complete(point).text == "return a)")
    #expect(try prompt(model, tokenizer) == "f() {\n")
    let inLine = CompletionPoint(prefix: "f(", suffix: " a)\n")
    #expect(try await completer.complete(inLine).text == "  return ")
    await #expect(throws: CodeCompletionError.nothingBefore(model: "scripted")) {
      try await completer.complete(CompletionPoint(prefix: " ", suffix: "f()"))
    }
  }

  @Test("Passages of other files come before, the best nearest, under their paths in the project")
  func passages() async throws {
    let passages = [
      CodePassage(path: "/p/Sources/A.swift", lines: 1...2, text: "struct A {}"),
      CodePassage(path: "/q/B.swift", text: "struct B {}\n"),
    ]
    var (completer, model, tokenizer) = try completer(Self.gap, says: "A()", passages: passages)
    completer.root = "/p"
    let point = CompletionPoint(prefix: "let a = ", suffix: "", path: "/p/C.swift")
    let suggestion = try await completer.complete(point)
    #expect(suggestion.passages == passages && suggestion.text == "A()")
    #expect(
      try prompt(model, tokenizer) == """
        <|repo_name|>p
        <|file_sep|>B.swift
        struct B {}
        <|file_sep|>Sources/A.swift
        struct A {}
        <|file_sep|>C.swift
        <|fim_prefix|>let a = <|fim_suffix|><|fim_middle|>
        """)
    #expect(suggestion.promptTokens > 0)

    let (other, plainModel, plainTokenizer) = try self.completer(
      ["<|endoftext|>"], says: "A()", passages: passages)
    _ = try await other.complete(CompletionPoint(prefix: "a = ", suffix: "", path: "/p/c.py"))
    #expect(
      try prompt(plainModel, plainTokenizer)
        == "# B.swift\nstruct B {}\n\n\n# A.swift\nstruct A {}\n\na =")
  }

  @Test("Passages of the file itself that the model sees anyway are left out, and those that find no room")
  func leftOut() async throws {
    let lines = (1...400).map { "let line\($0) = \($0)" }.joined(separator: "\n")
    let passages = [
      CodePassage(path: "/p/C.swift", lines: 395...399, text: "near"),
      CodePassage(path: "/p/C.swift", lines: 1...3, text: "far"),
      CodePassage(path: "/p/D.swift", lines: 1...90, text: String(repeating: "long ", count: 500)),
      CodePassage(path: "/p/E.swift", lines: 1...1, text: "short"),
    ]
    let (completer, model, tokenizer) = try completer(Self.gap, says: "x", passages: passages)
    let point = try CompletionPoint(in: lines, path: "/p/C.swift", line: 400)
    let suggestion = try await completer.complete(point)
    #expect(suggestion.passages.map(\.text) == ["far", "short"])
    #expect(suggestion.promptTokens <= completer.promptTokens)
    let text = try prompt(model, tokenizer)
    #expect(text.contains("let line400 = 400<|fim_suffix|>") && !text.contains("line1 ="))
  }

  @Test("What the model reads begins at the same line while a person types")
  func stableBeginning() async throws {
    let lines = (1...200).map { "let line\($0) = \($0)\n" }.joined()
    let (completer, model, _) = try completer(Self.gap, says: "x")
    for typed in ["l", "le", "let x = 1"] {
      _ = try await completer.complete(CompletionPoint(prefix: lines + typed, suffix: ""))
    }
    let prompts = model.requests.compactMap { request -> [Int32]? in
      if case .tokens(let ids) = request.prompt { ids } else { nil }
    }
    // The last tokens are those that say that nothing follows.
    #expect(
      prompts[1].starts(with: prompts[0].dropLast(2)) && prompts[2].starts(with: prompts[1].dropLast(2)))
  }

  @Test("What stands after the cursor is not written again")
  func repeatedEnd() async throws {
    let (completer, _, _) = try completer(Self.gap, says: "tokens, cache: cache)")
    let point = CompletionPoint(prefix: "append(", suffix: "cache: cache)\n}")
    #expect(try await completer.complete(point).text == "tokens, ")
    let (closing, _, _) = try self.completer(Self.gap, says: "g(x)")
    #expect(try await closing.complete(CompletionPoint(prefix: "f(", suffix: ")\n")).text == "g(x)")
  }
}
