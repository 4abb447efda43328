import MartletEmbedding
import MartletJSON
import Synchronization

/// Gives one vector for each text, in their order and all of one length.
public typealias TextEmbeddings = @Sendable ([String]) throws -> [[Float]]

/// Answered questions that a prompt shows, and which of them an item gets. An item is never its own example.
///
/// ```swift
/// let examples: [JSONObject] = [["question": "3+5=?", "answer": "8"]]
/// let selection = try ExampleSelection(examples, count: 1, choice: .random, seed: 7)
/// ```
public struct ExampleSelection: Sendable {
  /// How examples are chosen.
  public enum Choice: String, Sendable, CaseIterable {
    /// The first ones, in order.
    case first
    /// Drawn by the seed once, so that all items have the same ones and a model computes them once.
    case random
    /// Those whose questions are nearest to the item's by their embeddings, the nearest one last.
    case nearest
  }

  /// The variables of each example; the template of the answer has the answer in it.
  public let examples: [JSONObject]
  /// How many an item gets.
  public let count: Int
  /// How they are chosen.
  public let choice: Choice
  /// What they are drawn with.
  public let seed: Int
  /// The text of an example's answer.
  public let answer: TextTemplate
  /// The examples' places in the order in which they are taken.
  private let order: [Int]

  /// Examples to choose from.
  /// - Parameters:
  ///   - examples: Their variables.
  ///   - count: How many an item gets; nil takes all. Where that includes the item itself, it gets one less.
  ///   - choice: How they are chosen.
  ///   - seed: What random ones are drawn with.
  ///   - answer: The text of an example's answer.
  /// - Throws: ``PromptingError/tooFewExamples(prompt:asked:available:)``, or
  ///   ``PromptingError/template(_:problem:)`` for the answer's template.
  public init(
    _ examples: [JSONObject], count: Int? = nil, choice: Choice = .first, seed: Int = 1234,
    answer: String = "{{answer}}"
  ) throws(PromptingError) {
    do { self.answer = try TextTemplate(answer) } catch {
      throw .template(JSON.quoted(answer), problem: error.reason)
    }
    let asked = count ?? examples.count
    guard asked > 0, asked <= examples.count else {
      throw .tooFewExamples(prompt: "with examples", asked: max(1, asked), available: examples.count)
    }
    self.examples = examples
    self.count = asked
    self.choice = choice
    self.seed = seed
    var random = PythonRandom(seed: seed)
    order =
      choice == .random
      ? random.sample(examples.count, of: examples.count) : Array(examples.indices)
  }

  /// The selection for recipes.
  public var json: JSON {
    [
      "count": JSON(count), "choose": .string(choice.rawValue), "seed": JSON(seed),
      "answer": .string(answer.text), "examples": .array(examples.map { .object($0) }),
    ]
  }

  /// The places of the examples for a question.
  /// - Parameters:
  ///   - question: The item's question as it is asked.
  ///   - asked: The examples' questions as they are asked, in their order.
  func places(
    for question: String, among asked: AskedExamples, prompt: String, embeddings: TextEmbeddings?
  ) throws -> [Int] {
    let others = order.filter { !PlainText.equal(asked.questions[$0], question) }
    // All examples but the item itself are as many as there can be.
    guard others.count >= min(count, examples.count - 1), !others.isEmpty else {
      throw PromptingError.tooFewExamples(prompt: prompt, asked: count, available: others.count)
    }
    guard choice == .nearest else { return Array(others.prefix(count)) }
    guard let embeddings else { throw PromptingError.noEmbeddings(prompt: prompt) }
    let vectors = try asked.vectors(embeddings)
    guard let own = try embeddings([question]).first, own.count == vectors.first?.count else {
      throw PromptingError.unusableEmbeddings(problem: "the question's vector has another length")
    }
    let similarities = vectors.map { Self.cosine($0, own) }
    // Of equally near ones the first.
    let ranked = others.sorted { (similarities[$1], $0) < (similarities[$0], $1) }
    return ranked.prefix(count).reversed()
  }

  /// The cosine of the angle between two vectors; 0 where one has no direction.
  private static func cosine(_ a: [Float], _ b: [Float]) -> Double {
    var (product, first, second) = (0.0, 0.0, 0.0)
    for (x, y) in zip(a, b) {
      let (x, y) = (Double(x), Double(y))
      product += x * y
      first += x * x
      second += y * y
    }
    let norms = (first * second).squareRoot()
    return norms > 0 && norms.isFinite ? product / norms : 0
  }
}

/// The questions of examples as a prompt asks them, and their vectors once they were needed.
final class AskedExamples: Sendable {
  let questions: [String]
  private let known = Mutex<[[Float]]?>(nil)

  init(_ questions: [String]) { self.questions = questions }

  func vectors(_ embeddings: TextEmbeddings) throws -> [[Float]] {
    try known.withLock { known in
      if let known { return known }
      let vectors = try embeddings(questions)
      guard vectors.count == questions.count, Set(vectors.map(\.count)).count == 1 else {
        throw PromptingError.unusableEmbeddings(
          problem:
            "there are \(vectors.count) vectors for \(questions.count) examples, or their lengths differ")
      }
      known = vectors
      return vectors
    }
  }
}

extension SentenceEmbedder {
  /// The vectors of texts, without a prompt in front of them.
  public var textEmbeddings: TextEmbeddings {
    { texts in try self.embed(texts).map(\.vector) }
  }
}
