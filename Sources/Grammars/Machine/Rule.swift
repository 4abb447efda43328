/// A part of a compiled grammar. Rules name each other by their places in ``Machine/rules``, so they may be recursive.
enum Rule: Sendable {
  /// A regular part, by its place in ``Machine/terminals``.
  case terminal(Int)
  /// One after the other.
  case sequence([Int])
  /// One of them.
  case choice([Int])
  /// So many times; `Int32.max` is without an upper bound.
  case repeated(Int, minimum: Int32, maximum: Int32)
  /// A JSON array.
  case array(ArrayRule)
  /// A JSON object.
  case object(ObjectRule)
}

/// What a JSON array may hold.
struct ArrayRule: Sendable {
  /// Elements by their place, as far as each place has a rule of its own.
  var prefix: [Int]
  /// All further elements; nil where there may be none.
  var rest: Int?
  var minimum: Int32
  /// `Int32.max` is without an upper bound.
  var maximum: Int32
  /// Elements that also count as contained, by their place; nil where none can.
  var containedPrefix: [Int?] = []
  var containedRest: Int?
  /// How many must be contained.
  var contained: Int32 = 0
  /// How many may be; all others have rules that do not allow what is contained.
  var mostContained = Int32.max
  /// The elements one by one, where none may come twice.
  var unique: [Int]?

  func element(_ index: Int32) -> Int? { Int(index) < prefix.count ? prefix[Int(index)] : rest }

  func containedElement(_ index: Int32) -> Int? {
    Int(index) < prefix.count ? containedPrefix[Int(index)] : containedRest
  }

  /// How many of the next `slots` elements could be contained.
  func containable(from index: Int32, slots: Int32) -> Int32 {
    guard contained > 0 else { return 0 }
    let inPrefix = max(0, min(prefix.count - Int(index), Int(slots)))
    let places = containedPrefix.dropFirst(Int(index)).prefix(inPrefix).count { $0 != nil }
    guard containedRest != nil else { return Int32(places) }
    return slots == .max ? .max : Int32(places) + slots - Int32(inPrefix)
  }
}

/// What a JSON object may hold. Names are read by one automaton, whose labels are places in ``classes``.
struct ObjectRule: Sendable {
  /// The named properties first, then sets of names that share the rule of their values.
  var classes: [Int]
  var namedCount: Int
  var names: TextAutomaton
  /// The terminal of the names; set when the machine is made.
  var terminal = 0
  var required: NameSet
  /// For each named property, those that must be there with it.
  var dependents: [Int: NameSet] = [:]
  /// Of each set, one must be there, unless another name is.
  var needsOneOf: [NameSet] = []
  var minimum: Int = 0
  var maximum: Int = .max
  /// For each state of ``names``, the named properties that it leads to.
  var reachable: [NameSet] = []
  /// For each state of ``names``, how many other names it leads to; `Int.max` for infinitely many.
  var openCounts: [Int] = []

  /// All names that must be there if those of `names` are.
  func closure(of names: NameSet) -> NameSet {
    guard !dependents.isEmpty else { return names }
    var closed = names
    var grows = true
    while grows {
      grows = false
      for (name, others) in dependents where closed.contains(name) && !others.isSubset(of: closed) {
        closed.formUnion(others)
        grows = true
      }
    }
    return closed
  }
}

/// A set of an object's named properties.
struct NameSet: Hashable, Sendable {
  private(set) var words: [UInt64] = []

  init() {}

  init(_ names: some Sequence<Int>) { for name in names { insert(name) } }

  mutating func insert(_ name: Int) {
    while words.count <= name / 64 { words.append(0) }
    words[name / 64] |= 1 << UInt64(name % 64)
  }

  func contains(_ name: Int) -> Bool {
    name / 64 < words.count && words[name / 64] >> UInt64(name % 64) & 1 == 1
  }

  mutating func formUnion(_ other: NameSet) {
    while words.count < other.words.count { words.append(0) }
    for place in other.words.indices { words[place] |= other.words[place] }
  }

  func isSubset(of other: NameSet) -> Bool {
    words.indices.allSatisfy { words[$0] & ~($0 < other.words.count ? other.words[$0] : 0) == 0 }
  }

  func intersects(_ other: NameSet) -> Bool { zip(words, other.words).contains { $0 & $1 != 0 } }

  /// How many are not in the other set.
  func count(notIn other: NameSet) -> Int {
    words.indices.reduce(0) {
      $0 + (words[$1] & ~($1 < other.words.count ? other.words[$1] : 0)).nonzeroBitCount
    }
  }
}
