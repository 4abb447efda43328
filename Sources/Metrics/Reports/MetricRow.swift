import MartletJSON

/// What is scored: a text with its references, or samples of which some are correct.
public struct MetricRow: Sendable, Equatable {
  /// A text and what it is compared with.
  public struct Text: Sendable, Equatable {
    /// What a system wrote.
    public let prediction: String
    /// What would have been right. Empty for a question without an answer, which only exact match and F1 know.
    public let references: [String]
  }

  /// How many samples of a problem there are, and how many are correct.
  public struct Samples: Sendable, Equatable {
    /// All samples.
    public let samples: Int
    /// Those that are correct.
    public let correct: Int
  }

  /// The text, where the row has one.
  public let text: Text?
  /// The samples, where the row has some.
  public let samples: Samples?

  /// A row with a text.
  public init(prediction: String, references: [String]) {
    text = Text(prediction: prediction, references: references)
    samples = nil
  }

  /// A row with samples, for pass@k.
  public init(samples: Int, correct: Int) {
    text = nil
    self.samples = Samples(samples: samples, correct: correct)
  }

  /// The members of a row that ``init(_:)`` reads.
  public static let memberNames = ["prediction", "references", "reference", "samples", "correct", "results"]

  /// Reads a row: `prediction` with `references`, a list of strings (null stands for one that is missing) or one string,
  /// also called `reference`; or `samples` and `correct`, two counts, or `results`, a list of booleans. It may have both.
  /// Other members are left alone.
  ///
  /// - Throws: ``MetricError/unusableRow(problem:)``.
  public init(_ object: JSONObject) throws(MetricError) {
    text = try Self.text(object)
    samples = try Self.samples(object)
    guard text != nil || samples != nil else {
      throw .unusableRow(
        problem:
          "The row has neither \"prediction\" and \"references\" nor \"samples\" and \"correct\", nor \"results\"."
      )
    }
  }

  private static func text(_ object: JSONObject) throws(MetricError) -> Text? {
    guard object["references"] == nil || object["reference"] == nil else {
      throw .unusableRow(problem: "The row has both \"references\" and \"reference\"; leave one of them out.")
    }
    let name = object["reference"] == nil ? "references" : "reference"
    guard let prediction = object["prediction"] else {
      if object[name] == nil { return nil }
      throw .unusableRow(problem: "The row has \"\(name)\", but no \"prediction\".")
    }
    guard let predicted = prediction.stringValue else {
      throw .unusableRow(problem: "\"prediction\" is not a string, but \(prediction.kind).")
    }
    guard let references = object[name] else {
      throw .unusableRow(problem: "The row has \"prediction\", but no \"references\".")
    }
    if let one = references.stringValue { return Text(prediction: predicted, references: [one]) }
    guard let list = references.arrayValue else {
      throw .unusableRow(
        problem: "\"\(name)\" is neither a string nor a list of strings, but \(references.kind).")
    }
    var texts: [String] = []
    for (number, element) in zip(1..., list) where !element.isNull {
      guard let text = element.stringValue else {
        throw .unusableRow(problem: "Element \(number) of \"\(name)\" is not a string, but \(element.kind).")
      }
      texts.append(text)
    }
    return Text(prediction: predicted, references: texts)
  }

  private static func samples(_ object: JSONObject) throws(MetricError) -> Samples? {
    if let results = object["results"] {
      guard object["samples"] == nil, object["correct"] == nil else {
        throw .unusableRow(
          problem: "The row has \"results\" and counts of them as well; leave one of the two out.")
      }
      guard let list = results.arrayValue, !list.isEmpty else {
        throw .unusableRow(problem: "\"results\" is not a list of one or more booleans.")
      }
      var correct = 0
      for (number, element) in zip(1..., list) {
        guard let passed = element.boolValue else {
          throw .unusableRow(
            problem: "Element \(number) of \"results\" is not a boolean, but \(element.kind).")
        }
        if passed { correct += 1 }
      }
      return Samples(samples: list.count, correct: correct)
    }
    guard object["samples"] != nil || object["correct"] != nil else { return nil }
    let samples = try count(object, "samples")
    let correct = try count(object, "correct")
    guard samples > 0, correct <= samples else {
      throw .unusableRow(problem: "\(MetricError.impossibleCounts(samples: samples, correct: correct))")
    }
    return Samples(samples: samples, correct: correct)
  }

  private static func count(_ object: JSONObject, _ name: String) throws(MetricError) -> Int {
    guard let value = object[name] else {
      throw .unusableRow(problem: "\"samples\" and \"correct\" belong together; the row has no \"\(name)\".")
    }
    guard let count = value.intValue, count >= 0 else {
      throw .unusableRow(problem: "\"\(name)\" is not a whole number from 0 up.")
    }
    return count
  }
}
