import MartletGrammars
import MartletJSON
import MartletLanguageModels
import MartletTokenizers
import Synchronization

/// Makes forms of a model's completions, and keeps the latest: requests often ask for the same one.
final class FormCompiler: Sendable {
  private let tokenizer: Tokenizer
  private let kept = Mutex(Kept())

  private struct Kept: Sendable {
    /// Made when the first form is asked for: most generations have none.
    var vocabulary: FormVocabulary?
    var grammars: [(key: String, grammar: TokenGrammar)] = []
  }

  private static let mostKept = 16

  init(_ tokenizer: Tokenizer) { self.tokenizer = tokenizer }

  /// The form that a request asks for; nil for plain text.
  /// - Throws: `GrammarError` for a form that cannot be kept to.
  func form(for request: GenerationRequest, after prompt: [TokenID]) throws -> CompletionForm? {
    guard let key = request.responseFormat.key else { return nil }
    let (vocabulary, grammar) = try kept.withLock { kept in
      let vocabulary = kept.vocabulary ?? FormVocabulary(tokenizer)
      kept.vocabulary = vocabulary
      if let index = kept.grammars.firstIndex(where: { $0.key == key }) {
        let found = kept.grammars.remove(at: index)
        kept.grammars.append(found)
        return (vocabulary, found.grammar)
      }
      let grammar = TokenGrammar(try request.responseFormat.grammar(), vocabulary: vocabulary.tokens)
      kept.grammars.append((key, grammar))
      if kept.grammars.count > Self.mostKept { kept.grammars.removeFirst() }
      return (vocabulary, grammar)
    }
    var mayThink = false
    if case .messages = request.prompt { mayThink = true }
    return CompletionForm(grammar.start(), vocabulary, after: prompt, mayThink: mayThink)
  }
}

extension ResponseFormat {
  /// What tells one form from another; nil for plain text.
  fileprivate var key: String? {
    switch self {
    case .text: nil
    case .json: "json"
    case .jsonSchema(let schema): "schema " + schema.serialized()
    case .regex(let pattern): "regex " + pattern
    case .choice(let texts): "choice " + JSON.array(texts.map { .string($0) }).serialized()
    case .grammar(let text): "grammar " + text
    }
  }

  /// The texts of this form.
  fileprivate func grammar() throws(GrammarError) -> Grammar {
    switch self {
    case .text, .json: .jsonObject
    case .jsonSchema(let schema): try Grammar(jsonSchema: schema)
    case .regex(let pattern): try Grammar(regex: pattern)
    case .choice(let texts): try Grammar(choices: texts)
    case .grammar(let text): try Grammar(gbnf: text)
    }
  }
}
