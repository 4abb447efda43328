import MartletJSON
import MartletPrompting

/// What came of one question.
public struct ItemResult: Sendable, Equatable {
  /// The item's id.
  public var id: String
  /// The item's group.
  public var group: String?
  /// The choice with the largest log-likelihood, from 0; nil where a text was asked for.
  public var choice: Int?
  /// The right answer, for people.
  public var expected: String
  /// Whether the answer is right by the task's first score; nil where that score is a degree.
  public var correct: Bool?
  /// The scores by their names, as lm-evaluation-harness has them: `acc`, `acc_norm`, `exact_match,strict-match`, `pass@1`.
  public var scores: [String: Double]
  /// The log-likelihoods of the choices, in nats.
  public var logLikelihoods: [Double]?
  /// The outputs, one for each time that the model was asked.
  public var outputs: [String]?
  /// What was read in the first output, by the name of the filter.
  public var extracted: [String: String]?
  /// Where there are several outputs: which of them are right, by the name of the score that says so.
  public var repeats: [String: [Bool]]?
  /// How many outputs end because they reached their limit of tokens.
  public var cutOutputs = 0
  /// How many outputs have no answer, because the model's thinking never ended.
  public var unansweredOutputs = 0
  /// How many tokens the prompt lost at its start, because it did not fit into the context.
  public var cutPromptTokens = 0

  /// How many outputs have no answer where the prompt says that it is.
  public var unextractedOutputs = 0
  /// What each output had to be, assertion by assertion, and whether it was.
  public var checks: [[AssertionOutcome]]?
  /// What all outputs took together.
  public var usage: PromptUsage?
  /// All completions behind each output, where there are several: samples that voted, or the steps of a chain.
  public var completions: [[String]]?

  /// The first output.
  public var output: String? { outputs?.first }

  /// A result.
  public init(
    id: String, group: String? = nil, choice: Int? = nil, expected: String, correct: Bool? = nil,
    scores: [String: Double] = [:], logLikelihoods: [Double]? = nil, outputs: [String]? = nil,
    extracted: [String: String]? = nil
  ) {
    self.id = id
    self.group = group
    self.choice = choice
    self.expected = expected
    self.correct = correct
    self.scores = scores
    self.logLikelihoods = logLikelihoods
    self.outputs = outputs
    self.extracted = extracted
  }
}

extension ItemResult {
  /// The result as a JSON object; members without a value are left out. A log-likelihood of minus infinity is null.
  public var json: JSON {
    var object: JSONObject = ["id": .string(id)]
    if let group { object["group"] = .string(group) }
    if let choice { object["choice"] = JSON(choice) }
    object["expected"] = .string(expected)
    if let correct { object["correct"] = .bool(correct) }
    object["scores"] = .object(
      JSONObject(scores.sorted { $0.key < $1.key }.map { ($0.key, JSON($0.value)) }))
    if let logLikelihoods { object["log_likelihoods"] = .array(logLikelihoods.map { JSON($0) }) }
    if let outputs { object["outputs"] = .array(outputs.map { .string($0) }) }
    if let extracted {
      object["extracted"] = .object(
        JSONObject(extracted.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
    }
    if let repeats {
      object["repeats"] = .object(
        JSONObject(repeats.sorted { $0.key < $1.key }.map { ($0.key, .array($0.value.map { .bool($0) })) }))
    }
    for (name, count) in [
      ("cut_outputs", cutOutputs), ("unanswered_outputs", unansweredOutputs),
      ("cut_prompt_tokens", cutPromptTokens), ("unextracted_outputs", unextractedOutputs),
    ] where count > 0 { object[name] = JSON(count) }
    if let checks { object["checks"] = .array(checks.map { .array($0.map(\.json)) }) }
    if let usage { object["usage"] = usage.json }
    if let completions {
      object["completions"] = .array(completions.map { .array($0.map { .string($0) }) })
    }
    return .object(object)
  }

  /// A result as ``json`` writes it; nil where it is not one.
  public init?(json: JSON) {
    guard let id = json["id"]?.stringValue, let expected = json["expected"]?.stringValue else { return nil }
    self.init(id: id, expected: expected)
    group = json["group"]?.stringValue
    choice = json["choice"]?.intValue
    correct = json["correct"]?.boolValue
    for (name, value) in json["scores"]?.objectValue ?? [:] { scores[name] = value.doubleValue ?? .nan }
    logLikelihoods = json["log_likelihoods"]?.arrayValue?.map { $0.doubleValue ?? -.infinity }
    outputs = json["outputs"]?.arrayValue?.compactMap(\.stringValue)
    if let object = json["extracted"]?.objectValue {
      extracted = Dictionary(object.map { ($0.key, $0.value.stringValue ?? "") }) { $1 }
    }
    if let object = json["repeats"]?.objectValue {
      repeats = Dictionary(object.map { ($0.key, $0.value.arrayValue?.compactMap(\.boolValue) ?? []) }) { $1 }
    }
    cutOutputs = json["cut_outputs"]?.intValue ?? 0
    unansweredOutputs = json["unanswered_outputs"]?.intValue ?? 0
    cutPromptTokens = json["cut_prompt_tokens"]?.intValue ?? 0
    unextractedOutputs = json["unextracted_outputs"]?.intValue ?? 0
    checks = json["checks"]?.arrayValue?.map { ($0.arrayValue ?? []).compactMap(AssertionOutcome.init) }
    usage = json["usage"].flatMap(PromptUsage.init)
    completions = json["completions"]?.arrayValue?.map { ($0.arrayValue ?? []).compactMap(\.stringValue) }
  }
}
