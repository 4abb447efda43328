import MartletJSON
import MartletVectorStore

/// Reads a body that is one object. `read` is given each of its members and says whether it knew and read it; the
/// others are passed over with a notice.
func readPayload(
  _ body: [UInt8], _ notices: Notices, _ read: (String, inout JSONReader) throws -> Bool
) throws {
  var reader = try JSONReader(body)
  guard try reader.nextKind() == .object else {
    throw HTTPError.misshapen("the body: expected an object, got \(try reader.nextKind().rawValue)")
  }
  var known: Set<String> = []
  try reader.readMembers { member, reader in
    guard !known.contains(member) else { throw HTTPError.misshapen("duplicate field `\(member)`") }
    if try read(member, &reader) {
      known.insert(member)
    } else {
      try reader.skipValue()
      notices.ignored(member)
    }
  }
  try reader.readEnd()
}

/// Words of payloads. `place` says in an error what was read: "ids[3]".
extension JSONReader {
  private mutating func require(_ kind: Kind, _ name: String, _ place: () -> String) throws {
    let found = try nextKind()
    guard found == kind else {
      throw HTTPError.misshapen("\(place()): expected \(name), got \(found.rawValue)")
    }
  }

  /// Null, or what `read` reads.
  mutating func orNull<Value>(_ read: (inout JSONReader) throws -> Value) throws -> Value? {
    guard try nextKind() == .null else { return try read(&self) }
    try skipValue()
    return nil
  }

  mutating func text(at place: @autoclosure () -> String) throws -> String {
    try require(.string, "a string", place)
    return try readString()
  }

  mutating func truth(at place: @autoclosure () -> String) throws -> Bool {
    try require(.bool, "a boolean", place)
    return try readValue() == true
  }

  /// A whole number from 0 up to what 32 bits hold.
  mutating func count(at place: @autoclosure () -> String) throws -> Int {
    try require(.number, "a whole number", place)
    let number = try readValue()
    guard let count = number.intValue, UInt32(exactly: count) != nil else {
      throw HTTPError.misshapen("\(place()): expected a whole number from 0 up, got \(number.serialized())")
    }
    return count
  }

  /// A list, element by element; `read` is given the place of each.
  mutating func list<Value>(
    at place: String, atMost limit: Int = .max, _ read: (inout JSONReader, Int) throws -> Value
  ) throws -> [Value] {
    try require(.array, "a list") { place }
    var values: [Value] = []
    try readElements { reader in
      guard values.count < limit else { throw HTTPError.batchTooLarge(place, limit: limit) }
      values.append(try read(&reader, values.count))
    }
    return values
  }

  mutating func texts(at place: String, atMost limit: Int = .max) throws -> [String] {
    try list(at: place, atMost: limit) { try $0.text(at: "\(place)[\($1)]") }
  }

  mutating func textsOrNulls(at place: String, atMost limit: Int) throws -> [String?] {
    try list(at: place, atMost: limit) { reader, index in
      try reader.orNull { try $0.text(at: "\(place)[\(index)]") }
    }
  }

  /// A value of any kind whose text is not longer than `limit`: as a value it takes many times that.
  mutating func value(at place: String, atMost limit: Int) throws -> JSON {
    var bytes = 0
    return try value(at: place, atMost: limit, &bytes)
  }

  /// The same; adds the bytes of its text to `bytes`.
  mutating func value(at place: String, atMost limit: Int, _ bytes: inout Int) throws -> JSON {
    let text = try skipValue()
    bytes += text.count
    guard text.count <= limit else {
      throw HTTPError(
        status: 413, message: "\(place): this may have \(limit) bytes of JSON, and has \(text.count)")
    }
    return try JSON(parsing: text)
  }
}

extension HTTPError {
  fileprivate static func batchTooLarge(_ place: String, limit: Int) -> HTTPError {
    HTTPError(
      status: 413, name: "BatchSizeExceededError",
      message: "\(place): a request may have \(limit) of these, and this one has more. Send them in parts.")
  }
}
