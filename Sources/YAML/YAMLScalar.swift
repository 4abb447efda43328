import MartletJSON

/// A scalar and the core schema of YAML 1.2.2, which says what it means.
struct YAMLScalar {
  static let tagPrefix = "tag:yaml.org,2002:"

  let text: String
  let isPlain: Bool
  let tag: String?

  /// The value it stands for.
  func value(at event: YAMLEvent) throws(YAMLError) -> JSON {
    guard let tag, tag != "?" else { return isPlain ? try resolved(at: event) : .string(text) }
    guard tag != "!" else { return .string(text) }
    guard tag.hasPrefix(Self.tagPrefix) else { throw event.error(.tag(Self.shown(tag))) }
    switch tag.dropFirst(Self.tagPrefix.count) {
    case "str": return .string(text)
    case "null": if let value = null { return value }
    case "bool": if let value = boolean { return value }
    case "int": if let value = integer { return value }
    case "float":
      if let value = float ?? integer { return value }
      if isNotFinite { throw event.error(.notFinite(text)) }
    default: throw event.error(.tag(Self.shown(tag)))
    }
    throw event.error(.tagMismatch(tag: Self.shown(tag), value: text))
  }

  /// A tag as people write it.
  static func shown(_ tag: String) -> String {
    tag.hasPrefix(tagPrefix) ? "!!\(tag.dropFirst(tagPrefix.count))" : tag
  }

  private func resolved(at event: YAMLEvent) throws(YAMLError) -> JSON {
    if let value = null ?? boolean ?? integer ?? float { return value }
    if isNotFinite { throw event.error(.notFinite(text)) }
    return .string(text)
  }

  private var null: JSON? {
    switch text {
    case "", "~", "null", "Null", "NULL": .null
    default: nil
    }
  }

  private var boolean: JSON? {
    switch text {
    case "true", "True", "TRUE": .bool(true)
    case "false", "False", "FALSE": .bool(false)
    default: nil
    }
  }

  private var isNotFinite: Bool {
    let sign = text.hasPrefix("+") || text.hasPrefix("-") ? 1 : 0
    return [".inf", ".Inf", ".INF"].contains(String(text.dropFirst(sign)))
      || [".nan", ".NaN", ".NAN"].contains(text)
  }

  /// `[-+]?[0-9]+`, `0o[0-7]+` or `0x[0-9a-fA-F]+`.
  private var integer: JSON? {
    let bytes = Array(text.utf8)
    if bytes.starts(with: [0x30, 0x6F]) { return Self.number(bytes.dropFirst(2), radix: 8) }
    if bytes.starts(with: [0x30, 0x78]) { return Self.number(bytes.dropFirst(2), radix: 16) }
    let (sign, digits) = Self.split(bytes)
    guard !digits.isEmpty, digits.allSatisfy(Self.isDigit) else { return nil }
    return Self.number(literal: sign + Self.withoutZeros(digits))
  }

  /// `[-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`, as JSON writes it.
  private var float: JSON? {
    let (sign, rest) = Self.split(Array(text.utf8))
    let whole = rest.prefix(while: Self.isDigit)
    var tail = rest.dropFirst(whole.count)
    var fraction: ArraySlice<UInt8> = []
    if tail.first == 0x2E {
      fraction = tail.dropFirst().prefix(while: Self.isDigit)
      tail = tail.dropFirst(1 + fraction.count)
    }
    guard !whole.isEmpty || !fraction.isEmpty else { return nil }
    var exponent = ""
    if let letter = tail.first, letter | 0x20 == 0x65 {
      let (expSign, digits) = Self.split(Array(tail.dropFirst()), keepsPlus: true)
      guard !digits.isEmpty, digits.allSatisfy(Self.isDigit) else { return nil }
      exponent = String(decoding: [letter], as: UTF8.self) + expSign + String(decoding: digits, as: UTF8.self)
      tail = []
    }
    guard tail.isEmpty else { return nil }
    let point = fraction.isEmpty ? ".0" : "." + String(decoding: fraction, as: UTF8.self)
    // 1e3 needs no fraction.
    let middle = fraction.isEmpty && !exponent.isEmpty ? "" : point
    return Self.number(literal: sign + Self.withoutZeros(whole) + middle + exponent)
  }

  private static func split(_ bytes: [UInt8], keepsPlus: Bool = false) -> (
    sign: String, rest: ArraySlice<UInt8>
  ) {
    switch bytes.first {
    case 0x2D: ("-", bytes.dropFirst())
    case 0x2B: (keepsPlus ? "+" : "", bytes.dropFirst())
    default: ("", bytes[...])
    }
  }

  /// Digits without the zeros in front that JSON does not allow.
  private static func withoutZeros(_ digits: ArraySlice<UInt8>) -> String {
    let significant = digits.drop { $0 == 0x30 }
    return significant.isEmpty ? "0" : String(decoding: significant, as: UTF8.self)
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

  private static func number(literal: String) -> JSON? { try? JSON(parsing: literal) }

  private static func number(_ digits: ArraySlice<UInt8>, radix: Int) -> JSON? {
    guard let first = digits.first, first != 0x2B, first != 0x2D,
      let value = Int(String(decoding: digits, as: UTF8.self), radix: radix)
    else { return nil }
    return JSON(value)
  }
}
