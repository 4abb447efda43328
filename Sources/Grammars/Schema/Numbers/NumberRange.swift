/// The numbers that a schema allows, and their texts.
struct NumberRange: Sendable {
  var lower: NumberBound?
  var upper: NumberBound?
  var divisors: [Decimal] = []
  var allowsIntegers = true
  var allowsFractions = true

  /// Leaves the numbers above a bound.
  mutating func raise(to bound: NumberBound) {
    guard let lower else { return lower = bound }
    if bound.value > lower.value || (bound.value == lower.value && !bound.isInclusive) { self.lower = bound }
  }

  /// Leaves the numbers below a bound.
  mutating func lower(to bound: NumberBound) {
    guard let upper else { return upper = bound }
    if bound.value < upper.value || (bound.value == upper.value && !bound.isInclusive) { self.upper = bound }
  }

  /// The parts of it that are left without some numbers.
  func excluding(_ values: [Decimal]) -> [NumberRange] {
    var parts = [self]
    for value in values {
      parts = parts.flatMap { part -> [NumberRange] in
        var (below, above) = (part, part)
        below.lower(to: NumberBound(value: value, isInclusive: false))
        above.raise(to: NumberBound(value: value, isInclusive: false))
        return [below, above]
      }
    }
    return parts.filter { !$0.isEmpty }
  }

  /// Whether the bounds leave nothing.
  var isEmpty: Bool {
    if !allowsIntegers && !allowsFractions { return true }
    guard let lower, let upper else { return false }
    return lower.value > upper.value
      || (lower.value == upper.value && !(lower.isInclusive && upper.isInclusive))
  }

  /// Digits before the point, and behind it, where nothing else bounds them.
  static let (wholeDigits, fractionDigits) = (60, 40)

  /// The texts of the numbers. Their digits are bounded, so that a model comes to an end.
  func automaton() throws(GrammarError) -> TextAutomaton {
    guard !isEmpty else {
      return TextAutomaton(alphabet: TextAutomaton.everything.alphabet, table: [], labels: [])
    }
    if lower == nil && upper == nil && divisors.isEmpty && allowsIntegers {
      return allowsFractions ? try Self.anyNumber.get() : try Self.anyInteger.get()
    }
    var construction = try NumberConstruction(self)
    return try construction.run()
  }

  private static let anyNumber = pattern(
    "-?(0|[1-9][0-9]{0,59})(\\.[0-9]{1,40})?([eE][+-]?1?[0-9]{1,2})?")
  private static let anyInteger = pattern("-?(0|[1-9][0-9]{0,59})")

  private static func pattern(_ text: String) -> Result<TextAutomaton, GrammarError> {
    do throws(GrammarError) {
      return .success(try PatternParser.parse(text).automaton())
    } catch {
      return .failure(error)
    }
  }
}

/// Builds the automaton of numbers between bounds, digit by digit.
private struct NumberConstruction {
  /// How the digits so far compare with a bound's.
  private typealias Comparison = Int8

  private enum Phase { case start, sign, zero, whole, point, fraction }

  private struct State: Hashable {
    var phase = Phase.start
    var isNegative = false
    /// Digits before the point.
    var whole: Int16 = 0
    /// Digits behind it.
    var fraction: Int16 = 0
    var low: Int8 = 0
    var high: Int8 = 0
    /// For each divisor, the remainder of the digits so far.
    var remainders: [UInt32] = []
    var hasFraction = false
  }

  private struct Magnitude {
    let whole: [UInt8]
    let fraction: [UInt8]
    let isInclusive: Bool
  }

  private let range: NumberRange
  /// Bounds of the magnitude, for numbers from 0 on and for those below.
  private var bounds: [(low: Magnitude?, high: Magnitude?, isPossible: Bool)] = []
  private var divisors: [(modulus: UInt32, places: Int16)] = []
  private var mostDigits: Int16 = 15
  private var mostWhole: Int16 = 20

  private static let largestDivisor: UInt32 = 100_000

  init(_ range: NumberRange) throws(GrammarError) {
    self.range = range
    for isNegative in [false, true] {
      let (low, high) = isNegative ? (range.upper, range.lower) : (range.lower, range.upper)
      let sign = { (bound: NumberBound?) in bound.map { isNegative ? $0.value.negated : $0.value } }
      let isPossible = sign(high).map { !$0.isNegative } ?? true
      bounds.append(
        (
          try Self.magnitude(low, isNegative), isPossible ? try Self.magnitude(high, isNegative) : nil,
          isPossible
        ))
    }
    for divisor in range.divisors {
      let places = max(0, -divisor.exponent)
      guard let value = Int(String(divisor.digits.map { Character(Unicode.Scalar($0 + 0x30)) })),
        places <= 15,
        divisor.exponent <= 5, value <= Int(Self.largestDivisor)
      else { throw .tooComplex(what: "multipleOf of \(divisor.text ?? "a number with many digits")") }
      let modulus = (0..<max(0, divisor.exponent)).reduce(value) { product, _ in product * 10 }
      guard modulus <= Self.largestDivisor else {
        throw .tooComplex(what: "multipleOf of \(divisor.text ?? "a large number")")
      }
      divisors.append((UInt32(modulus), Int16(places)))
    }
    let magnitudes = bounds.flatMap { [$0.low, $0.high].compactMap(\.self) }
    for magnitude in magnitudes {
      // Readers take fractions as doubles: fewer digits than those have cannot be rounded across a bound.
      mostDigits = max(mostDigits, Int16(magnitude.whole.count + magnitude.fraction.count))
      mostWhole = max(mostWhole, Int16(magnitude.whole.count + 1))
    }
  }

  private static func magnitude(_ bound: NumberBound?, _ isNegative: Bool) throws(GrammarError) -> Magnitude?
  {
    guard let bound else { return nil }
    let value = isNegative ? bound.value.negated : bound.value
    if value.isNegative { return nil }
    guard let (whole, fraction) = value.places() else {
      throw .tooComplex(what: "a bound of a number with more than 400 digits")
    }
    return Magnitude(whole: whole, fraction: fraction, isInclusive: bound.isInclusive)
  }

  mutating func run() throws(GrammarError) -> TextAutomaton {
    let characters: [Character] = ["-", "."] + (0...9).map { Character(Unicode.Scalar(UInt8(0x30 + $0))) }
    let (alphabet, members) = Alphabet.distinguishing(
      characters.map { ScalarSet($0.unicodeScalars.first?.value ?? 0) })
    var start = State()
    start.remainders = divisors.map { _ in 0 }
    var states = [start]
    var numbers = [start: Int32(0)]
    var (table, labels): ([Int32], [Int32]) = ([], [])
    var place = 0
    while place < states.count {
      let state = states[place]
      place += 1
      labels.append(accepts(state) ? 0 : -1)
      var row = [Int32](repeating: -1, count: alphabet.count)
      for (number, member) in members.enumerated() {
        guard let next = next(state, number), let index = member.first else { continue }
        if let known = numbers[next] {
          row[Int(index)] = known
        } else {
          guard states.count < 4 * TextAutomaton.maximumStates else {
            throw .tooComplex(what: "the bounds and multiples of a number")
          }
          numbers[next] = Int32(states.count)
          row[Int(index)] = Int32(states.count)
          states.append(next)
        }
      }
      table += row
    }
    return TextAutomaton(alphabet: alphabet, table: table, labels: labels)
  }

  /// The state after a character: 0 is the minus, 1 the point, and 2 to 11 are the digits.
  private func next(_ state: State, _ character: Int) -> State? {
    var next = state
    switch (state.phase, character) {
    case (.start, 0):
      next.phase = .sign
      next.isNegative = true
    case (.start, 2...), (.sign, 2...):
      next.phase = character == 2 ? .zero : .whole
      return addingDigit(UInt8(character - 2), to: next)
    case (.whole, 2...): return addingDigit(UInt8(character - 2), to: next)
    case (.zero, 1), (.whole, 1):
      // 1.0 is an integer, too, but many readers of integers do not take it.
      guard range.allowsFractions else { return nil }
      next.phase = .point
      endWhole(&next)
    case (.point, 2...), (.fraction, 2...):
      next.phase = .fraction
      return addingFraction(UInt8(character - 2), to: next)
    default: return nil
    }
    return bounds[next.isNegative ? 1 : 0].isPossible ? next : nil
  }

  private func addingDigit(_ digit: UInt8, to given: State) -> State? {
    var state = given
    let (low, high, isPossible) = bounds[state.isNegative ? 1 : 0]
    guard isPossible, state.whole < mostWhole else { return nil }
    let place = Int(state.whole)
    state.whole += 1
    compare(digit, with: low?.whole, at: place, &state.low)
    compare(digit, with: high?.whole, at: place, &state.high)
    // Longer than the upper bound is above it.
    if let high, state.whole > high.whole.count { return nil }
    addToRemainders(digit, &state)
    return state
  }

  private func compare(_ digit: UInt8, with bound: [UInt8]?, at place: Int, _ comparison: inout Int8) {
    guard let bound, place < bound.count else {
      // More digits are more.
      if bound != nil { comparison = 1 }
      return
    }
    if comparison == 0 && digit != bound[place] { comparison = digit < bound[place] ? -1 : 1 }
  }

  /// Decides by the number of digits.
  private func endWhole(_ state: inout State) {
    let (low, high, _) = bounds[state.isNegative ? 1 : 0]
    if let low, state.whole < low.whole.count { state.low = -1 }
    if let high, state.whole < high.whole.count { state.high = -1 }
  }

  private func addingFraction(_ digit: UInt8, to given: State) -> State? {
    var state = given
    let (low, high, _) = bounds[state.isNegative ? 1 : 0]
    let place = Int(state.fraction)
    state.fraction += 1
    guard state.whole + state.fraction <= mostDigits else { return nil }
    if digit != 0 { state.hasFraction = true }
    compareFraction(digit, with: low?.fraction, at: place, &state.low)
    compareFraction(digit, with: high?.fraction, at: place, &state.high)
    for index in divisors.indices where state.fraction > divisors[index].places && digit != 0 { return nil }
    addToRemainders(digit, &state)
    return state
  }

  private func compareFraction(_ digit: UInt8, with bound: [UInt8]?, at place: Int, _ comparison: inout Int8)
  {
    guard let bound, comparison == 0 else { return }
    let other = place < bound.count ? bound[place] : 0
    if digit != other { comparison = digit < other ? -1 : 1 }
  }

  private func addToRemainders(_ digit: UInt8, _ state: inout State) {
    for index in divisors.indices where state.fraction <= divisors[index].places {
      state.remainders[index] = (state.remainders[index] * 10 + UInt32(digit)) % divisors[index].modulus
    }
  }

  private func accepts(_ given: State) -> Bool {
    var state = given
    switch state.phase {
    case .start, .sign, .point: return false
    case .zero, .whole: endWhole(&state)
    case .fraction: break
    }
    let (low, high, _) = bounds[state.isNegative ? 1 : 0]
    if let low {
      // What is left of the bound's digits is more than nothing.
      let comparison = state.low == 0 && Int(state.fraction) < low.fraction.count ? -1 : state.low
      guard comparison > 0 || (comparison == 0 && low.isInclusive) else { return false }
    }
    if let high {
      let comparison = state.high == 0 && Int(state.fraction) < high.fraction.count ? -1 : state.high
      guard comparison < 0 || (comparison == 0 && high.isInclusive) else { return false }
    }
    if !range.allowsIntegers && !state.hasFraction { return false }
    return divisors.indices.allSatisfy { index in
      var remainder = UInt64(state.remainders[index])
      let modulus = UInt64(divisors[index].modulus)
      for _ in 0..<max(0, divisors[index].places - state.fraction) { remainder = remainder * 10 % modulus }
      return remainder == 0
    }
  }
}
