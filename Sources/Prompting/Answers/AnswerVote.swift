/// The majority among the answers of several samples (Wang et al. 2022, "Self-Consistency Improves Chain of Thought
/// Reasoning in Language Models").
public struct AnswerVote: Sendable, Equatable {
  /// An answer and how many samples gave it.
  public struct Count: Sendable, Equatable {
    /// The answer, as the first sample that gave it wrote it.
    public let answer: String
    /// The samples that gave it.
    public let votes: Int
  }

  /// The answers with their votes, the most frequent first; of equals the one that came first.
  public let counts: [Count]
  /// The first sample that gave the winning answer; nil where no sample has an answer.
  public let winner: Int?

  /// Counts the answers of samples, in their order. A sample without an answer has no vote.
  /// - Parameters:
  ///   - answers: Those of the samples; nil for a sample without one.
  ///   - extraction: How the answers were found, which decides which of them are equal.
  public init(_ answers: [String?], found extraction: AnswerExtraction = .whole) {
    var order: [String] = []
    var votes: [String: (first: Int, count: Int)] = [:]
    for (index, answer) in answers.enumerated() {
      guard let answer else { continue }
      let key = extraction.key(of: answer)
      if votes[key] == nil { order.append(key) }
      votes[key] = (votes[key]?.first ?? index, (votes[key]?.count ?? 0) + 1)
    }
    let ranked = order.compactMap { votes[$0] }.sorted { ($1.count, $0.first) < ($0.count, $1.first) }
    counts = ranked.map { Count(answer: answers[$0.first] ?? "", votes: $0.count) }
    winner = ranked.first?.first
  }
}
