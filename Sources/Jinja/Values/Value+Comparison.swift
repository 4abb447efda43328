extension Value {
  /// Python's `==`.
  func isEqual(to other: Value) -> Bool {
    switch (self, other) {
    case (.undefined, .undefined), (.none, .none): return true
    case (.string(let left), .string(let right)), (.string(let left), .markup(let right)),
      (.markup(let left), .string(let right)), (.markup(let left), .markup(let right)):
      return isSameText(left, right)
    case (.largeInteger(let left), .largeInteger(let right)): return left == right
    case (.list(let left), .list(let right)), (.tuple(let left), .tuple(let right)):
      return left.items.count == right.items.count
        && zip(left.items, right.items).allSatisfy { $0.isEqual(to: $1) }
    case (.dictionary(let left), .dictionary(let right)): return left.isEqual(to: right)
    case (.range(let left), .range(let right)):
      return left.count == right.count && left.elements.first?.index == right.elements.first?.index
        && (left.count < 2 || left.step == right.step)
    case (.namespace(let left), .namespace(let right)): return left === right
    case (.iterator(let left), .iterator(let right)): return left === right
    case (.macro(let left), .macro(let right)): return left === right
    case (.function(let left), .function(let right)): return left == right
    default:
      guard let left = Number(self), let right = Number(other) else { return false }
      return left == right
    }
  }

  /// Python's `<`, and its refusal of what cannot be put in order.
  func isLess(than other: Value) throws(TemplateError) -> Bool {
    try requireDefined()
    try other.requireDefined()
    if let left = Number(self), let right = Number(other) { return left < right }
    if let left = text, let right = other.text {
      return left.unicodeScalars.isLess(than: right.unicodeScalars)
    }
    switch (self, other) {
    case (.list(let left), .list(let right)), (.tuple(let left), .tuple(let right)):
      for (a, b) in zip(left.items, right.items) where !a.isEqual(to: b) {
        return try a.isLess(than: b)
      }
      return left.items.count < right.items.count
    default: throw unordered(other)
    }
  }

  private func unordered(_ other: Value) -> TemplateError {
    TemplateError(.operation("values of the kinds \(kind) and \(other.kind) cannot be put in order"))
  }

  /// Python's `in`: whether this value is an element, key or part of `container`.
  func isContained(in container: Value) throws(TemplateError) -> Bool {
    switch container {
    case .string(let whole), .markup(let whole):
      guard let part = text else {
        throw TemplateError(.operation("'in' a text needs a text on its left side, not \(kind)"))
      }
      return Text.firstRange(of: part, in: whole) != nil
    case .dictionary(let dictionary): return try dictionary.value(for: self) != nil
    case .view(let view) where view.kind == .keys: return try view.dictionary.value(for: self) != nil
    case .iterator(let iterator):
      while let item = try iterator.next() {
        if item.isEqual(to: self) { return true }
      }
      return false
    default: return try container.elements().contains { $0.isEqual(to: self) }
    }
  }
}

extension DictionaryValue {
  fileprivate func isEqual(to other: DictionaryValue) -> Bool {
    guard count == other.count else { return false }
    for (key, value) in zip(keys, values) {
      guard let found = try? other.value(for: key), found.isEqual(to: value) else { return false }
    }
    return true
  }
}

extension String.UnicodeScalarView {
  func isLess(than other: String.UnicodeScalarView) -> Bool {
    lexicographicallyPrecedes(other)
  }
}

/// A number as Python compares and computes: booleans are 0 and 1, whole numbers are exact.
enum Number {
  case integer(Int)
  case float(Double)

  init?(_ value: Value) {
    switch value {
    case .boolean(let value): self = .integer(value ? 1 : 0)
    case .integer(let value): self = .integer(value)
    case .float(let value): self = .float(value)
    default: return nil
    }
  }

  var double: Double {
    switch self {
    case .integer(let value): Double(value)
    case .float(let value): value
    }
  }

  static func == (left: Number, right: Number) -> Bool {
    switch (left, right) {
    case (.integer(let a), .integer(let b)): a == b
    case (.integer(let a), .float(let b)): Int(exactly: b) == a
    case (.float(let a), .integer(let b)): Int(exactly: a) == b
    case (.float(let a), .float(let b)): a == b
    }
  }

  static func < (left: Number, right: Number) -> Bool {
    switch (left, right) {
    case (.integer(let a), .integer(let b)): a < b
    default: left.double < right.double
    }
  }
}
