import Synchronization

/// A grammar over a vocabulary. It keeps the masks that it has found; share one among all texts that use both.
///
/// ```swift
/// let vocabulary = GrammarVocabulary(tokens: ["yes", "no", "n", "o", "maybe"].map { Array($0.utf8) })
/// let grammar = TokenGrammar(try Grammar(choices: ["yes", "no"]), vocabulary: vocabulary)
/// var state = grammar.start()
/// let allowed = (0..<5).filter { state.mask()[$0] }  // [0, 1, 2]: yes, no, n
/// let fits = state.accept(token: 2)  // true; o comes next
/// ```
public final class TokenGrammar: Sendable {
  let machine: Machine
  let vocabulary: GrammarVocabulary
  private let masks: Mutex<MaskCache>

  /// A grammar over a vocabulary.
  public init(_ grammar: Grammar, vocabulary: GrammarVocabulary) {
    machine = grammar.machine
    self.vocabulary = vocabulary
    masks = Mutex(MaskCache())
  }

  /// The state before the first token.
  public func start() -> GrammarState { GrammarState(grammar: self, state: machine.start()) }

  func mask(of state: MachineState) -> TokenMask {
    masks.withLock { cache in
      let key = canonical(state, &cache)
      if let known = cache.mask(for: key) { return known }
      var words = [UInt64](repeating: 0, count: (vocabulary.count + 63) / 64)
      for configuration in state.configurations { addMask(of: configuration, to: &words, &cache) }
      let mask = TokenMask(count: vocabulary.count, words: words)
      cache.keep(mask, for: key)
      return mask
    }
  }

  /// The state as far as a mask depends on it: no token is longer than the longest, so bounds beyond it are alike.
  private func canonical(_ state: MachineState, _ cache: inout MaskCache) -> [Configuration] {
    var result = state.configurations
    let far = Int32(clamping: vocabulary.longest + 1)
    for place in result.indices {
      let configuration = result[place]
      let terminal = machine.terminals[Int(configuration.terminal)]
      if configuration.parent?.phase == .name {
        guard configuration.low == configuration.high, !configuration.name.isEmpty else { continue }
        // The name matters to what follows it only if a token holds all of another name, too.
        if table(configuration, &cache).hasLongExits { continue }
        result[place].name = []
      } else if terminal.isCounted {
        if terminal.lengths == nil {
          result[place].low = min(configuration.low, far)
          result[place].high = min(configuration.high, far)
        } else if isFree(configuration, terminal) {
          result[place].bounds = LengthBounds(minimum: 0, maximum: .max - 1)
        }
      }
    }
    return result
  }

  /// Whether no token can exceed a bound, nor make it impossible to meet.
  func isFree(_ configuration: Configuration, _ terminal: Terminal) -> Bool {
    guard terminal.isCounted, let lengths = terminal.lengths else { return !terminal.isCounted }
    let far = Int32(clamping: vocabulary.longest).addingReportingOverflow(lengths.longestNeed)
    return configuration.low <= 0 && !far.overflow && configuration.high > far.partialValue
  }

  func table(_ configuration: Configuration, _ cache: inout MaskCache) -> TerminalTable {
    let terminal = machine.terminals[Int(configuration.terminal)]
    let key = TerminalTable.Key(terminal: terminal.alike, state: configuration.state)
    if let known = cache.tables[key] { return known }
    var rule: ObjectRule?
    if let parent = configuration.parent, parent.phase == .name,
      case .object(let object) = machine.rules[Int(parent.rule)]
    {
      rule = object
    }
    let table = TerminalTable(terminal, from: configuration.state, rule: rule, vocabulary: vocabulary)
    cache.keep(table, for: key)
    return table
  }
}

/// What a ``TokenGrammar`` has found so far.
struct MaskCache: Sendable {
  private(set) var tables: [TerminalTable.Key: TerminalTable] = [:]
  /// Masks used since the last time that there were too many, and those from before.
  private var recent: [[Configuration]: TokenMask] = [:]
  private var older: [[Configuration]: TokenMask] = [:]

  private static let maximumTables = 2_000
  private static let maximumMasks = 500

  mutating func mask(for key: [Configuration]) -> TokenMask? {
    if let known = recent[key] { return known }
    guard let known = older[key] else { return nil }
    keep(known, for: key)
    return known
  }

  mutating func keep(_ mask: TokenMask, for key: [Configuration]) {
    if recent.count >= Self.maximumMasks { (older, recent) = (recent, [:]) }
    recent[key] = mask
  }

  mutating func keep(_ table: TerminalTable, for key: TerminalTable.Key) {
    if tables.count >= Self.maximumTables { tables = [:] }
    tables[key] = table
  }
}
