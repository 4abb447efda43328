import MartletJSON
import MartletTensors

extension Oracle {
  /// The programs of the skill Transformers.
  static let transformers: [Oracle] = [cosineSimilarity]

  private static let cosineSimilarity = Oracle(
    "cosine_similarity",
    fixedCases: [
      ["a": [0, 0], "b": [1, 2]], ["a": [1, 0], "b": [0, 1]], ["a": [3, 4], "b": [3, 4]],
      ["a": [1e-3, 2e-3, -1e-3], "b": [-500, 400, 900]],
    ],
    mistakes: [
      Mistake("This is the dot product: it grows when a vector grows. The cosine does not.") {
        ["cosine": JSON(dotProduct($0.numbers("a"), $0.numbers("b")))]
      },
      Mistake("This is the distance between the points. The cosine compares directions only.") {
        [
          "cosine": JSON(
            zip($0.numbers("a"), $0.numbers("b")).map { ($0 - $1) * ($0 - $1) }.reduce(0, +).squareRoot())
        ]
      },
    ]
  ) { cases in
    let dimension = cases.integer(in: 1...8)
    return ["a": .numbers(cases.numbers(dimension)), "b": .numbers(cases.numbers(dimension))]
  } answer: { input in
    let a = input.numbers("a")
    let b = input.numbers("b")
    let lengths = (dotProduct(a, a) * dotProduct(b, b)).squareRoot()
    return ["cosine": JSON(lengths == 0 ? 0 : dotProduct(a, b) / lengths)]
  }
}

func dotProduct(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).map(*).reduce(0, +) }
