import JSON

/// A model's `config.json`, read member by member with errors that name the member.
struct Configuration: Sendable {
  let members: JSONObject

  func integer(_ key: String, default standard: Int? = nil) throws(ModelError) -> Int {
    guard let value = present(key) else {
      guard let standard else { throw .invalidConfiguration(key: key, problem: "is missing") }
      return standard
    }
    guard let integer = value.intValue, integer >= 0, integer <= 1 << 31 else {
      throw .invalidConfiguration(
        key: key, problem: "is \(value.serialized()), not a number of reasonable size")
    }
    return integer
  }

  func positive(_ key: String, default standard: Int? = nil) throws(ModelError) -> Int {
    let value = try integer(key, default: standard)
    guard value > 0 else { throw .invalidConfiguration(key: key, problem: "is 0") }
    return value
  }

  func float(_ key: String, default standard: Float? = nil) throws(ModelError) -> Float {
    guard let value = present(key) else {
      guard let standard else { throw .invalidConfiguration(key: key, problem: "is missing") }
      return standard
    }
    guard let number = value.doubleValue, number.isFinite else {
      throw .invalidConfiguration(key: key, problem: "is \(value.serialized()), not a number")
    }
    return Float(number)
  }

  func flag(_ key: String, default standard: Bool) throws(ModelError) -> Bool {
    guard let value = present(key) else { return standard }
    guard let flag = value.boolValue else {
      throw .invalidConfiguration(key: key, problem: "is \(value.serialized()), not true or false")
    }
    return flag
  }

  /// Refuses the configuration where `key` is there with another value than those that are built.
  func require(_ key: String, among values: [JSON]) throws(ModelError) {
    guard let value = present(key), !values.contains(value) else { return }
    throw .unsupportedConfiguration(key: key, value: value.serialized())
  }

  /// The value of a key, where JSON's null counts as absent.
  func present(_ key: String) -> JSON? {
    guard let value = members[key], value != .null else { return nil }
    return value
  }
}
