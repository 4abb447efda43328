/// The transitions of a terminal's states, found when they are first needed, each state a row of 256.
struct TransitionCache {
  /// What is the same whenever a state is met.
  struct Traits {
    let isBoundary: Bool
    /// Whether a text without quotes can end.
    let isAccepting: Bool
    /// Whether names without end go on from it.
    let isOpen: Bool
  }

  private let terminal: Terminal
  private let openCounts: [Int]?
  private(set) var states: [Int32] = []
  private(set) var traits: [Traits] = []
  private var rows: [Int32] = []
  private var numbers: [Int32: Int32] = [:]

  private static let unknown = Int32.min

  /// - Parameter openCounts: For each state of an automaton of names, how many names go on that are not listed.
  init(_ terminal: Terminal, openCounts: [Int]?) {
    self.terminal = terminal
    self.openCounts = openCounts
  }

  mutating func row(of state: Int32) -> Int32 {
    if let known = numbers[state] { return known }
    let number = Int32(states.count)
    numbers[state] = number
    states.append(state)
    let boundary = terminal.boundary(state)
    traits.append(
      Traits(
        isBoundary: boundary != nil,
        isAccepting: !terminal.isQuoted && boundary.map { terminal.automaton.labels[$0] >= 0 } ?? false,
        isOpen: openCounts.map { counts in
          let targets = state < 0 ? [0] : boundary.map { [$0] } ?? terminal.targets(of: state)
          return targets.contains { counts[$0] == .max }
        } ?? false))
    rows += repeatElement(Self.unknown, count: 256)
    return number
  }

  /// The row that a byte leads to, ``Terminal/dead`` or ``Terminal/closed``.
  @inline(__always)
  mutating func next(_ row: Int32, _ byte: UInt8) -> Int32 {
    let cell = Int(row) * 256 + Int(byte)
    let known = rows[cell]
    if known != Self.unknown { return known }
    let state = terminal.next(states[Int(row)], byte).state
    let found = state >= 0 ? self.row(of: state) : state
    rows[cell] = found
    return found
  }

  func label(_ row: Int32) -> Int32 {
    terminal.boundary(states[Int(row)]).map { terminal.automaton.labels[$0] } ?? -1
  }
}
