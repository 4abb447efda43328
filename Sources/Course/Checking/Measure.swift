import MartletJSON

/// A function of a command's output that the right value of an answer is found by.
public struct Measure: Sendable {
  /// What a lesson's header calls it.
  public let name: String
  /// The value; nil if the output does not have what the measure needs.
  public let value: @Sendable (JSON) -> JSON?

  /// All measures.
  public static let all: [Measure] = similarities

  /// The measure of a name, if there is one.
  public static func named(_ name: String) -> Measure? { all.first { $0.name == name } }

  /// Of the output of `martlet similar`.
  private static let similarities: [Measure] = [
    Measure(name: "nearest_pair") { output in
      largest(output).map { [.string($0.labels.0), .string($0.labels.1)] }
    },
    Measure(name: "largest_similarity") { output in largest(output).map { JSON($0.cosine) } },
  ]

  /// The largest similarity of two different texts.
  private static func largest(_ output: JSON) -> (labels: (String, String), cosine: Double)? {
    let labels = output.texts("labels")
    let cosine = output.matrix("cosine")
    var best: (labels: (String, String), cosine: Double)?
    for row in cosine.indices.prefix(labels.count) {
      for column in cosine[row].indices.prefix(row) where cosine[row][column] > best?.cosine ?? -2 {
        best = ((labels[row], labels[column]), cosine[row][column])
      }
    }
    return best
  }
}
