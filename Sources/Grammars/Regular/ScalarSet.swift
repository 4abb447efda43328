/// A set of Unicode scalar values as sorted ranges that do not touch. Surrogates are never in it.
struct ScalarSet: Hashable, Sendable {
  let ranges: [ClosedRange<UInt32>]

  /// Ranges in any order; they may overlap.
  init(_ given: [ClosedRange<UInt32>]) {
    var merged: [ClosedRange<UInt32>] = []
    for range in given.flatMap(Self.withoutSurrogates).sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = merged.last, range.lowerBound <= last.upperBound + 1 {
        merged[merged.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
      } else {
        merged.append(range)
      }
    }
    ranges = merged
  }

  init(_ scalar: UInt32) { self.init([scalar...scalar]) }

  static let all = ScalarSet([0...0x10FFFF])

  var inverted: ScalarSet {
    var gaps: [ClosedRange<UInt32>] = []
    var next: UInt32 = 0
    for range in ranges {
      if range.lowerBound > next { gaps.append(next...(range.lowerBound - 1)) }
      next = range.upperBound + 1
    }
    if next <= 0x10FFFF { gaps.append(next...0x10FFFF) }
    return ScalarSet(gaps)
  }

  func union(_ other: ScalarSet) -> ScalarSet { ScalarSet(ranges + other.ranges) }

  func subtracting(_ other: ScalarSet) -> ScalarSet { inverted.union(other).inverted }

  private static func withoutSurrogates(_ range: ClosedRange<UInt32>) -> [ClosedRange<UInt32>] {
    var parts: [ClosedRange<UInt32>] = []
    if range.lowerBound < 0xD800 { parts.append(range.lowerBound...min(range.upperBound, 0xD7FF)) }
    if range.upperBound > 0xDFFF {
      parts.append(max(range.lowerBound, 0xE000)...min(range.upperBound, 0x10FFFF))
    }
    return parts
  }
}
