import MartletJSON

extension Value {
  /// A value of the input, as Python's `json` module reads it.
  init(_ json: JSON) throws(TemplateError) {
    switch json {
    case .null: self = .none
    case .bool(let value): self = .boolean(value)
    case .number(let number): self = Value(number)
    case .string(let text): self = .string(text)
    case .array(let elements):
      var items: [Value] = []
      items.reserveCapacity(elements.count)
      for element in elements { items.append(try Value(element)) }
      self = try .list(items)
    case .object(let object):
      var dictionary = DictionaryValue()
      for (key, member) in object { try dictionary.set(.string(key), to: Value(member)) }
      self = .dictionary(dictionary)
    }
  }

  private init(_ number: JSONNumber) {
    let isFloat = number.literal.utf8.contains { $0 == 0x2E || $0 == 0x65 || $0 == 0x45 }
    if isFloat {
      self = .float(number.doubleValue)
    } else {
      self = Int(number.literal).map { .integer($0) } ?? .largeInteger(number.literal)
    }
  }
}
