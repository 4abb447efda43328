/// A value that Python's pickle holds. Objects are what their state is: nothing of them is run.
enum PickleValue {
  case none
  case bool(Bool)
  case integer(Int)
  case double(Double)
  case text([UInt8])
  case bytes([UInt8])
  case list([PickleValue])
  case pairs([Pair])

  /// A key of a dictionary with its value.
  struct Pair {
    var key: PickleValue
    var value: PickleValue
  }

  /// The value of a key that is a text.
  subscript(key: String) -> PickleValue? {
    guard case .pairs(let pairs) = self else { return nil }
    return pairs.last { if case .text(let text) = $0.key { text.elementsEqual(key.utf8) } else { false } }?
      .value
  }
}

/// Reads plain data out of a pickle, protocols 2 to 5 (pickletools.py of CPython describes each operation): texts,
/// numbers, lists, dictionaries, and objects whose state is one of these.
///
/// A pickle is a program, which may name any function of Python. Such names are passed over and nothing is called, so that
/// a hostile file is a wrong one at worst.
struct PickleReader {
  private let input: CheckedInput
  private let bytes: [UInt8]
  private var place = 0
  private var stack = [Entry]()
  private var marks = [Int]()
  private var memo = [Int: Entry]()

  /// A value, and how many values lie in each other there.
  private struct Entry {
    var value: PickleValue
    var depth = 0
  }

  /// Files that are larger hold no table of ids.
  static let mostBytes = 4 << 30
  /// No table of ids is deeper.
  private static let mostDepth = 16

  init(_ input: CheckedInput) throws(VectorFileError) {
    self.input = input
    guard input.size <= Self.mostBytes else {
      throw VectorFileError(.unsupported, path: input.path, "it has more than \(Self.mostBytes) bytes")
    }
    bytes = try input.bytes(input.size, at: 0, "pickle")
  }

  /// The value that the pickle ends with.
  mutating func value() throws(VectorFileError) -> PickleValue {
    while true {
      let start = place
      let operation = try unsigned(1)
      if operation == UInt8(ascii: ".") { return try pop(1)[0].value }
      guard try perform(UInt8(operation)) else {
        throw input.unsupported(at: start, "operation", "\(operation) is nothing that plain data takes")
      }
    }
  }

  // MARK: Operations

  /// False where the operation is unknown.
  private mutating func perform(_ operation: UInt8) throws(VectorFileError) -> Bool {
    switch operation {
    case 0x80: _ = try unsigned(1)  // PROTO
    case 0x95: _ = try unsigned(8)  // FRAME
    case UInt8(ascii: "N"): push(.none)
    case 0x88: push(.bool(true))
    case 0x89: push(.bool(false))
    case UInt8(ascii: "J"): push(.integer(Int(Int32(truncatingIfNeeded: try unsigned(4)))))
    case UInt8(ascii: "K"): push(.integer(try unsigned(1)))
    case UInt8(ascii: "M"): push(.integer(try unsigned(2)))
    case 0x8A: push(.integer(try long()))
    case UInt8(ascii: "G"): push(.double(try double()))
    case UInt8(ascii: "X"): push(.text(try take(unsigned(4))))
    case 0x8C: push(.text(try take(unsigned(1))))
    case 0x8D: push(.text(try take(unsigned(8))))
    case UInt8(ascii: "B"): push(.bytes(try take(unsigned(4))))
    case UInt8(ascii: "C"): push(.bytes(try take(unsigned(1))))
    default: return try performStructure(operation)
    }
    return true
  }

  private mutating func performStructure(_ operation: UInt8) throws(VectorFileError) -> Bool {
    switch operation {
    case UInt8(ascii: "("): marks.append(stack.count)
    case UInt8(ascii: "}"): push(.pairs([]))
    case UInt8(ascii: "]"), UInt8(ascii: ")"): push(.list([]))
    case UInt8(ascii: "s"): try add(pop(2))
    case UInt8(ascii: "u"): try add(popToMark())
    case UInt8(ascii: "a"): try add(pop(1))
    case UInt8(ascii: "e"): try add(popToMark())
    case UInt8(ascii: "t"): try pushList(popToMark())
    case 0x85: try pushList(pop(1))
    case 0x86: try pushList(pop(2))
    case 0x87: try pushList(pop(3))
    case UInt8(ascii: "0"): _ = try pop(1)
    default: return try performObject(operation)
    }
    return true
  }

  private mutating func performObject(_ operation: UInt8) throws(VectorFileError) -> Bool {
    switch operation {
    case UInt8(ascii: "q"): memo[try unsigned(1)] = try top()
    case UInt8(ascii: "r"): memo[try unsigned(4)] = try top()
    case 0x94: memo[memo.count] = try top()
    case UInt8(ascii: "h"): try recall(unsigned(1))
    case UInt8(ascii: "j"): try recall(unsigned(4))
    case UInt8(ascii: "c"):  // GLOBAL: a module and a name, a line each
      try passLine()
      try passLine()
      push(.none)
    case 0x93, 0x81, UInt8(ascii: "R"):  // STACK_GLOBAL, NEWOBJ, REDUCE: an object without a state yet
      _ = try pop(2)
      push(.none)
    case UInt8(ascii: "b"):  // BUILD: the state takes the object's place
      let parts = try pop(2)
      stack.append(parts[1])
    default: return false
    }
    return true
  }

  /// Adds values to the list or dictionary on the stack, where it lies.
  private mutating func add(_ items: [Entry]) throws(VectorFileError) {
    let depth = try depth(around: items)
    guard let last = stack.indices.last else { throw damage("the stack is empty") }
    switch stack[last].value {
    case .pairs(var pairs) where items.count.isMultiple(of: 2):
      // Held here alone it grows in its place.
      stack[last].value = .none
      for index in stride(from: 0, to: items.count, by: 2) {
        pairs.append(PickleValue.Pair(key: items[index].value, value: items[index + 1].value))
      }
      stack[last].value = .pairs(pairs)
    case .list(var list):
      stack[last].value = .none
      list.append(contentsOf: items.lazy.map(\.value))
      stack[last].value = .list(list)
    default: throw damage("values are added to what is no list or dictionary")
    }
    stack[last].depth = max(stack[last].depth, depth)
  }

  // MARK: The stack

  private mutating func push(_ value: PickleValue) { stack.append(Entry(value: value)) }

  private mutating func pushList(_ items: [Entry]) throws(VectorFileError) {
    stack.append(Entry(value: .list(items.map(\.value)), depth: try depth(around: items)))
  }

  private func depth(around items: [Entry]) throws(VectorFileError) -> Int {
    let depth = items.reduce(0) { max($0, $1.depth) } + 1
    guard depth <= Self.mostDepth else {
      throw damage("more than \(Self.mostDepth) values lie in each other")
    }
    return depth
  }

  private func top() throws(VectorFileError) -> Entry {
    guard let entry = stack.last else { throw damage("the stack is empty") }
    return entry
  }

  private mutating func recall(_ name: Int) throws(VectorFileError) {
    guard let entry = memo[name] else { throw damage("value \(name) is recalled, and was never kept") }
    stack.append(entry)
  }

  private mutating func pop(_ count: Int) throws(VectorFileError) -> [Entry] {
    guard stack.count >= count, stack.count - count >= (marks.last ?? 0) else {
      throw damage("the stack is empty")
    }
    defer { stack.removeLast(count) }
    return Array(stack.suffix(count))
  }

  private mutating func popToMark() throws(VectorFileError) -> [Entry] {
    guard let mark = marks.popLast(), mark <= stack.count else { throw damage("there is no mark") }
    return try pop(stack.count - mark)
  }

  // MARK: Bytes

  private func damage(_ problem: String) -> VectorFileError { input.damage(at: place, "pickle", problem) }

  private mutating func take(_ count: Int) throws(VectorFileError) -> [UInt8] {
    guard count >= 0, count <= bytes.count - place else { throw damage("the pickle ends too early") }
    defer { place += count }
    return Array(bytes[place..<place + count])
  }

  private mutating func unsigned(_ width: Int) throws(VectorFileError) -> Int {
    let value = try take(width).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard let known = Int(exactly: value) else { throw damage("\(value) is too large a number") }
    return known
  }

  /// A whole number of any length in two's complement.
  private mutating func long() throws(VectorFileError) -> Int {
    let digits = try take(unsigned(1))
    guard digits.count <= 8 else { throw damage("a number of \(digits.count) bytes is too large") }
    let bits = digits.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    let unused = UInt64(64 - 8 * digits.count)
    return digits.isEmpty ? 0 : Int(Int64(bitPattern: bits << unused) >> Int64(unused))
  }

  private mutating func double() throws(VectorFileError) -> Double {
    Double(bitPattern: try take(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
  }

  private mutating func passLine() throws(VectorFileError) {
    guard let end = bytes[place...].firstIndex(of: UInt8(ascii: "\n")) else {
      throw damage("a line has no end")
    }
    place = end + 1
  }
}
