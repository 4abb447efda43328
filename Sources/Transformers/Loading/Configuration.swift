import MartletCheckpoints
import MartletJSON

/// A model's `config.json`, read member by member with errors that name the member.
struct Configuration: Sendable {
  let members: JSONObject
  /// Whether the members were translated from the keys of a GGUF file, which all mean what they say; transformers leaves
  /// out what an architecture does not have.
  let isFromGGUF: Bool

  init(members: JSONObject, isFromGGUF: Bool = false) {
    (self.members, self.isFromGGUF) = (members, isFromGGUF)
  }

  init(_ checkpoint: Checkpoint) {
    self.init(members: checkpoint.configuration, isFromGGUF: checkpoint.metadata != nil)
  }

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

  /// How many of the last positions a token sees (`sliding_window`), where null means all.
  /// - Parameter standard: What holds where the configuration does not mention it.
  func slidingWindow(default standard: Int? = nil) throws(ModelError) -> Int? {
    if members["sliding_window"] == nil { return standard }
    let window = try integer("sliding_window", default: 0)
    return window > 0 ? window : nil
  }
}
