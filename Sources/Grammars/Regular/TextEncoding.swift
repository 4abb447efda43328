import Synchronization

/// How the texts of an automaton are written as bytes.
enum TextForm: Hashable, Sendable {
  /// In UTF-8.
  case plain
  /// As a JSON string, with JSON's escapes, but `\u0041` and its like for what is written as plainly.
  case jsonString
  /// As a JSON string in which each text has one spelling: escapes stand where they must, the short ones first.
  case jsonName
}

/// The bytes of the characters of an alphabet as an automaton: from its root, the bytes of one character lead to the
/// character's class.
///
/// It is the same for all states of an automaton over the alphabet, so the two are run side by side and their product
/// is never built. JSON's escapes are more ways to write a character.
struct TextEncoding: Sendable {
  /// What a byte leads to in each state: another state, ``dead``, or `~class` for the last byte of a character.
  private(set) var table: [Int32] = []
  /// The classes that each state leads to, as bits.
  private(set) var reachable: [[UInt64]] = []

  static let dead = Int32.min

  var stateCount: Int { reachable.count }

  /// Encodings of alphabets that many automata have: those of numbers, of all texts, of punctuation.
  private static let known = Mutex<[Key: TextEncoding]>([:])
  private static let mostKnown = 200

  private struct Key: Hashable {
    let starts: [UInt32]
    let classes: [Int32]
    let form: TextForm
  }

  /// The encoding of the characters of an automaton's texts.
  static func shared(for automaton: TextAutomaton, form: TextForm) throws(GrammarError) -> TextEncoding {
    // Characters that are in no text need no bytes.
    let isUsed = automaton.usedClasses
    let classes = automaton.alphabet.classes.map { $0 >= 0 && isUsed[Int($0)] ? $0 : -1 }
    let key = Key(starts: automaton.alphabet.starts, classes: classes, form: form)
    if let found = known.withLock({ $0[key] }) { return found }
    let alphabet = Alphabet(starts: key.starts, classes: classes, count: automaton.alphabet.count)
    let encoding = try TextEncoding(alphabet, form: form)
    known.withLock { known in
      if known.count >= mostKnown { known = [:] }
      known[key] = encoding
    }
    return encoding
  }

  private init(_ alphabet: Alphabet, form: TextForm) throws(GrammarError) {
    var builder = EncodingBuilder(wordCount: (alphabet.count + 63) / 64)
    var paths: [EncodingPath] = []
    for (range, index) in alphabet.intervals {
      EncodingPath.append(range, class: index, form: form, to: &paths)
    }
    _ = try builder.state(for: paths)
    (table, reachable) = (builder.table, builder.reachable)
  }
}

/// A range of bytes, or of hexadecimal digits.
private struct EncodingStep: Hashable {
  enum Kind { case bytes, digits, lowercaseDigits }
  let low: UInt8
  let high: UInt8
  var kind = Kind.bytes

  /// The bytes that it stands for.
  var bytes: [UInt8] {
    guard kind != .bytes else { return Array(low...high) }
    return (low...high).flatMap { digit -> [UInt8] in
      if digit < 10 { return [0x30 + digit] }
      return kind == .digits ? [0x61 + digit - 10, 0x41 + digit - 10] : [0x61 + digit - 10]
    }
  }
}

/// The bytes of a range of characters of one class.
private struct EncodingPath: Hashable {
  var steps: ArraySlice<EncodingStep>
  let target: Int32

  static func append(
    _ range: ClosedRange<UInt32>, class index: Int32, form: TextForm, to paths: inout [EncodingPath]
  ) {
    guard form != .plain else { return appendPlain(range, index, to: &paths) }
    for part in ScalarSet([range]).subtracting(ScalarSet([0...0x1F, 0x22...0x22, 0x5C...0x5C])).ranges {
      appendPlain(part, index, to: &paths)
    }
    let backslash = EncodingStep(low: 0x5C, high: 0x5C)
    let short: [(UInt32, UInt8)] = [
      (0x22, 0x22), (0x5C, 0x5C), (0x2F, 0x2F), (0x08, 0x62), (0x0C, 0x66), (0x0A, 0x6E), (0x0D, 0x72),
      (0x09, 0x74),
    ]
    for (scalar, letter) in short where range.contains(scalar) && (form == .jsonString || scalar != 0x2F) {
      paths.append(EncodingPath(steps: [backslash, EncodingStep(low: letter, high: letter)], target: index))
    }
    let long =
      form == .jsonString
      ? ScalarSet([range]).subtracting(ScalarSet([0x20...0x7E]))
      : ScalarSet([range.clamped(to: 0...0x1F)]).subtracting(ScalarSet(short.map { $0.0...$0.0 }))
    guard form == .jsonString || range.lowerBound <= 0x1F else { return }
    for part in long.ranges {
      appendEscapes(part, index, form == .jsonString ? .digits : .lowercaseDigits, to: &paths)
    }
  }

  private static func appendPlain(
    _ range: ClosedRange<UInt32>, _ index: Int32, to paths: inout [EncodingPath]
  ) {
    for (block, lead, count) in [
      (UInt32(0)...0x7F, UInt32(0), 1), (0x80...0x7FF, 0xC0, 2), (0x800...0xFFFF, 0xE0, 3),
      (0x10000...0x10FFFF, 0xF0, 4),
    ] where range.overlaps(block) {
      let part = range.clamped(to: block)
      split(part.lowerBound, part.upperBound, count: count, bits: 6) { lows, highs in
        let steps = zip(lows, highs).enumerated().map { place, bounds in
          let mark: UInt32 = place == 0 ? lead : 0x80
          return EncodingStep(low: UInt8(mark | bounds.0), high: UInt8(mark | bounds.1))
        }
        paths.append(EncodingPath(steps: steps[...], target: index))
      }
    }
  }

  private static func appendEscapes(
    _ range: ClosedRange<UInt32>, _ index: Int32, _ kind: EncodingStep.Kind, to paths: inout [EncodingPath]
  ) {
    func units(_ low: UInt32, _ high: UInt32) -> [[EncodingStep]] {
      var result: [[EncodingStep]] = []
      split(low, high, count: 4, bits: 4) { lows, highs in
        result.append(
          [EncodingStep(low: 0x5C, high: 0x5C), EncodingStep(low: 0x75, high: 0x75)]
            + zip(lows, highs).map { EncodingStep(low: UInt8($0), high: UInt8($1), kind: kind) })
      }
      return result
    }
    if range.lowerBound <= 0xFFFF {
      for steps in units(range.lowerBound, min(range.upperBound, 0xFFFF)) {
        paths.append(EncodingPath(steps: steps[...], target: index))
      }
    }
    guard range.upperBound >= 0x10000 else { return }
    // Two numbers of ten bits, split as if each were a digit.
    split(max(range.lowerBound, 0x10000) - 0x10000, range.upperBound - 0x10000, count: 2, bits: 10) {
      lows, highs in
      for first in units(0xD800 + lows[0], 0xD800 + highs[0]) {
        for second in units(0xDC00 + lows[1], 0xDC00 + highs[1]) {
          paths.append(EncodingPath(steps: (first + second)[...], target: index))
        }
      }
    }
  }

  /// Splits a range of numbers of `count` digits into ranges whose digits vary independently.
  private static func split(
    _ low: UInt32, _ high: UInt32, count: Int, bits: Int, _ use: ([UInt32], [UInt32]) -> Void
  ) {
    for place in 1..<max(count, 1) {
      let mask = UInt32(1) << UInt32(place * bits) - 1
      guard low >> UInt32(place * bits) != high >> UInt32(place * bits) else { continue }
      if low & mask != 0 {
        split(low, low | mask, count: count, bits: bits, use)
        return split((low | mask) + 1, high, count: count, bits: bits, use)
      }
      if high & mask != mask {
        split(low, (high & ~mask) - 1, count: count, bits: bits, use)
        return split(high & ~mask, high, count: count, bits: bits, use)
      }
    }
    // The first digit has all the bits that are left: seven of an ASCII byte, for one.
    let digits = { (value: UInt32) in
      (0..<count).map { place in
        let rest = value >> UInt32((count - 1 - place) * bits)
        return place == 0 ? rest : rest & (UInt32(1) << UInt32(bits) - 1)
      }
    }
    use(digits(low), digits(high))
  }
}

/// Makes states of paths; equal sets of paths are one state.
private struct EncodingBuilder {
  let wordCount: Int
  var table: [Int32] = []
  var reachable: [[UInt64]] = []
  private var numbers: [[EncodingPath]: Int32] = [:]

  init(wordCount: Int) { self.wordCount = wordCount }

  mutating func state(for paths: [EncodingPath]) throws(GrammarError) -> Int32 {
    if let known = numbers[paths] { return known }
    let state = reachable.count
    guard state < 100_000 else { throw .tooComplex(what: "too many different characters in its texts") }
    numbers[paths] = Int32(state)
    var words = [UInt64](repeating: 0, count: wordCount)
    for path in paths { words[Int(path.target) / 64] |= 1 << UInt64(path.target % 64) }
    reachable.append(words)
    table += [Int32](repeating: TextEncoding.dead, count: 256)
    var following = [[EncodingPath]](repeating: [], count: 256)
    for path in paths {
      guard let step = path.steps.first else { continue }
      let rest = EncodingPath(steps: path.steps.dropFirst(), target: path.target)
      for byte in step.bytes { following[Int(byte)].append(rest) }
    }
    for (byte, rest) in following.enumerated() {
      guard let first = rest.first else { continue }
      table[state * 256 + byte] = first.steps.isEmpty ? ~first.target : try self.state(for: rest)
    }
    return Int32(state)
  }
}
