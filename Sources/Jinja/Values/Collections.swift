/// The elements of a list or tuple.
struct ListValue {
  let items: [Value]
  let extent: Extent

  init(_ items: [Value]) throws(TemplateError) {
    self.items = items
    extent = try Extent(over: items)
  }
}

/// How deep values nest in a value, and how many there are in all. A template can build values that hold the same
/// one many times over, so that going through them would never end, or would exhaust the stack.
struct Extent {
  private(set) var depth = 0
  private(set) var weight = 1

  /// The extent of a value that holds nothing.
  init() {}

  /// The extent of a collection of `items`. Fails where it is beyond the limits.
  init(over items: some Sequence<Value>) throws(TemplateError) {
    depth = 1
    for item in items { try add(item) }
  }

  /// Takes in one more value.
  mutating func add(_ item: Value) throws(TemplateError) {
    let inner = item.extent
    depth = max(depth, inner.depth + 1)
    weight += inner.weight
    guard depth <= RenderLimits.maximumValueDepth else {
      throw TemplateError(.limit("values nest deeper than \(RenderLimits.maximumValueDepth)"))
    }
    guard weight <= RenderLimits.maximumValueWeight else {
      throw TemplateError(.limit("a value holds more than \(RenderLimits.maximumValueWeight) others"))
    }
  }
}

/// Python's `dict`: any hashable key, in the order of insertion.
struct DictionaryValue {
  private(set) var keys: [Value] = []
  private(set) var values: [Value] = []
  private var places: [HashKey: Int] = [:]
  private(set) var extent = Extent()

  var count: Int { keys.count }

  /// The value of a key, nil where there is none. Fails for a key that Python cannot hash.
  func value(for key: Value) throws(TemplateError) -> Value? {
    places[try HashKey(key)].map { values[$0] }
  }

  func value(for key: String) -> Value? {
    places[.string(TextKey(key))].map { values[$0] }
  }

  mutating func set(_ key: Value, to value: Value) throws(TemplateError) {
    let hashKey = try HashKey(key)
    try extent.add(key)
    try extent.add(value)
    if let place = places[hashKey] {
      values[place] = value
    } else {
      places[hashKey] = keys.count
      keys.append(key)
      values.append(value)
    }
  }
}

/// The keys, values or items of a mapping.
struct DictionaryView {
  enum Kind: String { case keys, values, items }

  let kind: Kind
  let dictionary: DictionaryValue

  var elements: [Value] {
    get throws(TemplateError) {
      switch kind {
      case .keys: return dictionary.keys
      case .values: return dictionary.values
      case .items:
        var pairs: [Value] = []
        for (key, value) in zip(dictionary.keys, dictionary.values) {
          pairs.append(try .tuple([key, value]))
        }
        return pairs
      }
    }
  }
}

/// Python's `range`.
struct RangeValue: Equatable {
  let start: Int
  let stop: Int
  let step: Int
  let count: Int

  /// Jinja2's sandbox refuses ranges of more elements.
  static let maximumCount = 100_000

  init(start: Int, stop: Int, step: Int) throws(TemplateError) {
    guard step != 0 else { throw TemplateError(.operation("the step of range() cannot be zero")) }
    let (distance, overflow) = stop.subtractingReportingOverflow(start)
    guard !overflow, step != .min else { throw TemplateError(.limit("the range is too long")) }
    let isEmpty = step > 0 ? distance <= 0 : distance >= 0
    let steps = isEmpty ? 0 : (distance.magnitude - 1) / step.magnitude + 1
    guard steps <= Self.maximumCount else {
      throw TemplateError(.limit("the range has \(steps) elements; at most \(Self.maximumCount) are allowed"))
    }
    count = Int(steps)
    self.start = start
    self.stop = stop
    self.step = step
  }

  subscript(position: Int) -> Int { start + position * step }

  var elements: [Value] { (0..<count).map { .integer(self[$0]) } }
}

/// A value as a key: what Python hashes alike is alike.
enum HashKey: Hashable {
  case undefined
  case none
  case integer(Int)
  case largeInteger(String)
  case float(Double)
  case string(TextKey)
  case tuple([HashKey])
  case range([Int])

  init(_ value: Value) throws(TemplateError) {
    switch value {
    case .undefined: self = .undefined
    case .none: self = .none
    case .boolean(let value): self = .integer(value ? 1 : 0)
    case .integer(let value): self = .integer(value)
    case .largeInteger(let text): self = .largeInteger(text)
    case .float(let value): self = Int(exactly: value).map { .integer($0) } ?? .float(value)
    case .string(let text), .markup(let text): self = .string(TextKey(text))
    case .tuple(let value):
      var keys: [HashKey] = []
      for item in value.items { keys.append(try HashKey(item)) }
      self = .tuple(keys)
    case .range(let range): self = .range(range.count == 0 ? [] : [range.start, range.count, range.step])
    default: throw TemplateError(.operation("a value of the kind \(value.kind) cannot be a key"))
    }
  }
}

/// A text that is equal to another one only when its scalars are: Swift's own `==` takes different
/// normalization forms for the same.
struct TextKey: Hashable {
  let text: String

  init(_ text: String) { self.text = text }

  static func == (left: TextKey, right: TextKey) -> Bool { isSameText(left.text, right.text) }

  func hash(into hasher: inout Hasher) {
    for byte in text.utf8 { hasher.combine(byte) }
  }
}

func isSameText(_ left: String, _ right: String) -> Bool {
  left.utf8.count == right.utf8.count && left.utf8.elementsEqual(right.utf8)
}
