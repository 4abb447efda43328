import MartletKernels

/// What a search asks of a walk.
struct WalkReach {
  /// Neighbours that are wanted.
  let wanted: Int
  /// The effort: nodes that are kept in view.
  let kept: Int
  /// Comparisons that a walk is expected to make where all may be found.
  let comparisons: Double
  /// Inner products are not distances, so a walk cannot tell that the rest is too far: it always keeps as many nodes as asked.
  let isEndedEarly: Bool

  /// A walk for fewer neighbours goes as far as one for so many: what is nearest does not depend on how many are wanted.
  static let leastWanted = 10
  /// Of the distance to the last of those that are wanted, how much farther a walk looks for each node that it keeps in
  /// view for one that is wanted. By measurement: recall on clustered vectors and on those of texts, against comparisons.
  private static let slackOfNode: Float = 0.02
  /// A filtered walk keeps at most so many times the effort in view. By measurement: with less, the texts' vectors are
  /// compared with all that are permitted too often.
  private static let filteredView = 4
  /// Comparisons for each node in view, as a rule, of a walk through a collection that was not measured.
  private static let comparisonsOfNode = 13.2

  init(wanted: Int, kept: Int, comparisons: Int? = nil, _ distance: Distance) {
    (self.wanted, self.kept) = (wanted, max(kept, wanted, Self.leastWanted))
    self.comparisons = comparisons.map { Double($0) } ?? Self.comparisonsOfNode * Double(self.kept)
    isEndedEarly = distance != .ip
  }

  /// The rule of the end counts from the so many nearest.
  var enough: Int { max(wanted, Self.leastWanted) }

  /// By codes the order is a little off: so many of the nearest by codes hold the nearest in truth.
  var candidates: Int { 3 * enough }

  /// Easy queries end before as many nodes were followed as are to be kept in view, and hard ones look at twice as many.
  var view: Int { isEndedEarly ? 2 * kept : kept }

  /// What a walk under a filter keeps in view.
  var viewUnderFilter: Int { max(isEndedEarly ? Self.filteredView * kept : kept, candidates) }

  var slack: Float { isEndedEarly ? Self.slackOfNode * Float(kept) / Float(enough) : .infinity }

  /// For the kernels, where all may be found.
  var plain: martlet_reach {
    martlet_reach(
      ef: view, enough: isEndedEarly ? enough : view, slack: slack, wanted: min(candidates, view))
  }

  /// A scan takes as long as there are records that are permitted; a walk the longer the fewer of them are.
  func isShorter(thanScanOf permitted: Int, of count: Int) -> Bool {
    Double(permitted) * Double(permitted)
      > MeasuredEffort.costOfComparison * comparisons * Double(count)
  }
}
