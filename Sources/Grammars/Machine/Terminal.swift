/// A regular part of a grammar: an automaton over characters, and how its texts are written as bytes.
final class Terminal: Sendable {
  let automaton: TextAutomaton
  let encoding: TextEncoding
  /// Whether quotes stand around the text.
  let isQuoted: Bool
  /// Whether the length of a text is bounded: the bounds are in the ``Configuration``.
  let isCounted: Bool
  /// Which lengths can be reached, where the automaton does not leave that free.
  let lengths: ReachableLengths?
  /// The bounds of a counted text.
  let bounds: LengthBounds
  /// The first terminal of the machine that differs from it in its bounds alone.
  let alike: Int32
  /// The classes with which each state goes on, as bits.
  private let liveClasses: [UInt64]
  private let wordCount: Int

  /// Before the opening quote.
  static let beforeQuote: Int32 = -1
  /// The text has ended with its closing quote.
  static let closed: Int32 = -2
  /// The byte does not fit.
  static let dead: Int32 = -3

  init(
    _ automaton: TextAutomaton, encoding: TextEncoding, isQuoted: Bool = false, bounds: LengthBounds = .none,
    alike: Int
  ) throws(GrammarError) {
    self.automaton = automaton
    self.encoding = encoding
    self.isQuoted = isQuoted
    self.bounds = bounds
    self.alike = Int32(alike)
    isCounted = bounds != .none
    let isUniversal =
      automaton.stateCount == 1 && automaton.alphabet.count == 1 && automaton.targets(of: 0) == [0]
    lengths = isCounted && !isUniversal ? try ReachableLengths(automaton) : nil
    wordCount = (automaton.alphabet.count + 63) / 64
    guard
      automaton.stateCount.multipliedReportingOverflow(by: encoding.stateCount).partialValue < Int32.max / 2
    else {
      throw .tooComplex(what: "a regular expression has \(automaton.stateCount) states")
    }
    var words = [UInt64](repeating: 0, count: automaton.stateCount * wordCount)
    for state in 0..<automaton.stateCount {
      for (index, target) in automaton.targets(of: state).enumerated() where target >= 0 {
        words[state * wordCount + index / 64] |= 1 << UInt64(index % 64)
      }
    }
    liveClasses = words
  }

  /// Whether there is no text.
  var isEmpty: Bool {
    automaton.isEmpty || (isCounted && !(lengths?.canReach(0, bounds) ?? (bounds.minimum <= bounds.maximum)))
  }

  /// Whether the empty text is one.
  var isNullable: Bool { !isQuoted && !automaton.isEmpty && automaton.labels[0] >= 0 }

  var start: Int32 { isQuoted ? Self.beforeQuote : 0 }

  /// The automaton's state, if the bytes so far are whole characters.
  func boundary(_ state: Int32) -> Int? {
    guard state >= 0 else { return nil }
    let (whole, part) = Int(state).quotientAndRemainder(dividingBy: encoding.stateCount)
    return part == 0 ? whole : nil
  }

  /// The state after one more byte, and whether the byte ended a character.
  @inline(__always)
  func next(_ state: Int32, _ byte: UInt8) -> (state: Int32, endsCharacter: Bool) {
    guard state >= 0 else { return (byte == 0x22 ? 0 : Self.dead, false) }
    let count = encoding.stateCount
    let (whole, part) = Int(state).quotientAndRemainder(dividingBy: count)
    if isQuoted && part == 0 && byte == 0x22 {
      return (automaton.labels[whole] >= 0 ? Self.closed : Self.dead, false)
    }
    let entry = encoding.table[part * 256 + Int(byte)]
    if entry >= 0 {
      for word in 0..<wordCount
      where encoding.reachable[Int(entry)][word] & liveClasses[whole * wordCount + word] != 0 {
        return (Int32(whole * count) + entry, false)
      }
      return (Self.dead, false)
    }
    guard entry != TextEncoding.dead else { return (Self.dead, false) }
    let target = automaton.next(whole, class: Int(~entry))
    return (target < 0 ? Self.dead : Int32(target * count), true)
  }

  /// Whether more bytes may follow in a state.
  func canContinue(_ state: Int32) -> Bool {
    guard let whole = boundary(state), !isQuoted else { return true }
    return (0..<wordCount).contains { liveClasses[whole * wordCount + $0] != 0 }
  }

  /// The states that a character begun leads to.
  func targets(of state: Int32) -> [Int] {
    let (whole, part) = Int(state).quotientAndRemainder(dividingBy: encoding.stateCount)
    var result: [Int] = []
    for word in 0..<wordCount {
      var bits = encoding.reachable[part][word] & liveClasses[whole * wordCount + word]
      while bits != 0 {
        result.append(automaton.next(whole, class: word * 64 + bits.trailingZeroBitCount))
        bits &= bits - 1
      }
    }
    return result
  }
}

/// How many characters are still needed, and how many are still allowed.
struct LengthBounds: Sendable, Equatable {
  var minimum: Int32
  var maximum: Int32

  static let none = LengthBounds(minimum: 0, maximum: .max)

  /// After one more character.
  var next: LengthBounds {
    LengthBounds(minimum: max(0, minimum - 1), maximum: maximum == .max ? .max : maximum - 1)
  }
}

/// For each state of an automaton, the lengths of the texts that end it: periodic from some length on, as there are
/// finitely many sets of states.
struct ReachableLengths: Sendable {
  /// The states that end after so many characters, as bits.
  private var rows: [[UInt64]] = []
  /// The most characters that any state needs at least to end.
  private(set) var longestNeed: Int32 = 0
  /// The first row of the period; the last row is followed by it.
  private var periodStart = 0

  private static let maximumWork = 50_000_000

  init(_ automaton: TextAutomaton) throws(GrammarError) {
    let wordCount = (automaton.stateCount + 63) / 64
    var row = [UInt64](repeating: 0, count: wordCount)
    for (state, label) in automaton.labels.enumerated() where label >= 0 {
      row[state / 64] |= 1 << UInt64(state % 64)
    }
    let edges = (0..<automaton.stateCount).map { state in Set(automaton.targets(of: state)).filter { $0 >= 0 }
    }
    let edgeCount = edges.reduce(automaton.stateCount) { $0 + $1.count }
    var seen: [[UInt64]: Int] = [:]
    while seen[row] == nil {
      guard (rows.count + 1) * edgeCount < Self.maximumWork, rows.count < 5_000 else {
        throw .tooComplex(what: "a pattern together with bounds of its length")
      }
      seen[row] = rows.count
      rows.append(row)
      var following = [UInt64](repeating: 0, count: wordCount)
      for (state, targets) in edges.enumerated()
      where targets.contains(where: { row[Int($0) / 64] >> UInt64($0 % 64) & 1 == 1 }) {
        following[state / 64] |= 1 << UInt64(state % 64)
      }
      row = following
    }
    periodStart = seen[row] ?? 0
    for state in 0..<automaton.stateCount {
      let need = rows.firstIndex { $0[state / 64] >> UInt64(state % 64) & 1 == 1 } ?? 0
      longestNeed = max(longestNeed, Int32(need))
    }
  }

  /// Whether a text of an allowed length ends the state.
  func canReach(_ state: Int, _ bounds: LengthBounds) -> Bool {
    guard bounds.minimum <= bounds.maximum else { return false }
    let first = Int(bounds.minimum)
    let last = min(Int(bounds.maximum), max(first, periodStart) + rows.count - periodStart - 1)
    return first <= last
      && (first...last).contains { length in
        let place =
          length < rows.count ? length : periodStart + (length - periodStart) % (rows.count - periodStart)
        return rows[place][state / 64] >> UInt64(state % 64) & 1 == 1
      }
  }
}

extension Terminal {
  /// The states that a character begun leads to, and how many ways to go on lead to each.
  func characters(of state: Int32) -> [(state: Int, ways: Int)] {
    let (whole, part) = Int(state).quotientAndRemainder(dividingBy: encoding.stateCount)
    return encoding.ways(from: part).compactMap { index, ways in
      let target = automaton.next(whole, class: index)
      return target < 0 ? nil : (target, ways)
    }
  }
}

extension TextEncoding {
  /// The classes that a state leads to, and the number of characters of each.
  func ways(from state: Int) -> [(class: Int, ways: Int)] {
    var counts: [Int: Int] = [:]
    var pending = [(state, 1)]
    while let (next, times) = pending.popLast() {
      var states: [Int32: Int] = [:]
      for entry in table[(next * 256)..<(next * 256 + 256)] where entry != Self.dead {
        states[entry, default: 0] += 1
      }
      for (entry, count) in states {
        if entry < 0 {
          counts[Int(~entry), default: 0] += times * count
        } else {
          pending.append((Int(entry), times * count))
        }
      }
    }
    return counts.map { ($0, $1) }
  }
}
