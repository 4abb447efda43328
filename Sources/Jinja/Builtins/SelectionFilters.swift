extension FilterLibrary {
  /// Filters that apply another filter or a test to each element, lazily.
  static let selectionFilters: [String: Filter] = [
    "map": map,
    "select": { (value, arguments, _) throws(TemplateError) in
      try select("select", value, arguments, byAttribute: false, keeping: true)
    },
    "reject": { (value, arguments, _) throws(TemplateError) in
      try select("reject", value, arguments, byAttribute: false, keeping: false)
    },
    "selectattr": { (value, arguments, _) throws(TemplateError) in
      try select("selectattr", value, arguments, byAttribute: true, keeping: true)
    },
    "rejectattr": { (value, arguments, _) throws(TemplateError) in
      try select("rejectattr", value, arguments, byAttribute: true, keeping: false)
    },
  ]

  private static let map: Filter = { (value, arguments, renderer) throws(TemplateError) in
    guard value.isTruthy else { return .iterator(try ValueIterator([])) }
    if arguments.positional.isEmpty,
      let path = arguments.named.first(where: { $0.name == "attribute" })?.value
    {
      let fallback = Optional(arguments.named.first { $0.name == "default" }?.value ?? .none).given
      if let unknown = arguments.named.first(where: { !["attribute", "default"].contains($0.name) }) {
        throw TemplateError(.operation("the filter 'map' takes no argument named '\(unknown.name)'"))
      }
      return .iterator(
        try ValueIterator(drawingFrom: value) { (source) throws(TemplateError) -> Value? in
          guard let item = try source.next() else { return nil }
          return try lookUp(path, in: item, default: fallback)
        })
    }
    guard let name = arguments.positional.first else {
      throw TemplateError(.operation("the filter 'map' needs the name of a filter, or 'attribute='"))
    }
    let filter = try name.requireText("the filter 'map'")
    let rest = Arguments(positional: Array(arguments.positional.dropFirst()), named: arguments.named)
    return .iterator(
      try ValueIterator(drawingFrom: value) { (source) throws(TemplateError) -> Value? in
        guard let item = try source.next() else { return nil }
        try renderer.charge(1)
        return try apply(filter, to: item, rest, renderer)
      })
  }

  private static func select(
    _ name: String, _ value: Value, _ arguments: Arguments, byAttribute: Bool, keeping kept: Bool
  ) throws(TemplateError) -> Value {
    // Like Jinja2's generators, this looks at nothing before the first element is asked for.
    guard value.isTruthy else { return .iterator(try ValueIterator([])) }
    var rest = ArraySlice(arguments.positional)
    var path: Value = .none
    if byAttribute {
      guard let attribute = rest.popFirst() else {
        throw TemplateError(.operation("the filter '\(name)' needs the name of an attribute"))
      }
      path = attribute
    }
    let test = try rest.popFirst().map { (test) throws(TemplateError) in
      try test.requireText("the filter '\(name)'")
    }
    if let test, !TestLibrary.names.contains(test) {
      throw TemplateError(.operation("there is no test named '\(test)'"))
    }
    let testArguments = Arguments(positional: Array(rest), named: arguments.named)
    return .iterator(
      try ValueIterator(drawingFrom: value) { (source) throws(TemplateError) -> Value? in
        while let item = try source.next() {
          let subject = try lookUp(path, in: item)
          let holds =
            try test.map { (test) throws(TemplateError) in try TestLibrary.holds(test, subject, testArguments)
            } ?? subject.isTruthy
          if holds == kept { return item }
        }
        return nil
      })
  }
}
