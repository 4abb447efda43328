/// What `$gt`, `$gte`, `$lt` and `$lte` of one key leave of the numbers, exactly.
///
/// Numbers are split in two, so that no comparison has to round: those that are an `Int`, and fractions, which here are
/// all others. The two never meet: a fraction is either smaller than 2^53 or beyond all of `Int`.
struct NumberInterval: Equatable {
  /// The least and the greatest integer; none where the first is above the second.
  private(set) var integers: (least: Int, greatest: Int) = (.min, .max)
  /// The least and the greatest fraction, likewise.
  private(set) var fractions: (least: Double, greatest: Double) = (-.infinity, .infinity)

  /// The numbers on one side of another. Nothing is on any side of NaN.
  init(_ order: MetadataCondition.Order, _ number: FilterNumber) {
    switch number.canonical {
    case .integer(let whole): self.init(order, whole)
    case .double(let fraction): self.init(order, fraction)
    }
  }

  private init(_ order: MetadataCondition.Order, _ whole: Int) {
    // Where `whole` does not fit into a double it is rounded, but there are no fractions near it.
    switch order {
    case .greater, .greaterOrEqual:
      integers.least = order == .greaterOrEqual ? whole : whole &+ 1
      if order == .greater && whole == .max { excludeIntegers() }
      fractions.least = Double(whole)
    case .less, .lessOrEqual:
      integers.greatest = order == .lessOrEqual ? whole : whole &- 1
      if order == .less && whole == .min { excludeIntegers() }
      fractions.greatest = Double(whole).nextDown
    }
  }

  private init(_ order: MetadataCondition.Order, _ fraction: Double) {
    switch order {
    case .greater, .greaterOrEqual:
      fractions.least = order == .greaterOrEqual ? fraction : fraction.nextUp
      if let whole = Int(exactly: fraction.rounded(.up)) {
        integers.least = whole
      } else if !(fraction < 0) {
        excludeIntegers()
      }
    case .less, .lessOrEqual:
      fractions.greatest = order == .lessOrEqual ? fraction : fraction.nextDown
      if let whole = Int(exactly: fraction.rounded(.down)) {
        integers.greatest = whole
      } else if !(fraction > 0) {
        excludeIntegers()
      }
    }
    if fraction.isNaN { fractions = (.infinity, -.infinity) }
  }

  private mutating func excludeIntegers() { integers = (.max, .min) }

  /// Leaves what is in the other as well.
  mutating func formIntersection(_ other: NumberInterval) {
    integers = (max(integers.least, other.integers.least), min(integers.greatest, other.integers.greatest))
    fractions = (
      max(fractions.least, other.fractions.least), min(fractions.greatest, other.fractions.greatest)
    )
  }

  static func == (left: NumberInterval, right: NumberInterval) -> Bool {
    left.integers == right.integers && left.fractions == right.fractions
  }
}
