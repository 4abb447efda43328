/// A value in a running template, with Python's kinds and Jinja2's `Undefined`.
enum Value {
  /// Nothing is known under a name; the text says so when an operation needs a value.
  case undefined(String)
  case none
  case boolean(Bool)
  case integer(Int)
  /// A whole number of the input beyond 64 bits, kept as text.
  case largeInteger(String)
  case float(Double)
  case string(String)
  /// A text marked with `safe` or `escape`: Jinja2 would escape what is joined to it.
  case markup(String)
  case list(ListValue)
  case tuple(ListValue)
  case dictionary(DictionaryValue)
  /// What `keys()`, `values()` and `items()` give.
  case view(DictionaryView)
  case range(RangeValue)
  /// A lazy sequence that can be gone through once, as filters like `map` give it.
  case iterator(ValueIterator)
  case namespace(Namespace)
  case loop(LoopState)
  case macro(Macro)
  case function(String)
  case method(BoundMethod)

  static func list(_ items: [Value]) throws(TemplateError) -> Value { .list(try ListValue(items)) }
  static func tuple(_ items: [Value]) throws(TemplateError) -> Value { .tuple(try ListValue(items)) }

  /// Whether nothing is known under the name that gave this value.
  var isUndefined: Bool {
    if case .undefined = self { return true }
    return false
  }

  /// Python's truth value.
  var isTruthy: Bool {
    switch self {
    case .undefined, .none: false
    case .boolean(let value): value
    case .integer(let value): value != 0
    case .float(let value): value != 0
    case .string(let text), .markup(let text): !text.isEmpty
    case .list(let value), .tuple(let value): !value.items.isEmpty
    case .dictionary(let value): value.count > 0
    case .view(let view): view.dictionary.count > 0
    case .range(let range): range.count > 0
    case .largeInteger, .iterator, .namespace, .loop, .macro, .function, .method: true
    }
  }

  /// Python's name of the kind, for messages.
  var kind: String {
    switch self {
    case .undefined: "undefined"
    case .none: "None"
    case .boolean: "bool"
    case .integer, .largeInteger: "int"
    case .float: "float"
    case .string, .markup: "str"
    case .list: "list"
    case .tuple: "tuple"
    case .dictionary: "dict"
    case .view(let view): "dict_\(view.kind.rawValue)"
    case .range: "range"
    case .iterator: "generator"
    case .namespace: "namespace"
    case .loop: "loop"
    case .macro: "macro"
    case .function, .method: "function"
    }
  }

  /// How deep values nest in this one, and how many there are.
  var extent: Extent {
    switch self {
    case .list(let value), .tuple(let value): value.extent
    case .dictionary(let value): value.extent
    case .view(let view): view.dictionary.extent
    case .iterator(let iterator): iterator.extent
    case .method(let method): method.extent
    default: Extent()
    }
  }

  /// The text, if this is one.
  var text: String? {
    switch self {
    case .string(let text), .markup(let text): text
    default: nil
    }
  }

  /// The number, where Python takes this for an `int`: booleans count.
  var index: Int? {
    switch self {
    case .integer(let value): value
    case .boolean(let value): value ? 1 : 0
    default: nil
    }
  }

  /// Fails for an undefined value, as any operation on one does.
  func requireDefined() throws(TemplateError) {
    if case .undefined(let reason) = self { throw TemplateError(.undefined(reason)) }
  }
}

/// A method of a value, taken from it and not yet called.
final class BoundMethod {
  let receiver: Value
  let name: String
  let extent: Extent

  init(receiver: Value, name: String) throws(TemplateError) {
    extent = try Extent(over: CollectionOfOne(receiver))
    self.receiver = receiver
    self.name = name
  }
}

/// An object whose attributes a template can assign.
final class Namespace {
  var attributes: [String: Value] = [:]
}
