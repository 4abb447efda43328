import Foundation

/// The numbers that Python's `random.Random(seed)` gives: the Mersenne Twister MT19937 (Matsumoto and Nishimura, 1998),
/// seeded and cut as CPython does.
///
/// The examples in a prompt are drawn with it, so that they are those of lm-evaluation-harness.
public struct PythonRandom: Sendable {
  private var state = [UInt32](repeating: 0, count: 624)
  private var index = 624

  /// A generator as `random.Random(seed)` makes one.
  public init(seed: Int) {
    let magnitude = UInt64(seed.magnitude)
    let high = UInt32(truncatingIfNeeded: magnitude >> 32)
    let low = UInt32(truncatingIfNeeded: magnitude)
    seedState(by: high == 0 ? [low] : [low, high])
  }

  /// A number in [0, 1) with 53 bits.
  public mutating func random() -> Double {
    let (a, b) = (next() >> 5, next() >> 6)
    return (Double(a) * 67_108_864 + Double(b)) / 9_007_199_254_740_992
  }

  /// A number of that many bits, 1 to 64.
  public mutating func bits(_ count: Int) -> UInt64 {
    guard count > 32 else { return UInt64(next() >> UInt32(32 - count)) }
    let low = UInt64(next())
    return low | UInt64(next() >> UInt32(64 - count)) << 32
  }

  /// A number in 0..<bound; 0 where there is none.
  public mutating func below(_ bound: Int) -> Int {
    guard bound > 0 else { return 0 }
    let width = Int.bitWidth - bound.leadingZeroBitCount
    while true {
      let value = bits(width)
      if value < UInt64(bound) { return Int(value) }
    }
  }

  /// The places of `count` elements drawn from `population` without putting back, as `sample` draws them; all of them
  /// where there are no more.
  public mutating func sample(_ count: Int, of population: Int) -> [Int] {
    let count = min(count, population)
    guard count > 0 else { return [] }
    var setSize = 21
    if count > 5 { setSize += Int(pow(4, ceil(log(Double(count * 3)) / log(4)))) }
    var result: [Int] = []
    if population <= setSize {
      var pool = Array(0..<population)
      for drawn in 0..<count {
        let place = below(population - drawn)
        result.append(pool[place])
        pool[place] = pool[population - drawn - 1]
      }
    } else {
      var selected: Set<Int> = []
      for _ in 0..<count {
        var place = below(population)
        while selected.contains(place) { place = below(population) }
        selected.insert(place)
        result.append(place)
      }
    }
    return result
  }

  private mutating func seedState(by key: [UInt32]) {
    state[0] = 19_650_218
    for i in 1..<624 { state[i] = 1_812_433_253 &* (state[i - 1] ^ state[i - 1] >> 30) &+ UInt32(i) }
    var (i, j) = (1, 0)
    for _ in 0..<624 {
      state[i] = (state[i] ^ (state[i - 1] ^ state[i - 1] >> 30) &* 1_664_525) &+ key[j] &+ UInt32(j)
      (i, j) = (i + 1, (j + 1) % key.count)
      if i == 624 { (state[0], i) = (state[623], 1) }
    }
    for _ in 0..<623 {
      state[i] = (state[i] ^ (state[i - 1] ^ state[i - 1] >> 30) &* 1_566_083_941) &- UInt32(i)
      i += 1
      if i == 624 { (state[0], i) = (state[623], 1) }
    }
    state[0] = 0x8000_0000
  }

  private mutating func next() -> UInt32 {
    if index == 624 { twist() }
    var value = state[index]
    index += 1
    value ^= value >> 11
    value ^= value << 7 & 0x9D2C_5680
    value ^= value << 15 & 0xEFC6_0000
    return value ^ value >> 18
  }

  private mutating func twist() {
    for i in 0..<624 {
      let mixed = state[i] & 0x8000_0000 | state[(i + 1) % 624] & 0x7FFF_FFFF
      state[i] = state[(i + 397) % 624] ^ mixed >> 1 ^ (mixed & 1 == 0 ? 0 : 0x9908_B0DF)
    }
    index = 0
  }
}
