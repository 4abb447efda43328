/// Why something cannot be scored.
public enum MetricError: Error, Sendable, Equatable {
  /// No metric has this name.
  case unknownMetric(name: String)
  /// No smoothing of BLEU has this name.
  case unknownSmoothing(name: String)
  /// The smoothing takes no value, or not this one.
  case smoothingValue(name: String)
  /// There is nothing to score.
  case noRows
  /// A row's text has nothing to be compared with.
  case noReferences
  /// There are not as many lists of references as predictions.
  case differentCounts(predictions: Int, references: Int)
  /// A row is no object, or lacks a member, or a member is of the wrong kind: `problem` is a whole sentence.
  case unusableRow(problem: String)
  /// A row has no text that this metric could compare, or no counts of samples.
  case unfitRow(metric: String)
  /// What is wrong with one row, counted from 1.
  indirect case inRow(Int, MetricError)
  /// More samples passed than there are, or counts are negative.
  case impossibleCounts(samples: Int, correct: Int)
  /// pass@k needs k samples.
  case tooFewSamples(samples: Int, k: Int)
  /// A document stands at two ranks.
  case repeatedDocument(id: String)
  /// Two lists that belong together are not of the same length.
  case unequalLengths(first: Int, second: Int)
  /// A confidence that is not between 0 and 1.
  case unusableConfidence(Double)
  /// A bootstrap of fewer than 1 resample.
  case tooFewResamples(Int)
  /// More successes than trials, or counts are negative.
  case impossibleProportion(successes: Int, trials: Int)
  /// Games of unknown players, of players against themselves, or none.
  case unusableGames(problem: String)
  /// Ratings that no agreement can be taken of.
  case unusableRatings(problem: String)
}

extension MetricError: CustomStringConvertible {
  /// What was wrong, and what to do.
  public var description: String {
    switch self {
    case .unknownMetric(let name):
      "There is no metric ‘\(name)’. The metrics are \(Metric.names.joined(separator: ", "))."
    case .unknownSmoothing(let name):
      "There is no smoothing ‘\(name)’. BLEU's are \(BLEU.Smoothing.names.joined(separator: ", "))."
    case .smoothingValue(let name):
      name == "none" || name == "exp"
        ? "The smoothing ‘\(name)’ takes no value; floor and add-k do."
        : "The value of the smoothing ‘\(name)’ must be a number from 0 up."
    case .noRows: "There are no rows to score."
    case .noReferences: "There is no reference to compare with; each prediction needs one or more."
    case .differentCounts(let predictions, let references):
      "There are \(predictions) predictions, but references for \(references); each prediction needs a list of its own."
    case .unusableRow(let problem): problem
    case .unfitRow(let metric):
      metric.hasPrefix("pass@")
        ? "There are no samples to count, which \(metric) needs: \"samples\" and \"correct\", or \"results\"."
        : "There is no text to compare, which \(metric) needs: \"prediction\" and \"references\"."
    case .inRow(let row, let problem): "Row \(row): \(problem)"
    case .impossibleCounts(let samples, let correct):
      "\(correct) of \(samples) samples cannot have passed; the counts are from 0 up, and samples at least 1."
    case .tooFewSamples(let samples, let k):
      "pass@\(k) cannot be estimated from \(samples) samples; it needs \(k) or more."
    case .repeatedDocument(let id):
      "The document ‘\(id)’ is found twice; a ranking has each document once."
    case .unequalLengths(let first, let second):
      "The lists have \(first) and \(second) elements, but belong together one by one."
    case .unusableConfidence(let confidence):
      "An interval needs a confidence between 0 and 1, such as 0.95, not \(confidence)."
    case .tooFewResamples(let number): "A bootstrap needs 1 resample or more, not \(number)."
    case .impossibleProportion(let successes, let trials):
      "\(successes) successes of \(trials) trials are no proportion."
    case .unusableGames(let problem), .unusableRatings(let problem): problem
    }
  }
}
