/// A metric by its name.
public enum Metric: Sendable, Hashable {
  /// ``Accuracy``.
  case accuracy
  /// Exact match of ``SQuAD``.
  case exactMatch
  /// F1 of ``SQuAD``.
  case f1
  /// ``BLEU``, a score of the corpus.
  case bleu
  /// chrF of ``CHRF``, a score of the corpus.
  case chrF
  /// chrF++ of ``CHRF``, a score of the corpus.
  case chrFPlusPlus
  /// The F measure of ``ROUGE``.
  case rouge(ROUGE.Variant)
  /// ``EditSimilarity``.
  case editSimilarity
  /// ``PassAtK``.
  case passAtK(Int)

  private static let withoutNumber: [Metric] =
    [.accuracy, .exactMatch, .f1, .bleu, .chrF, .chrFPlusPlus] + ROUGE.Variant.allCases.map { .rouge($0) } + [
      .editSimilarity
    ]

  /// The names of all metrics; `pass@k` stands for `pass@1`, `pass@10` and so on.
  public static let names: [String] = withoutNumber.map(\.name) + ["pass@k"]

  /// The metric of a name, in upper or lower case.
  ///
  /// - Throws: ``MetricError/unknownMetric(name:)``, which lists the names.
  public init(named name: String) throws(MetricError) {
    let wanted = name.lowercased()
    if let found = Self.withoutNumber.first(where: { $0.name.lowercased() == wanted }) {
      self = found
    } else if wanted.hasPrefix("pass@"), let k = Int(wanted.dropFirst(5)), k > 0 {
      self = .passAtK(k)
    } else {
      throw .unknownMetric(name: name)
    }
  }

  /// Its name.
  public var name: String {
    switch self {
    case .accuracy: "accuracy"
    case .exactMatch: "exact_match"
    case .f1: "f1"
    case .bleu: "bleu"
    case .chrF: "chrf"
    case .chrFPlusPlus: "chrf++"
    case .rouge(let variant): variant.rawValue
    case .editSimilarity: "edit_similarity"
    case .passAtK(let k): "pass@\(k)"
    }
  }

  /// Its highest value: 100 for BLEU and chrF, 1 for all others.
  public var maximum: Double {
    switch self {
    case .bleu, .chrF, .chrFPlusPlus: 100
    default: 1
    }
  }
}
