import MartletJSON

/// A function that learners write, as Martlet computes it: what their programs are compared with.
///
/// Inputs and outputs are JSON objects, as a program reads and prints them.
public struct Oracle: Sendable {
  /// What a lesson's header calls it, such as `cosine_similarity`.
  public let name: String
  /// Inputs that every check gives: the edges, where programs go wrong.
  public let fixedCases: [JSON]
  /// One more input, drawn at random.
  public let randomCase: @Sendable (inout CaseGenerator) -> JSON
  /// The right output for an input.
  public let answer: @Sendable (JSON) throws -> JSON
  /// What programs do instead, and what to say of it.
  public let mistakes: [Mistake]

  /// A wrong way to compute the function that many take.
  public struct Mistake: Sendable {
    /// What it shows: a sentence or two for the learner, which does not give the solution away.
    public let message: String
    /// The output of a program that makes it.
    public let answer: @Sendable (JSON) throws -> JSON

    /// A mistake by what it computes.
    public init(_ message: String, answer: @escaping @Sendable (JSON) throws -> JSON) {
      self.message = message
      self.answer = answer
    }
  }

  /// An oracle.
  ///
  /// - Parameters:
  ///   - name: What a lesson's header calls it.
  ///   - fixedCases: Inputs that every check gives.
  ///   - mistakes: What programs do instead.
  ///   - randomCase: Draws an input.
  ///   - answer: The right output for an input.
  public init(
    _ name: String, fixedCases: [JSON] = [], mistakes: [Mistake] = [],
    randomCase: @escaping @Sendable (inout CaseGenerator) -> JSON,
    answer: @escaping @Sendable (JSON) throws -> JSON
  ) {
    self.name = name
    self.fixedCases = fixedCases
    self.mistakes = mistakes
    self.randomCase = randomCase
    self.answer = answer
  }

  /// All oracles. Each skill's are in a file of its own.
  public static let all: [Oracle] =
    transformers + prompting + retrieval + vectorSearch + fineTuning + evaluation

  /// The oracle of a name, if there is one.
  public static func named(_ name: String) -> Oracle? { all.first { $0.name == name } }
}
