extension Value {
  /// `value.name`: a method or attribute first, then the element of that name.
  func attribute(_ name: String) throws(TemplateError) -> Value {
    try requireDefined()
    if let attribute = try ownAttribute(name) { return attribute }
    if case .dictionary(let dictionary) = self, let value = dictionary.value(for: name) { return value }
    return .undefined("'\(kind) object' has no attribute '\(name)'")
  }

  /// `value[index]`: the element first, then the attribute of that name.
  func element(_ index: Value) throws(TemplateError) -> Value {
    try requireDefined()
    if let element = try storedElement(index) { return element }
    if let name = index.text, let attribute = try ownAttribute(name) { return attribute }
    if index.isUndefined { return .undefined("'\(kind) object' has no element Undefined") }
    let shown = (try? index.represented()) ?? "of the kind \(index.kind)"
    return .undefined("'\(kind) object' has no element \(shown)")
  }

  private func storedElement(_ index: Value) throws(TemplateError) -> Value? {
    if case .dictionary(let dictionary) = self {
      // An index that Python cannot hash finds nothing.
      return (try? dictionary.value(for: index)) ?? nil
    }
    guard let position = index.index else { return nil }
    switch self {
    case .list(let value), .tuple(let value):
      return Self.place(position, of: value.items.count).map { value.items[$0] }
    case .range(let range): return Self.place(position, of: range.count).map { .integer(range[$0]) }
    case .string(let text), .markup(let text):
      let scalars = text.unicodeScalars
      return Self.place(position, of: scalars.count).map { place in
        likewise(String(scalars[scalars.index(scalars.startIndex, offsetBy: place)]))
      }
    default: return nil
    }
  }

  /// A part of this text, marked if the text is.
  private func likewise(_ part: String) -> Value {
    if case .markup = self { .markup(part) } else { .string(part) }
  }

  /// Python's index, which counts from the end when it is negative; nil out of bounds.
  private static func place(_ index: Int, of count: Int) -> Int? {
    let place = index < 0 ? index + count : index
    return place >= 0 && place < count ? place : nil
  }

  /// What Python's `getattr` finds on the object itself.
  private func ownAttribute(_ name: String) throws(TemplateError) -> Value? {
    switch self {
    case .namespace(let namespace):
      if let value = namespace.attributes[name] { return value }
    case .loop(let loop): return try loop.attribute(name)
    case .integer, .boolean, .float:
      if ["real", "imag", "numerator", "denominator"].contains(name) {
        throw TemplateError(.unsupported("the attribute '\(name)' of a number"))
      }
    case .macro(let macro) where name == "name": return .string(macro.definition.name)
    default: break
    }
    switch Methods.standing(of: name, on: self) {
    case .supported: return .method(try BoundMethod(receiver: self, name: name))
    case .unsupported: throw TemplateError(.unsupported("the method '\(name)' of a \(kind)"))
    case .forbidden:
      return .undefined("'\(name)' of a \(kind) is not open to templates")
    case .absent: return nil
    }
  }

  /// `value[start:stop:step]`
  func slice(start: Value?, stop: Value?, step: Value?) throws(TemplateError) -> Value {
    try requireDefined()
    func bound(_ value: Value?) throws(TemplateError) -> Int? {
      guard let value else { return nil }
      if case .none = value { return nil }
      guard let index = value.index else {
        throw TemplateError(.operation("a slice needs whole numbers, not \(value.kind)"))
      }
      return index
    }
    let bounds = (try bound(start), try bound(stop), try bound(step))
    switch self {
    case .string(let text), .markup(let text):
      let scalars = Array(text.unicodeScalars)
      return likewise(Text.string(try Self.slicePlaces(bounds, count: scalars.count).map { scalars[$0] }))
    case .list(let value):
      return try .list(try Self.slicePlaces(bounds, count: value.items.count).map { value.items[$0] })
    case .tuple(let value):
      return try .tuple(try Self.slicePlaces(bounds, count: value.items.count).map { value.items[$0] })
    case .range: throw TemplateError(.unsupported("slices of range(); '| list' would make it a list"))
    default: throw TemplateError(.operation("a value of the kind \(kind) cannot be sliced"))
    }
  }

  /// The places that a slice selects, by Python's rules.
  private static func slicePlaces(
    _ bounds: (start: Int?, stop: Int?, step: Int?), count: Int
  ) throws(TemplateError) -> [Int] {
    let step = bounds.step ?? 1
    guard step != 0, step != .min else {
      throw TemplateError(.operation("the step of a slice cannot be zero"))
    }
    func clamp(_ bound: Int?, default fallback: Int) -> Int {
      guard let bound else { return fallback }
      let place = bound < 0 ? bound + count : bound
      return step > 0 ? min(max(place, 0), count) : min(max(place, -1), count - 1)
    }
    let start = clamp(bounds.start, default: step > 0 ? 0 : count - 1)
    let stop = clamp(bounds.stop, default: step > 0 ? count : -1)
    return Array(stride(from: start, to: stop, by: step))
  }
}
