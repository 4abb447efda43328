import MartletSeededRandom

extension SplitMix64 {
  init(_ number: Int) { self.init(seed: UInt64(truncatingIfNeeded: number) &* 0x9E37_79B9_7F4A_7C15) }

  mutating func float(_ range: ClosedRange<Float> = -1...1) -> Float { Float.random(in: range, using: &self) }
  mutating func floats(_ count: Int, _ range: ClosedRange<Float> = -1...1) -> [Float] {
    (0..<count).map { _ in float(range) }
  }
  mutating func int(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }
  mutating func bool() -> Bool { next() % 2 == 0 }
}

/// Half a unit in the last place of a float near 1: what one operation errs by, relative to its result.
let unit = 0x1p-24

extension Array where Element == Float {
  var doubles: [Double] { map(Double.init) }
}

/// A number that `actual` must be, up to `error`.
struct Expected {
  var value: Double
  var error: Double
}

/// The first number that is not what it should be, in words, or nil.
func difference(_ actual: [Float], _ expected: [Expected]) -> String? {
  guard actual.count == expected.count else { return "\(actual.count) numbers for \(expected.count)" }
  for (i, (a, e)) in zip(actual, expected).enumerated() {
    // Written so that a NaN differs from everything.
    guard abs(Double(a) - e.value) <= e.error || Double(a) == e.value else {
      return "[\(i)] is \(a), and should be \(e.value) within \(e.error)"
    }
  }
  return nil
}

/// The first number whose bits differ, in words, or nil. All NaN are one.
func bitDifference(_ actual: [Float], _ expected: [Float]) -> String? {
  guard actual.count == expected.count else { return "\(actual.count) numbers for \(expected.count)" }
  for (i, (a, e)) in zip(actual, expected).enumerated()
  where a.bitPattern != e.bitPattern && !(a.isNaN && e.isNaN) {
    return "[\(i)] is \(a), and should be \(e)"
  }
  return nil
}

/// Rounded to bfloat16, to nearest even.
func throughBFloat16(_ x: Float) -> Float {
  let bits = x.bitPattern
  return Float(bitPattern: (bits &+ 0x7FFF &+ ((bits >> 16) & 1)) & 0xFFFF_0000)
}
