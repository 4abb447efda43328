/// Jinja2's filters, and `tojson` as `transformers` defines it.
enum FilterLibrary {
  typealias Filter = @Sendable (Value, Arguments, Renderer) throws(TemplateError) -> Value

  static let filters: [String: Filter] = textFilters.merging(numberFilters) { $1 }
    .merging(sequenceFilters) { $1 }.merging(selectionFilters) { $1 }

  private static let unsupported: Set<String> = [
    "filesizeformat", "forceescape", "groupby", "pprint", "random", "striptags", "urlencode", "urlize",
    "wordwrap", "xmlattr",
  ]
  /// Filters that leave a text marked as safe what it is.
  private static let keepingMarkup: Set<String> = [
    "trim", "upper", "lower", "capitalize", "center", "indent", "reverse", "last",
  ]
  /// Filters that give back a marked text itself.
  private static let returningMarkup: Set<String> = ["safe", "string", "escape", "e"]
  /// Filters that would escape what they put into a marked text.
  private static let escapingIntoMarkup: Set<String> = ["format", "truncate"]

  /// What is wrong with a filter's name: there is none, or it is left out.
  static func fault(of name: String, at position: SourcePosition) -> TemplateError? {
    guard filters[name] == nil else { return nil }
    return TemplateError(
      unsupported.contains(name)
        ? .unsupported("the filter '\(name)'") : .syntax("there is no filter named '\(name)'"), at: position)
  }

  static func apply(
    _ name: String, to value: Value, _ arguments: Arguments, _ renderer: Renderer
  ) throws(TemplateError) -> Value {
    guard let filter = filters[name] else {
      throw TemplateError(
        unsupported.contains(name)
          ? .unsupported("the filter '\(name)'") : .operation("there is no filter named '\(name)'"))
    }
    try renderer.charge(for: value)
    let result: Value
    if case .markup(let text) = value {
      result = try apply(filter, name, toMarkup: text, arguments, renderer)
    } else {
      result = try filter(value, arguments, renderer)
    }
    try renderer.charge(for: result)
    return result
  }

  private static func apply(
    _ filter: Filter, _ name: String, toMarkup text: String, _ arguments: Arguments, _ renderer: Renderer
  ) throws(TemplateError) -> Value {
    if escapingIntoMarkup.contains(name) { throw Markup.unsupported("the filter '\(name)'") }
    let result = try filter(.markup(text), arguments, renderer)
    if returningMarkup.contains(name) { return .markup(text) }
    return keepingMarkup.contains(name) ? result.text.map { .markup($0) } ?? result : result
  }

  /// What a path like `a.b.0` leads to in a value.
  static func lookUp(_ path: Value, in value: Value, default fallback: Value? = nil) throws(TemplateError)
    -> Value
  {
    var value = value
    for part in pathParts(path) {
      value = try value.element(part)
      if let fallback, value.isUndefined { value = fallback }
    }
    return value
  }

  private static func pathParts(_ path: Value) -> [Value] {
    switch path {
    case .none: []
    case .string(let text), .markup(let text):
      Text.split(text, by: ".", limit: -1, fromRight: false).map { part in
        part.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 } && !part.isEmpty
          ? Int(part).map { .integer($0) } ?? .string(part) : .string(part)
      }
    default: [path]
    }
  }

  /// A text in lower case, for comparisons that ignore case; other values as they are.
  static func ignoringCase(_ value: Value) -> Value {
    value.text.map { .string(Text.lowercased($0)) } ?? value
  }
}
