/// A deterministic automaton over Unicode scalar values. From each of its states a text can be completed.
struct TextAutomaton: Sendable {
  let alphabet: Alphabet
  /// The next state for each state and class; -1 where no text goes on.
  private(set) var table: [Int32]
  /// What a text that ends in a state is: -1 for no text of the language, else a label of the automaton's maker.
  private(set) var labels: [Int32]

  /// States in all automata that are made; more is an error.
  static let maximumStates = 10_000

  var stateCount: Int { labels.count }
  var isEmpty: Bool { labels.isEmpty }

  /// Drops states from which no text can be completed. State 0 is the start; an empty automaton has none.
  init(alphabet: Alphabet, table: [Int32], labels: [Int32]) {
    self.alphabet = alphabet
    let width = alphabet.count
    var sources = [[Int32]](repeating: [], count: labels.count)
    for state in labels.indices {
      for target in Set(table[(state * width)..<((state + 1) * width)]) where target >= 0 {
        sources[Int(target)].append(Int32(state))
      }
    }
    var isAlive = labels.map { $0 >= 0 }
    var pending = labels.indices.filter { isAlive[$0] }
    while let state = pending.popLast() {
      for source in sources[state] where !isAlive[Int(source)] {
        isAlive[Int(source)] = true
        pending.append(Int(source))
      }
    }
    guard isAlive.first == true else {
      (self.table, self.labels) = ([], [])
      return
    }
    var numbers = [Int32](repeating: -1, count: labels.count)
    var kept: [Int] = []
    for state in labels.indices where isAlive[state] {
      numbers[state] = Int32(kept.count)
      kept.append(state)
    }
    self.labels = kept.map { labels[$0] }
    self.table = kept.flatMap { state in
      table[(state * width)..<((state + 1) * width)].map { $0 < 0 ? -1 : numbers[Int($0)] }
    }
  }

  func next(_ state: Int, class index: Int) -> Int { Int(table[state * alphabet.count + index]) }

  func targets(of state: Int) -> ArraySlice<Int32> {
    table[(state * alphabet.count)..<((state + 1) * alphabet.count)]
  }

  /// The label of a text; -1 where it is not in the language.
  func label(of text: String) -> Int {
    guard !isEmpty else { return -1 }
    var state = 0
    for scalar in text.unicodeScalars {
      state = next(state, class: alphabet.class(of: scalar.value))
      if state < 0 { return -1 }
    }
    return Int(labels[state])
  }

  func contains(_ text: String) -> Bool { label(of: text) >= 0 }

  /// Which classes of characters are in a text.
  var usedClasses: [Bool] {
    var isUsed = [Bool](repeating: false, count: alphabet.count)
    for (cell, target) in table.enumerated() where target >= 0 { isUsed[cell % alphabet.count] = true }
    return isUsed
  }

  /// All texts.
  static let everything = TextAutomaton(
    alphabet: Alphabet.distinguishing([]).alphabet, table: [0], labels: [0])

  /// The texts given; a text's label is its place in the list, the first where it is there twice.
  static func words(_ words: [String]) throws(GrammarError) -> TextAutomaton {
    let scalars = Set(words.flatMap { $0.unicodeScalars.map(\.value) }).sorted()
    guard scalars.count <= 20_000 else {
      throw .tooComplex(what: "its texts have \(scalars.count) different characters")
    }
    let (alphabet, members) = Alphabet.distinguishing(scalars.map { ScalarSet($0) })
    var classes: [UInt32: Int] = [:]
    for (scalar, member) in zip(scalars, members) { classes[scalar] = Int(member.first ?? 0) }
    let width = alphabet.count
    var (table, labels) = ([Int32](repeating: -1, count: width), [Int32(-1)])
    for (number, word) in words.enumerated() {
      var state = 0
      for scalar in word.unicodeScalars {
        let cell = state * width + (classes[scalar.value] ?? 0)
        if table[cell] < 0 {
          table[cell] = Int32(labels.count)
          labels.append(-1)
          table.append(contentsOf: repeatElement(-1, count: width))
          guard labels.count * width <= 50_000_000 else {
            throw .tooComplex(what: "its texts have more than \(labels.count) different beginnings")
          }
        }
        state = Int(table[cell])
      }
      if labels[state] < 0 { labels[state] = Int32(number) }
    }
    return TextAutomaton(alphabet: alphabet, table: table, labels: labels)
  }

  /// Texts of `range` scalar values.
  static func lengths(_ minimum: Int, _ maximum: Int?) throws(GrammarError) -> TextAutomaton {
    let last = maximum ?? minimum
    guard last < maximumStates else {
      throw .tooComplex(what: "a length of \(last) together with other rules of the same text")
    }
    guard last >= minimum else { return TextAutomaton(alphabet: everything.alphabet, table: [], labels: []) }
    var table = (0...last).map { Int32($0 + 1) }
    table[last] = maximum == nil ? Int32(last) : -1
    return TextAutomaton(
      alphabet: everything.alphabet, table: table, labels: (0...last).map { $0 >= minimum ? 0 : -1 })
  }
}
