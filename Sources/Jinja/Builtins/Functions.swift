/// The global functions of chat templates.
enum Functions {
  static let names: Set<String> = ["range", "dict", "namespace", "raise_exception", "strftime_now"]
  /// Jinja2's other globals.
  static let unsupported: Set<String> = ["lipsum", "cycler", "joiner", "self"]

  static func call(_ name: String, _ arguments: Arguments, _ renderer: Renderer) throws(TemplateError)
    -> Value
  {
    switch name {
    case "range": return try range(arguments)
    case "dict": return .dictionary(try dictionary(arguments))
    case "namespace":
      let namespace = renderer.makeNamespace()
      let attributes = try dictionary(arguments)
      for (key, value) in zip(attributes.keys, attributes.values) {
        namespace.attributes[try checked(key.requireText("namespace()"))] = value
      }
      return .namespace(namespace)
    case "raise_exception":
      let message = try arguments.bind("raise_exception()", ["message"], required: 1)[0] ?? .none
      throw TemplateError(.raised(try message.printed()))
    case "strftime_now":
      let format = try arguments.bind("strftime_now()", ["format"], required: 1)[0] ?? .none
      return .string(try (renderer.now ?? .current()).formatted(format.requireText("strftime_now()")))
    default: throw TemplateError(.unsupported("the function '\(name)'"))
    }
  }

  /// A name that a namespace may hold; `transformers` keeps those with an underscore to itself.
  static func checked(_ attribute: String) throws(TemplateError) -> String {
    guard !attribute.hasPrefix("_") else {
      throw TemplateError(.operation("a namespace cannot hold '\(attribute)': it begins with an underscore"))
    }
    return attribute
  }

  private static func range(_ arguments: Arguments) throws(TemplateError) -> Value {
    guard arguments.named.isEmpty, (1...3).contains(arguments.positional.count) else {
      throw TemplateError(.operation("range() takes one to three numbers"))
    }
    var numbers: [Int] = []
    for value in arguments.positional { numbers.append(try value.requireInteger("range()")) }
    if numbers.count == 1 { return .range(try RangeValue(start: 0, stop: numbers[0], step: 1)) }
    return .range(
      try RangeValue(start: numbers[0], stop: numbers[1], step: numbers.count > 2 ? numbers[2] : 1))
  }

  /// Python's `dict`, from a mapping or pairs, and named values.
  private static func dictionary(_ arguments: Arguments) throws(TemplateError) -> DictionaryValue {
    var dictionary = DictionaryValue()
    guard arguments.positional.count <= 1 else {
      throw TemplateError(.operation("dict() takes at most one mapping or list of pairs"))
    }
    if case .dictionary(let source)? = arguments.positional.first {
      dictionary = source
    } else if let pairs = arguments.positional.first {
      try pairs.requireDefined()
      for pair in try pairs.elements() {
        let items = try pair.elements()
        guard items.count == 2 else { throw TemplateError(.operation("dict() needs pairs of key and value")) }
        try dictionary.set(items[0], to: items[1])
      }
    }
    for (name, value) in arguments.named { try dictionary.set(.string(name), to: value) }
    return dictionary
  }
}
