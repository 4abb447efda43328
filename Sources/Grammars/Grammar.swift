import MartletJSON

/// A language of texts: all that a regular expression, a JSON Schema, a grammar in GBNF or a list of choices allows.
///
/// ```swift
/// let grammar = try Grammar(regex: "(red|green) [0-9]{1,3}")
/// let fits = grammar.matches("green 42")  // true
/// ```
public struct Grammar: Sendable {
  let machine: Machine

  init(_ machine: Machine) throws(GrammarError) {
    guard machine.isAlive(machine.root) else { throw .noText }
    self.machine = machine
  }

  /// The empty language.
  init(matchingNothing: Void) { machine = Machine() }

  /// All texts that match a regular expression as a whole.
  ///
  /// - Parameter regex: The syntax of ECMA-262 with the flag `u`. Look-around, back-references and word boundaries are
  ///   refused.
  public init(regex: String) throws(GrammarError) {
    var builder = RuleBuilder()
    let root = try builder.add(PatternParser.parse(regex))
    try self.init(builder.machine(root: root))
  }

  /// One of several texts.
  public init(choices: [String]) throws(GrammarError) {
    guard !choices.isEmpty else { throw .noChoices }
    var builder = RuleBuilder()
    let root = try builder.add(try TextAutomaton.words(choices))
    try self.init(builder.machine(root: root))
  }

  /// Whether a text is one of the language.
  public func matches(_ text: String) -> Bool {
    var state = machine.start()
    for byte in text.utf8 {
      state = machine.next(state, byte)
      if state.configurations.isEmpty && !state.isComplete { return false }
    }
    return state.isComplete
  }
}
