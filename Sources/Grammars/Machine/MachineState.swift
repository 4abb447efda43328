/// All ways to read a text so far.
struct MachineState: Sendable {
  var configurations: [Configuration] = []
  /// Whether the text may end here.
  var isComplete = false

  /// More ways than this are not followed, so that an ambiguous grammar cannot take ever more time. Each that is kept
  /// can be completed.
  static let maximumConfigurations = 1_000

  mutating func add(_ configuration: Configuration) {
    guard configurations.count < Self.maximumConfigurations else { return }
    configurations.append(configuration)
  }

  /// Leaves one of equal configurations.
  mutating func removeDuplicates() {
    guard configurations.count > 1 else { return }
    if configurations.count <= 6 {
      var kept = 1
      for place in 1..<configurations.count
      where !configurations[..<kept].contains(configurations[place]) {
        configurations.swapAt(kept, place)
        kept += 1
      }
      configurations.removeLast(configurations.count - kept)
    } else {
      var seen = Set<Configuration>(minimumCapacity: configurations.count)
      configurations = configurations.filter { seen.insert($0).inserted }
    }
  }
}

extension Machine {
  /// Before the first byte.
  func start() -> MachineState {
    var state = MachineState()
    state.isComplete = isNullable[root]
    enter(root, nil, &state)
    state.removeDuplicates()
    return state
  }

  /// After one more byte; without configurations and incomplete where the byte does not fit.
  func next(_ state: MachineState, _ byte: UInt8) -> MachineState {
    var result = MachineState()
    for configuration in state.configurations { advance(configuration, byte, &result) }
    result.removeDuplicates()
    return result
  }

  /// Adds what becomes of one configuration by a byte.
  func advance(_ given: Configuration, _ byte: UInt8, _ result: inout MachineState) {
    let terminal = terminals[Int(given.terminal)]
    let (state, endsCharacter) = terminal.next(given.state, byte)
    guard state != Terminal.dead else { return }
    var configuration = given
    configuration.state = state
    if let parent = given.parent, parent.phase == .name {
      return advanceName(given, configuration, byte, parent, &result)
    }
    if state == Terminal.closed {
      guard given.low <= 0 else { return }
      return complete(given.parent, &result)
    }
    if terminal.isCounted && !count(&configuration, terminal, endsCharacter) { return }
    if terminal.canContinue(state) { result.add(configuration) }
    if let whole = terminal.boundary(state), !terminal.isQuoted, terminal.automaton.labels[whole] >= 0,
      configuration.low <= 0
    {
      complete(given.parent, &result)
    }
  }

  /// Counts a character of a counted text.
  /// - Returns: Whether the text can still be ended.
  private func count(_ configuration: inout Configuration, _ terminal: Terminal, _ endsCharacter: Bool)
    -> Bool
  {
    let bounds = configuration.bounds
    if endsCharacter {
      guard bounds.maximum > 0 else { return false }
      configuration.bounds = bounds.next
      guard let lengths = terminal.lengths, let state = terminal.boundary(configuration.state) else {
        return true
      }
      return lengths.canReach(state, configuration.bounds)
    }
    guard terminal.boundary(configuration.state) == nil else { return true }
    guard bounds.maximum > 0 else { return false }
    guard let lengths = terminal.lengths else { return true }
    return terminal.targets(of: configuration.state).contains { lengths.canReach($0, bounds.next) }
  }

  /// Adds the configurations in which a rule has begun and reads at least one byte.
  func enter(_ rule: Int, _ parent: Frame?, _ result: inout MachineState) {
    guard result.configurations.count < MachineState.maximumConfigurations,
      depths[rule] != Self.unreachable, (parent?.depth ?? 0) + depths[rule] <= maximumDepth
    else { return }
    switch rules[rule] {
    case .terminal(let number):
      let terminal = terminals[number]
      guard terminal.isQuoted || terminal.canContinue(0) else { return }
      result.add(Configuration(number, state: terminal.start, bounds: terminal.bounds, parent: parent))
    case .sequence(let parts): enter(rule, parts, from: 0, parent, &result)
    case .choice(let parts): for part in parts { enter(part, parent, &result) }
    case .repeated(let part, let minimum, let maximum):
      enterRepeat(rule, part, minimum: minimum, maximum: maximum, parent, &result)
    case .array, .object:
      guard let marks else { return }
      let isArray = if case .array = rules[rule] { true } else { false }
      result.add(
        Configuration(
          isArray ? marks.openArray : marks.openObject, state: 0, parent: opening(rule, parent)))
    }
  }

  private func opening(_ rule: Int, _ parent: Frame?) -> Frame {
    if case .array(let array) = rules[rule] {
      return Frame(
        rule: Int32(rule), phase: .open, low: array.minimum, high: array.maximum,
        properties: array.unique == nil ? nil : Properties(), parent: parent)
    }
    return Frame(rule: Int32(rule), phase: .open, properties: Properties(), parent: parent)
  }

  private func enter(
    _ rule: Int, _ parts: [Int], from first: Int, _ parent: Frame?, _ result: inout MachineState
  ) {
    for place in first..<parts.count {
      // The last part needs no frame: what follows it is what follows the sequence.
      let isLast = place == parts.count - 1
      enter(
        parts[place],
        isLast ? parent : Frame(rule: Int32(rule), phase: .part, place: Int32(place + 1), parent: parent),
        &result)
      if !isNullable[parts[place]] { return }
    }
  }

  private func enterRepeat(
    _ rule: Int, _ part: Int, minimum: Int32, maximum: Int32, _ parent: Frame?, _ result: inout MachineState
  ) {
    guard maximum > 0 else { return }
    let frame = Frame(
      rule: Int32(rule), phase: .part, low: max(0, minimum - 1), high: maximum == .max ? .max : maximum - 1,
      parent: parent)
    enter(part, maximum == 1 ? parent : frame, &result)
  }

  /// Adds what follows when what a frame waits for has ended.
  func complete(_ frame: Frame?, _ result: inout MachineState) {
    guard let frame else {
      result.isComplete = true
      return
    }
    switch rules[Int(frame.rule)] {
    case .sequence(let parts):
      let place = Int(frame.place)
      if parts[place...].allSatisfy({ isNullable[$0] }) { complete(frame.parent, &result) }
      enter(Int(frame.rule), parts, from: place, frame.parent, &result)
    case .repeated(let part, _, _):
      // Empty repeats are never entered: they count as done.
      if frame.low <= 0 || isNullable[part] { complete(frame.parent, &result) }
      enterRepeat(
        Int(frame.rule), part, minimum: frame.low, maximum: frame.high, frame.parent, &result)
    case .array(let rule): complete(frame, rule, &result)
    case .object(let rule): complete(frame, rule, &result)
    case .terminal, .choice: break
    }
  }
}
