import MartletGrammars
import MartletJSON
import MartletPrompting

/// What the output of a prompt must be.
struct Assertion: Sendable {
  enum Check: Sendable {
    /// What the answer says, as in questions of one's own.
    case expectation(Expectation)
    /// As near as this to one of the texts in meaning, by the cosine of their embeddings.
    case similar([String], threshold: Double)
    /// What a model that judges has to find in the answer.
    case rubric(String)
    /// JSON that the schema accepts.
    case schema(JSONSchema)
    /// At most so many seconds.
    case latency(Double)
    /// At most so many US dollars.
    case cost(Double)
  }

  let check: Check
  /// Whether the opposite is asked for.
  let isNegated: Bool
  /// Its own score, where it has one.
  let name: String?

  /// What an assertion looks at.
  struct Subject: Sendable {
    /// What was asked, for a judge.
    let question: String
    /// The final answer; nil where none was found.
    let answer: String?
    let usage: PromptUsage
  }

  /// Whether it holds for an output.
  func outcome(of subject: Subject, with services: ExperimentServices) async throws -> AssertionOutcome {
    func outcome(_ isSo: Bool?, _ detail: String?) -> AssertionOutcome {
      // What cannot be told is no success, also where the opposite is asked for.
      AssertionOutcome(
        assertion: shown, name: name, holds: isSo.map { $0 != isNegated } ?? false, detail: detail)
    }
    switch check {
    case .latency(let most):
      return outcome(subject.usage.seconds <= most, "\(Self.number(subject.usage.seconds)) s")
    case .cost(let most):
      guard let cost = services.isFree ? 0 : subject.usage.cost else {
        return outcome(nil, "the cost is not known: the provider tells no tokens, or no price is known")
      }
      return outcome(cost <= most, "$\(Self.number(cost))")
    default: break
    }
    guard let answer = subject.answer else { return outcome(nil, "there is no answer") }
    switch check {
    case .expectation(let expectation):
      let (extracted, isCorrect) = expectation.judge(answer)
      return outcome(isCorrect, extracted)
    case .similar(let texts, let threshold):
      guard let embeddings = services.embeddings else { throw ExperimentError.noEmbedder }
      // An empty text has no direction in some models; it is like nothing.
      guard !PlainText.stripped(answer).isEmpty else { return outcome(false, "the answer is empty") }
      let similarity =
        try EmbeddingSimilarity(embeddings).scores(of: [answer], references: [texts]).first ?? 0
      return outcome(similarity >= threshold, "similarity \(Self.number(similarity))")
    case .rubric(let text):
      guard let judge = services.judge else { throw ExperimentError.noJudge }
      let verdict = try await judge.judge(answer, to: subject.question, by: text)
      return outcome(verdict.isFulfilled, verdict.reply)
    case .schema(let schema):
      guard let value = try? JSON(parsing: answer) else { return outcome(false, "the answer is not JSON") }
      let violations = schema.violations(of: value)
      return outcome(violations.isEmpty, violations.isEmpty ? nil : violations.joined(separator: "; "))
    case .latency, .cost: return outcome(nil, nil)
    }
  }

  /// The assertion for people.
  var shown: String {
    let text =
      switch check {
      case .expectation(let expectation): expectation.shown.text
      case .similar(let texts, let threshold):
        "similar to \(texts.map { JSON.quoted($0) }.joined(separator: " or ")) by \(Self.number(threshold))"
      case .rubric(let text): "rubric \(JSON.quoted(text))"
      case .schema: "JSON that the schema accepts"
      case .latency(let most): "at most \(Self.number(most)) s"
      case .cost(let most): "at most $\(Self.number(most))"
      }
    return isNegated ? "not \(text)" : text
  }

  /// A number with at most four digits behind the point.
  private static func number(_ value: Double) -> String {
    let rounded = (value * 10_000).rounded() / 10_000
    let text = JSON(rounded == 0 && value != 0 ? value : rounded).serialized()
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}

/// What assertions need beside the output.
public struct ExperimentServices: Sendable {
  /// What embeds texts, for `similar` and for the nearest examples.
  public var embeddings: TextEmbeddings?
  /// The model that judges by rubrics.
  public var judge: RubricJudge?
  /// Whether the model under test costs nothing, because it runs here.
  public var isFree: Bool

  /// Services; a model that runs here unless said otherwise.
  public init(embeddings: TextEmbeddings? = nil, judge: RubricJudge? = nil, isFree: Bool = true) {
    self.embeddings = embeddings
    self.judge = judge
    self.isFree = isFree
  }
}
