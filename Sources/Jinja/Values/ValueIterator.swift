/// A sequence that is computed while it is gone through, once.
final class ValueIterator {
  private var produce: () throws(TemplateError) -> Value?
  private(set) var isExhausted = false
  /// Iterators that this one draws from, itself counted.
  let extent: Extent

  init(
    over source: Value = .none, _ produce: @escaping () throws(TemplateError) -> Value?
  ) throws(TemplateError) {
    self.produce = produce
    extent = try Extent(over: CollectionOfOne(source))
  }

  convenience init(_ items: [Value]) throws(TemplateError) {
    var place = 0
    try self.init { () throws(TemplateError) -> Value? in
      guard place < items.count else { return nil }
      place += 1
      return items[place - 1]
    }
  }

  /// Draws from the elements of `source`, which is looked at when the first element is asked for, as Python's
  /// generators do.
  convenience init(
    drawingFrom source: Value, _ produce: @escaping (ValueIterator) throws(TemplateError) -> Value?
  ) throws(TemplateError) {
    var iterator: ValueIterator?
    try self.init(over: source) { () throws(TemplateError) -> Value? in
      if let iterator { return try produce(iterator) }
      let first = try source.makeIterator()
      iterator = first
      return try produce(first)
    }
  }

  /// Goes through elements that are computed when the first is asked for.
  convenience init(
    computingFrom source: Value, _ compute: @escaping () throws(TemplateError) -> [Value]
  ) throws(TemplateError) {
    var rest: ArraySlice<Value>?
    try self.init(over: source) { () throws(TemplateError) -> Value? in
      if rest == nil { rest = try compute()[...] }
      return rest?.popFirst()
    }
  }

  func next() throws(TemplateError) -> Value? {
    guard !isExhausted else { return nil }
    let value = try produce()
    if value == nil { isExhausted = true }
    return value
  }

  /// All that is left.
  func rest() throws(TemplateError) -> [Value] {
    var items: [Value] = []
    while let item = try next() { items.append(item) }
    return items
  }
}

extension Value {
  /// The elements, if Python can iterate over this value and its elements are at hand without computing them.
  private var storedElements: [Value]? {
    get throws(TemplateError) {
      switch self {
      case .undefined: return []
      case .string(let text), .markup(let text): return text.unicodeScalars.map { .string(String($0)) }
      case .list(let value), .tuple(let value): return value.items
      case .dictionary(let value): return value.keys
      case .view(let view): return try view.elements
      case .range(let range): return range.elements
      default: return nil
      }
    }
  }

  /// Goes through the elements as Python's `iter` does.
  func makeIterator() throws(TemplateError) -> ValueIterator {
    if case .iterator(let iterator) = self { return iterator }
    guard let elements = try storedElements else {
      throw TemplateError(.operation("a value of the kind \(kind) cannot be gone through"))
    }
    return try ValueIterator(elements)
  }

  /// The elements as Python's `list` gives them; an iterator is used up.
  func elements() throws(TemplateError) -> [Value] {
    if case .iterator(let iterator) = self { return try iterator.rest() }
    guard let elements = try storedElements else {
      throw TemplateError(.operation("a value of the kind \(kind) cannot be gone through"))
    }
    return elements
  }

  /// Whether Python can iterate over this value.
  var isIterable: Bool {
    switch self {
    case .undefined, .string, .markup, .list, .tuple, .dictionary, .view, .range, .iterator, .loop: true
    default: false
    }
  }

  /// Python's `len`, nil for values that have none.
  var length: Int? {
    switch self {
    case .undefined: 0
    case .string(let text), .markup(let text): text.unicodeScalars.count
    case .list(let value), .tuple(let value): value.items.count
    case .dictionary(let value): value.count
    case .view(let view): view.dictionary.count
    case .range(let range): range.count
    default: nil
    }
  }
}
