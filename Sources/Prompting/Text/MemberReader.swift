import MartletJSON

/// Reads the members of an object, and knows which of them nobody asked for.
package struct MemberReader<Failure: Error>: Sendable {
  package let object: JSONObject
  /// What the members' paths begin with, as in `fewshot_config.`.
  package let path: String
  /// Makes the error for a member, given its path and what is wrong.
  package let fail: @Sendable (_ member: String, _ problem: String) -> Failure
  private var known: Set<String> = []

  package init(
    _ object: JSONObject, path: String = "", fail: @escaping @Sendable (String, String) -> Failure
  ) {
    (self.object, self.path, self.fail) = (object, path, fail)
  }

  package func error(_ name: String, _ problem: String) -> Failure { fail(path + name, problem) }

  /// The value of a member; nil where it is missing or null.
  package mutating func value(_ name: String) -> JSON? {
    known.insert(name)
    guard let value = object[name], !value.isNull else { return nil }
    return value
  }

  package mutating func text(_ name: String) throws(Failure) -> String? {
    guard let value = value(name) else { return nil }
    guard let text = value.stringValue else { throw error(name, "must be a string, but is \(value.kind)") }
    return text
  }

  package mutating func requiredText(_ name: String) throws(Failure) -> String {
    guard let text = try text(name) else { throw error(name, "is missing") }
    return text
  }

  package mutating func flag(_ name: String) throws(Failure) -> Bool? {
    guard let value = value(name) else { return nil }
    guard let flag = value.boolValue else { throw error(name, "must be true or false, but is \(value.kind)") }
    return flag
  }

  package mutating func count(_ name: String, atLeast least: Int = 0) throws(Failure) -> Int? {
    guard let value = value(name) else { return nil }
    guard let count = value.intValue, count >= least else {
      throw error(name, "must be a whole number of at least \(least)")
    }
    return count
  }

  package mutating func number(_ name: String, atLeast least: Double = 0) throws(Failure) -> Double? {
    guard let value = value(name) else { return nil }
    guard let number = value.doubleValue, number.isFinite, number >= least else {
      throw error(name, "must be a number of at least \(least)")
    }
    return number
  }

  /// A string, or a list of strings.
  package mutating func texts(_ name: String) throws(Failure) -> [String]? {
    guard let value = value(name) else { return nil }
    if let text = value.stringValue { return [text] }
    guard let elements = value.arrayValue else {
      throw error(name, "must be a string or a list of strings, but is \(value.kind)")
    }
    var texts: [String] = []
    for (index, element) in elements.enumerated() {
      guard let text = element.stringValue else {
        throw error("\(name)[\(index)]", "must be a string, but is \(element.kind)")
      }
      texts.append(text)
    }
    return texts
  }

  package mutating func object(_ name: String) throws(Failure) -> MemberReader? {
    guard let value = value(name) else { return nil }
    guard let object = value.objectValue else {
      throw error(name, "must be a mapping, but is \(value.kind)")
    }
    return MemberReader(object, path: "\(path)\(name).", fail: fail)
  }

  /// The mappings of a list.
  package mutating func objects(_ name: String) throws(Failure) -> [MemberReader]? {
    guard let value = value(name) else { return nil }
    guard let elements = value.arrayValue else { throw error(name, "must be a list, but is \(value.kind)") }
    var readers: [MemberReader] = []
    for (index, element) in elements.enumerated() {
      guard let object = element.objectValue else {
        throw error("\(name)[\(index)]", "must be a mapping, but is \(element.kind)")
      }
      readers.append(MemberReader(object, path: "\(path)\(name)[\(index)].", fail: fail))
    }
    return readers
  }

  /// Throws where a member is left that nobody asked for.
  package func finish(allowing isAllowed: (String) -> Bool = { _ in false }) throws(Failure) {
    if let unknown = object.keys.first(where: { !known.contains($0) && !isAllowed($0) }) {
      throw error(unknown, "is not known; known are \(known.sorted().joined(separator: ", "))")
    }
  }
}
