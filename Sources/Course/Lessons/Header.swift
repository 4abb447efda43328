import MartletJSON

/// Reads a mapping of a lesson's header member by member, and knows which ones nobody asked for.
struct Header {
  let path: String
  /// Where in the file the mapping is, such as `answer[0]`; empty for the header itself.
  let place: String
  let members: JSONObject
  private var used: Set<String> = []

  init(_ value: JSON, path: String, place: String = "") throws(CourseError) {
    self.path = path
    self.place = place
    guard let members = value.objectValue else {
      throw .lesson(path: path, problem: "\(place.isEmpty ? "The header" : place) is no mapping.")
    }
    self.members = members
  }

  func fault(_ problem: String) -> CourseError {
    .lesson(path: path, problem: place.isEmpty ? problem : "\(place): \(problem)")
  }

  mutating func value(_ name: String) -> JSON? {
    used.insert(name)
    return members[name].flatMap { $0.isNull ? nil : $0 }
  }

  mutating func text(_ name: String) throws(CourseError) -> String {
    guard let text = try optionalText(name) else { throw fault("‘\(name)’ is missing.") }
    return text
  }

  mutating func optionalText(_ name: String) throws(CourseError) -> String? {
    guard let value = value(name) else { return nil }
    // A number or a truth value without quotes is still a text where one is asked for.
    let text: String
    switch value {
    case .string(let string): text = string
    case .number, .bool: text = value.serialized()
    default: throw fault("‘\(name)’ is no text.")
    }
    guard text.contains(where: { !$0.isWhitespace }) else { throw fault("‘\(name)’ is empty.") }
    return text.trimmed
  }

  mutating func integer(_ name: String, in range: ClosedRange<Int>) throws(CourseError) -> Int? {
    guard let value = value(name) else { return nil }
    guard let number = value.intValue, range.contains(number) else {
      throw fault("‘\(name)’ is no whole number from \(range.lowerBound) to \(range.upperBound).")
    }
    return number
  }

  mutating func number(_ name: String) throws(CourseError) -> Double? {
    guard let value = value(name) else { return nil }
    guard let number = value.doubleValue else { throw fault("‘\(name)’ is no number.") }
    return number
  }

  mutating func flag(_ name: String) throws(CourseError) -> Bool {
    guard let value = value(name) else { return false }
    guard let flag = value.boolValue else { throw fault("‘\(name)’ is neither true nor false.") }
    return flag
  }

  mutating func texts(_ name: String) throws(CourseError) -> [String] {
    guard let value = value(name) else { return [] }
    guard let list = value.arrayValue else { throw fault("‘\(name)’ is no list.") }
    var texts: [String] = []
    for element in list {
      switch element {
      case .string(let text): texts.append(text)
      case .number, .bool: texts.append(element.serialized())
      default: throw fault("‘\(name)’ is no list of texts.")
      }
    }
    return texts
  }

  /// The mappings of a list.
  mutating func list<Element>(
    _ name: String, _ read: (inout Header) throws(CourseError) -> Element
  ) throws(CourseError) -> [Element] {
    guard let value = value(name) else { return [] }
    guard let list = value.arrayValue else { throw fault("‘\(name)’ is no list.") }
    var elements: [Element] = []
    for (index, element) in list.enumerated() {
      let place = (place.isEmpty ? "" : place + ".") + "\(name)[\(index)]"
      var header = try Header(element, path: path, place: place)
      elements.append(try read(&header))
      try header.finish()
    }
    return elements
  }

  /// The mapping of a member.
  mutating func mapping<Element>(
    _ name: String, _ read: (inout Header) throws(CourseError) -> Element
  ) throws(CourseError) -> Element? {
    guard let value = value(name) else { return nil }
    var header = try Header(value, path: path, place: (place.isEmpty ? "" : place + ".") + name)
    let element = try read(&header)
    try header.finish()
    return element
  }

  /// Refuses members that were not read.
  func finish() throws(CourseError) {
    if let unknown = members.keys.first(where: { !used.contains($0) }) {
      throw fault("‘\(unknown)’ is not known here.")
    }
  }
}

extension String {
  /// Without white space at both ends.
  var trimmed: String {
    var text = Substring(self)
    while let first = text.first, first.isWhitespace { text.removeFirst() }
    while let last = text.last, last.isWhitespace { text.removeLast() }
    return String(text)
  }
}
