/// The methods of Python's types that templates may call.
enum Methods {
  /// What is to be said of an attribute of a value.
  enum Standing {
    case supported
    /// Python has it; this interpreter does not.
    case unsupported
    /// Jinja2's sandbox hides it, since it changes its object or reaches into Python.
    case forbidden
    case absent
  }

  static func standing(of name: String, on value: Value) -> Standing {
    let (supported, unsupported, forbidden): (Set<String>, Set<String>, Set<String>)
    switch value {
    case .string, .markup: (supported, unsupported, forbidden) = (string, otherString, [])
    case .list: (supported, unsupported, forbidden) = (sequence.union(["copy"]), [], listChanges)
    case .tuple: (supported, unsupported, forbidden) = (sequence, [], [])
    case .dictionary: (supported, unsupported, forbidden) = (dictionary, ["fromkeys"], dictionaryChanges)
    case .view: (supported, unsupported, forbidden) = ([], ["isdisjoint", "mapping"], [])
    case .range: (supported, unsupported, forbidden) = ([], ["count", "index", "start", "step", "stop"], [])
    case .integer, .boolean, .largeInteger: (supported, unsupported, forbidden) = ([], integer, [])
    case .float: (supported, unsupported, forbidden) = (["is_integer"], float, [])
    default: (supported, unsupported, forbidden) = ([], [], [])
    }
    if supported.contains(name) { return .supported }
    if unsupported.contains(name) { return .unsupported }
    return forbidden.contains(name) || pythonInternals.contains(name) ? .forbidden : .absent
  }

  private static let string: Set<String> = [
    "capitalize", "center", "count", "endswith", "find", "format", "index", "isalnum", "isalpha", "isascii",
    "isdecimal", "isdigit", "islower", "isnumeric", "isspace", "isupper", "join", "ljust", "lower", "lstrip",
    "partition", "removeprefix", "removesuffix", "replace", "rfind", "rindex", "rjust", "rpartition",
    "rsplit",
    "rstrip", "split", "splitlines", "startswith", "strip", "swapcase", "title", "upper", "zfill",
  ]
  private static let otherString: Set<String> = [
    "casefold", "encode", "expandtabs", "format_map", "isidentifier", "isprintable", "istitle", "maketrans",
    "translate",
  ]
  private static let sequence: Set<String> = ["count", "index"]
  private static let listChanges: Set<String> = [
    "append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort",
  ]
  private static let dictionary: Set<String> = ["copy", "get", "items", "keys", "values"]
  private static let dictionaryChanges: Set<String> = ["clear", "pop", "popitem", "setdefault", "update"]
  private static let integer: Set<String> = [
    "as_integer_ratio", "bit_count", "bit_length", "conjugate", "from_bytes", "to_bytes",
  ]
  private static let float: Set<String> = ["as_integer_ratio", "conjugate", "fromhex", "hex"]
  private static let pythonInternals: Set<String> = [
    "__class__", "__dict__", "__doc__", "__init__", "__getattribute__", "__getitem__", "__len__", "__iter__",
    "__contains__", "__eq__", "__str__", "__repr__", "__reduce__", "__reduce_ex__", "__new__", "__hash__",
    "__dir__", "__format__", "__init_subclass__", "__subclasshook__", "__setattr__", "__delattr__",
    "__sizeof__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__add__", "__mul__",
  ]

  /// Calls a method that is supported.
  static func call(_ method: BoundMethod, _ arguments: Arguments) throws(TemplateError) -> Value {
    switch method.receiver {
    case .string(let text): return try StringMethods.call(method.name, on: text, arguments)
    case .markup(let text): return try Markup.call(method.name, on: text, arguments)
    case .list(let value): return try callSequence(method.name, value.items, method.receiver, arguments)
    case .tuple(let value): return try callSequence(method.name, value.items, method.receiver, arguments)
    case .dictionary(let value): return try callDictionary(method.name, value, arguments)
    case .float(let value):
      try arguments.requireNone("is_integer()")
      return .boolean(value.isFinite && value.rounded() == value)
    default: throw TemplateError(.unsupported("the method '\(method.name)' of a \(method.receiver.kind)"))
    }
  }

  private static func callDictionary(
    _ name: String, _ dictionary: DictionaryValue, _ arguments: Arguments
  ) throws(TemplateError) -> Value {
    if name == "get" {
      guard arguments.named.isEmpty else { throw TemplateError(.operation("get() takes no named arguments")) }
      let values = try arguments.bind("get()", ["key", "default"], required: 1)
      return try dictionary.value(for: values[0] ?? .none) ?? values[1] ?? .none
    }
    try arguments.requireNone("\(name)()")
    if name == "copy" { return .dictionary(dictionary) }
    guard let kind = DictionaryView.Kind(rawValue: name) else {
      throw TemplateError(.unsupported("the method '\(name)' of a dict"))
    }
    return .view(DictionaryView(kind: kind, dictionary: dictionary))
  }

  private static func callSequence(
    _ name: String, _ items: [Value], _ receiver: Value, _ arguments: Arguments
  ) throws(TemplateError) -> Value {
    if name == "copy" {
      try arguments.requireNone("copy()")
      return receiver
    }
    let values = try arguments.bind("\(name)()", ["value"], required: 1)
    let wanted = values[0] ?? .none
    if name == "count" { return .integer(items.count { $0.isEqual(to: wanted) }) }
    guard let place = items.firstIndex(where: { $0.isEqual(to: wanted) }) else {
      throw TemplateError(.operation("index() does not find the value in the \(receiver.kind)"))
    }
    return .integer(place)
  }
}
