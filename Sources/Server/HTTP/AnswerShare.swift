import Synchronization

/// What an answer takes of the memory for all answers: more while it grows, and given back when nothing refers to it any
/// more, which is when it was sent.
final class AnswerShare: Sendable {
  private let budget: BodyBudget
  private let limit: Int
  private let taken = Mutex(0)
  /// Taken at a time; smaller answers are not counted.
  private static let step = 4 << 20

  /// The share of an answer that may have `limit` bytes.
  init(of budget: BodyBudget, limit: Int) {
    self.budget = budget
    self.limit = limit
  }

  deinit { budget.giveBack(taken.withLock { $0 }) }

  /// Takes what is missing to so many bytes.
  /// - Throws: Where one answer is not to have so many, or all of them together have too many.
  func grow(to bytes: Int) throws(HTTPError) {
    guard bytes <= limit else {
      throw .misshapen(
        "The answer would have more than the \(limit) bytes that this server sends at once. Ask for less: with limit "
          + "and offset, a smaller n_results, or a shorter include.")
    }
    // An answer is written by one thread.
    while bytes - taken.withLock({ $0 }) > Self.step {
      guard budget.take(Self.step, within: 0) else {
        throw HTTPError(
          status: 503, message: "Too many large answers at a time. Try again later.",
          headers: ["Retry-After": "5"])
      }
      taken.withLock { $0 += Self.step }
    }
  }
}
