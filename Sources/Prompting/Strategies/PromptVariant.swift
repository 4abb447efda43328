import MartletJSON
import MartletLanguageModels

/// A prompt with its strategy: one of those that an experiment compares.
///
/// ```swift
/// let template = try PromptTemplate("{{question}}")
/// let variant = try PromptVariant("direct", template)
/// let outcome = try await variant.answer(["question": "2+2=?"], model: model)
/// print(outcome.answer ?? "no answer", outcome.usage.completionTokens)
/// ```
public struct PromptVariant: Sendable {
  /// What people call it.
  public let name: String
  /// What is asked; the last step of a chain.
  public let template: PromptTemplate
  /// How it is asked.
  public let strategy: PromptStrategy
  /// How the final answer is found in a completion.
  public let extraction: AnswerExtraction
  /// How completions are generated.
  public let generation: PromptGeneration
  private let asked: AskedExamples?

  /// A prompt.
  /// - Throws: ``PromptingError`` where an example lacks a variable, so that no model is asked in vain.
  public init(
    _ name: String, _ template: PromptTemplate, strategy: PromptStrategy = .zeroShot,
    extraction: AnswerExtraction = .whole, generation: PromptGeneration = PromptGeneration()
  ) throws(PromptingError) {
    self.name = name
    self.template = template
    self.strategy = strategy
    self.extraction = extraction
    var generation = generation
    if case .selfConsistency(let settings) = strategy { generation.temperature = settings.temperature }
    // A text goes on with the next question where nothing says that the answer ends.
    if template.isRaw, strategy.examples != nil, generation.stop.isEmpty { generation.stop = ["\n\n"] }
    self.generation = generation
    if let examples = strategy.examples {
      var questions: [String] = []
      for example in examples.examples {
        questions.append(try Self.question(template, example, strategy.instruction))
        _ = try template.render(examples.answer, example)
      }
      asked = AskedExamples(questions)
    } else {
      asked = nil
    }
  }

  /// The prompt with everything that its answers depend on, for recipes.
  public var json: JSON {
    var members: JSONObject = [
      "name": .string(name), "strategy": .string(strategy.kind.rawValue), "template": template.json,
      "answer": extraction.json, "generation": generation.json,
    ]
    if let instruction = strategy.instruction { members["instruction"] = .string(instruction) }
    if let examples = strategy.examples { members["examples"] = examples.json }
    if case .selfConsistency(let settings) = strategy { members["samples"] = JSON(settings.samples) }
    if case .chain(let steps) = strategy { members["steps"] = .array(steps.map(\.json)) }
    return .object(members)
  }

  /// Whether a name stands in one of its texts, so that it may be a variable.
  package func mentions(_ name: String) -> Bool {
    if template.mentions(name) { return true }
    if case .chain(let steps) = strategy { return steps.contains { $0.template.mentions(name) } }
    return false
  }

  /// Sees to it that the texts can be made of an item's variables, so that no model is asked in vain.
  /// - Throws: ``PromptingError/missingVariable(_:template:given:)``, or ``PromptingError/template(_:problem:)``.
  public func check(_ variables: JSONObject) throws(PromptingError) {
    guard case .chain(let steps) = strategy else {
      _ = try template.prompt(variables)
      return
    }
    // What the steps will give is not known: only a variable that nothing gives is wrong.
    var variables = variables
    for (name, template) in steps.map({ ($0.output, $0.template) }) + [("", template)] {
      do { _ = try template.prompt(variables) } catch {
        if case .missingVariable = error { throw error }
      }
      variables[name] = ""
    }
  }

  /// The prompt of its last step, with the examples for these variables.
  /// - Parameters:
  ///   - variables: The item's; for a chain, with the outputs of its steps.
  ///   - embeddings: What finds the nearest examples, where the strategy asks for those.
  /// - Throws: ``PromptingError``, or what `embeddings` throws.
  public func prompt(_ variables: JSONObject, embeddings: TextEmbeddings? = nil) throws -> Prompt {
    let question = try Self.question(template, variables, strategy.instruction)
    var examples: [(question: String, answer: String)] = []
    if let selection = strategy.examples, let asked {
      let places = try selection.places(for: question, among: asked, prompt: name, embeddings: embeddings)
      for place in places {
        let answer = try template.render(selection.answer, selection.examples[place])
        examples.append((asked.questions[place], answer))
      }
    }
    if template.isRaw {
      var turns = PromptTurns()
      for example in examples {
        turns.addExample(
          example.question, answer: example.answer, prefix: nil, targetDelimiter: " ",
          fewshotDelimiter: "\n\n")
      }
      turns.addQuestion(question, prefix: nil, targetDelimiter: " ")
      return .text(turns.text)
    }
    var messages: [ChatMessage] = []
    for message in template.messages.dropLast() {
      messages.append(
        ChatMessage(role: message.role, content: try template.render(message.content, variables)))
    }
    for example in examples { messages += [.user(example.question), .assistant(example.answer)] }
    return .messages(messages + [.user(question)])
  }

  /// The last message of a template with its instruction below it.
  private static func question(
    _ template: PromptTemplate, _ variables: JSONObject, _ instruction: String?
  ) throws(PromptingError) -> String {
    guard let last = template.messages.last else { return "" }
    let text = try template.render(last.content, variables)
    guard let instruction, !instruction.isEmpty else { return text }
    return text + "\n\n" + instruction
  }
}
