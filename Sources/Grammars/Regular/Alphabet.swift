/// Unicode scalar values in classes that an automaton does not tell apart.
struct Alphabet: Sendable, Equatable {
  /// The first value of each interval, ascending from 0. An interval ends where the next begins, the last at U+10FFFF.
  let starts: [UInt32]
  /// The class of each interval; -1 for surrogates.
  let classes: [Int32]
  /// The number of classes.
  let count: Int

  /// The coarsest alphabet that tells the sets apart, and the classes of each set.
  static func distinguishing(_ sets: [ScalarSet]) -> (alphabet: Alphabet, members: [[Int32]]) {
    let starts = breaks(sets.flatMap { $0.ranges.flatMap { [$0.lowerBound, $0.upperBound + 1] } })
    let wordCount = (sets.count + 63) / 64
    var signatures = [[UInt64]](repeating: [UInt64](repeating: 0, count: wordCount), count: starts.count)
    for (number, set) in sets.enumerated() {
      var interval = 0
      for range in set.ranges {
        while starts[interval] < range.lowerBound { interval += 1 }
        while interval < starts.count && starts[interval] <= range.upperBound {
          signatures[interval][number / 64] |= 1 << UInt64(number % 64)
          interval += 1
        }
      }
    }
    let (alphabet, keys) = numbered(starts, signatures)
    var members = [[Int32]](repeating: [], count: sets.count)
    for (index, key) in keys.enumerated() {
      for number in sets.indices where key[number / 64] >> UInt64(number % 64) & 1 == 1 {
        members[number].append(Int32(index))
      }
    }
    return (alphabet, members)
  }

  /// The coarsest alphabet that is finer than each of the given ones, and for each of these its class of each new class.
  static func refining(_ alphabets: [Alphabet]) -> (alphabet: Alphabet, classes: [[Int32]]) {
    if let first = alphabets.first, alphabets.allSatisfy({ $0 == first }) {
      return (first, alphabets.map { _ in (0..<Int32(first.count)).map { $0 } })
    }
    let starts = breaks(alphabets.flatMap(\.starts))
    var places = [Int](repeating: 0, count: alphabets.count)
    let tuples = starts.map { start in
      alphabets.indices.map { number -> Int32 in
        let known = alphabets[number].starts
        while places[number] + 1 < known.count && known[places[number] + 1] <= start { places[number] += 1 }
        return alphabets[number].classes[places[number]]
      }
    }
    let (alphabet, keys) = numbered(starts, tuples)
    return (alphabet, alphabets.indices.map { number in keys.map { $0[number] } })
  }

  /// The class of a scalar value.
  func `class`(of scalar: UInt32) -> Int {
    var (low, high) = (0, starts.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if starts[middle] <= scalar { low = middle } else { high = middle }
    }
    return Int(classes[low])
  }

  /// The intervals with their classes, without surrogates.
  var intervals: [(range: ClosedRange<UInt32>, class: Int32)] {
    starts.indices.compactMap { index in
      guard classes[index] >= 0 else { return nil }
      let end = index + 1 < starts.count ? starts[index + 1] - 1 : 0x10FFFF
      return (starts[index]...end, classes[index])
    }
  }

  private static func breaks(_ values: [UInt32]) -> [UInt32] {
    var sorted = (values + [0, 0xD800, 0xE000]).filter { $0 <= 0x10FFFF }.sorted()
    var kept = 0
    for value in sorted where kept == 0 || sorted[kept - 1] != value {
      sorted[kept] = value
      kept += 1
    }
    sorted.removeLast(sorted.count - kept)
    return sorted
  }

  private static func numbered<Key: Hashable>(_ starts: [UInt32], _ keys: [Key]) -> (Alphabet, [Key]) {
    var numbers: [Key: Int32] = [:]
    var distinct: [Key] = []
    let classes = starts.indices.map { index -> Int32 in
      if starts[index] == 0xD800 { return -1 }
      if let number = numbers[keys[index]] { return number }
      numbers[keys[index]] = Int32(distinct.count)
      distinct.append(keys[index])
      return Int32(distinct.count - 1)
    }
    return (Alphabet(starts: starts, classes: classes, count: distinct.count), distinct)
  }
}
