import MartletMetrics

/// Examples to learn from, and what was left out of the files that they come from.
///
/// ```swift
/// let example = try TrainingExample(tokens: [5, 8, 2], counts: [false, true, true], text: "Q: A.")
/// let set = TrainingSet(Array(repeating: example, count: 10))
/// let (training, heldOut) = try set.split(heldOut: 0.2, seed: 7)
/// print(training.examples.count, heldOut.examples.count, training.report.countedTokens)  // 8 2 16
/// ```
public struct TrainingSet: Sendable, Equatable {
  /// The examples, in the order of the files.
  public internal(set) var examples: [TrainingExample]
  /// What was read and left out. Its tokens are those of ``examples``.
  public internal(set) var report: TrainingDataReport

  /// Examples, with a report of where they come from.
  public init(_ examples: [TrainingExample], report: TrainingDataReport = TrainingDataReport()) {
    self.examples = examples
    self.report = report
    self.report.tokens = examples.reduce(0) { $0 + $1.tokens.count }
    self.report.countedTokens = examples.reduce(0) { $0 + $1.countedTokens }
  }

  /// A part to learn from and a part to measure with, drawn by the seed. Both keep the order of the files, and a report of
  /// the whole reading with their own tokens.
  /// - Parameters:
  ///   - share: How much is held out, between 0 and 1; at least one example is.
  ///   - seed: Equal seeds draw the same examples.
  /// - Throws: ``TrainingDataError/unusableShare(_:examples:)`` where a part would be empty.
  public func split(
    heldOut share: Double, seed: UInt64
  ) throws(TrainingDataError) -> (training: TrainingSet, heldOut: TrainingSet) {
    guard share > 0, share < 1, examples.count > 1 else {
      throw .unusableShare(share, examples: examples.count)
    }
    let count = max(1, Int((share * Double(examples.count)).rounded()))
    guard count < examples.count else { throw .unusableShare(share, examples: examples.count) }
    var draws = RandomDraws(seed: seed)
    var order = Array(examples.indices)
    // The first steps of a Fisher-Yates shuffle: `count` places, each as likely as another.
    for place in 0..<count { order.swapAt(place, place + draws.place(below: order.count - place)) }
    let held = Set(order[..<count])
    return (
      TrainingSet(examples.indices.filter { !held.contains($0) }.map { examples[$0] }, report: report),
      TrainingSet(examples.indices.filter(held.contains).map { examples[$0] }, report: report)
    )
  }
}

extension RandomDraws {
  /// A number from 0 up to, but not including, `count`.
  mutating func place(below count: Int) -> Int {
    Int(next().multipliedFullWidth(by: UInt64(count)).high)
  }

  /// A number in 0..<1.
  mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }
}
