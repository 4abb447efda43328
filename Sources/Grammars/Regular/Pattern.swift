/// A regular language of texts, as a tree.
indirect enum Pattern: Sendable, Equatable {
  /// The empty text.
  case empty
  /// One scalar value of a set.
  case set(ScalarSet)
  /// One after the other.
  case sequence([Pattern])
  /// One of them.
  case choice([Pattern])
  /// So many times; without an upper bound where it is nil.
  case repeated(Pattern, minimum: Int, maximum: Int?)
  /// The empty text, at the start of the whole text only.
  case start
  /// The empty text, at the end of the whole text only.
  case end

  /// A literal text.
  static func literal(_ text: some StringProtocol) -> Pattern {
    .sequence(text.unicodeScalars.map { .set(ScalarSet($0.value)) })
  }

  /// Whether `^` or `$` is in it.
  var hasAnchors: Bool {
    switch self {
    case .empty, .set: false
    case .sequence(let parts), .choice(let parts): parts.contains(where: \.hasAnchors)
    case .repeated(let part, _, _): part.hasAnchors
    case .start, .end: true
    }
  }

  /// How deep it nests.
  var depth: Int {
    switch self {
    case .empty, .set, .start, .end: 1
    case .sequence(let parts), .choice(let parts): 1 + (parts.map(\.depth).max() ?? 0)
    case .repeated(let part, _, _): 1 + part.depth
    }
  }

  /// The automaton of the texts that match as a whole, or in which a part matches.
  func automaton(searching: Bool = false) throws(GrammarError) -> TextAutomaton {
    var work = Self.maximumWork
    return try automaton(searching: searching, work: &work)
  }

  /// Steps of the construction of one automaton; more is an error.
  static let maximumWork = 5_000_000

  /// The same with a number of steps that several constructions share.
  func automaton(searching: Bool = false, work: inout Int) throws(GrammarError) -> TextAutomaton {
    var builder = PatternStates()
    let end = try builder.add(.accept)
    guard searching else {
      let start = try builder.build(self, next: end)
      var subsets = Determinization(builder, start: start)
      return try subsets.run(&work)
    }
    let universal = try builder.build(.repeated(.set(.all), minimum: 0, maximum: nil), next: end)
    let found = try builder.build(self, next: universal)
    let start = try builder.build(.repeated(.set(.all), minimum: 0, maximum: nil), next: found)
    var subsets = Determinization(builder, start: start, universal: universal)
    return try subsets.run(&work)
  }
}

/// The states of a nondeterministic automaton (K. Thompson, "Regular expression search algorithm", 1968).
struct PatternStates {
  enum State {
    case set(Int, next: Int)
    case split(Int, Int)
    case atStart(next: Int)
    case atEnd(next: Int)
    case accept
  }

  private(set) var states: [State] = []
  private(set) var sets: [ScalarSet] = []
  private var numbers: [ScalarSet: Int] = [:]

  private static let maximum = 50_000
  private static let maximumSets = 5_000

  mutating func add(_ state: State) throws(GrammarError) -> Int {
    guard states.count < Self.maximum else {
      throw .tooComplex(what: "a regular expression that has more than \(Self.maximum) positions")
    }
    states.append(state)
    return states.count - 1
  }

  /// The state from which `pattern` leads to `next`.
  mutating func build(_ pattern: Pattern, next: Int) throws(GrammarError) -> Int {
    switch pattern {
    case .empty: return next
    case .set(let set):
      let number = numbers[set] ?? sets.count
      if number == sets.count {
        guard number < Self.maximumSets else {
          throw .tooComplex(
            what: "a regular expression that has more than \(Self.maximumSets) different classes")
        }
        numbers[set] = number
        sets.append(set)
      }
      return try add(.set(number, next: next))
    case .sequence(let parts):
      var state = next
      for part in parts.reversed() { state = try build(part, next: state) }
      return state
    case .choice(let parts):
      // No choice at all is a set without members.
      var state = try build(parts.last ?? .set(ScalarSet([])), next: next)
      for part in parts.dropLast().reversed() { state = try add(.split(build(part, next: next), state)) }
      return state
    case .repeated(let part, let minimum, let maximum):
      var state = next
      if let maximum {
        for _ in 0..<max(0, maximum - minimum) { state = try add(.split(build(part, next: state), next)) }
      } else {
        let loop = try add(.accept)
        states[loop] = .split(try build(part, next: loop), next)
        state = loop
      }
      for _ in 0..<minimum {
        let before = try build(part, next: state)
        // What reads nothing can be repeated any number of times.
        if before == state { break }
        state = before
      }
      return state
    case .start: return try add(.atStart(next: next))
    case .end: return try add(.atEnd(next: next))
    }
  }
}

/// The subset construction.
private struct Determinization {
  let states: [PatternStates.State]
  let start: Int
  /// A state from which every text is accepted, if there is one: a set that has it needs no other.
  let universal: Int?
  let alphabet: Alphabet
  let members: [[Int32]]
  /// The closure that met each state last.
  private var rounds: [Int]
  private var round = 0

  init(_ builder: PatternStates, start: Int, universal: Int? = nil) {
    states = builder.states
    rounds = [Int](repeating: 0, count: builder.states.count)
    (alphabet, members) = Alphabet.distinguishing(builder.sets)
    self.start = start
    self.universal = universal
  }

  mutating func run(_ work: inout Int) throws(GrammarError) -> TextAutomaton {
    let first = closure([start], atStart: true, atEnd: false)
    var keys = [first]
    var numbers: [[Int32]: Int32] = [:]
    var (table, labels): ([Int32], [Int32]) = ([], [])
    var place = 0
    while place < keys.count {
      let key = keys[place]
      labels.append(accepts(key, atStart: place == 0) ? 0 : -1)
      place += 1
      var targets = [[Int]](repeating: [], count: alphabet.count)
      for state in key {
        guard case .set(let set, let next) = states[Int(state)] else { continue }
        for index in members[set] { targets[Int(index)].append(next) }
        work -= members[set].count
      }
      var closures: [[Int]: Int32] = [[]: -1]
      for list in targets {
        if let known = closures[list] {
          table.append(known)
          continue
        }
        let next = closure(list, atStart: false, atEnd: false)
        work -= next.count + list.count
        guard work > 0, keys.count < TextAutomaton.maximumStates else {
          throw .tooComplex(
            what: "a regular expression whose automaton has more than \(keys.count - 1) states")
        }
        let number = numbers[next] ?? Int32(keys.count)
        if Int(number) == keys.count {
          numbers[next] = number
          keys.append(next)
        }
        closures[list] = number
        table.append(number)
      }
    }
    return TextAutomaton(alphabet: alphabet, table: table, labels: labels)
  }

  /// The states reached without a character that read one, accept, or wait for the end.
  private mutating func closure(_ given: [Int], atStart: Bool, atEnd: Bool) -> [Int32] {
    round += 1
    var (pending, kept) = (given, [Int32]())
    while let state = pending.popLast() {
      guard rounds[state] != round else { continue }
      rounds[state] = round
      if state == universal && given != [state] && !atEnd {
        return closure([state], atStart: false, atEnd: false)
      }
      switch states[state] {
      case .set, .accept: kept.append(Int32(state))
      case .split(let first, let second):
        pending.append(first)
        pending.append(second)
      case .atStart(let next): if atStart { pending.append(next) }
      case .atEnd(let next): if atEnd { pending.append(next) } else { kept.append(Int32(state)) }
      }
    }
    return kept.sorted()
  }

  private mutating func accepts(_ key: [Int32], atStart: Bool) -> Bool {
    closure(key.map(Int.init), atStart: atStart, atEnd: true).contains {
      if case .accept = states[Int($0)] { true } else { false }
    }
  }
}
