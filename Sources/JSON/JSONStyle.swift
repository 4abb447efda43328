/// How a JSON value is written.
public struct JSONStyle: Sendable, Equatable {
  /// Spaces for each level, every element on a line of its own; nil keeps all on one line.
  public var indent: Int?
  /// What stands between elements (without the line break that `indent` adds).
  public var itemSeparator: String
  /// What stands between a key and its value.
  public var keySeparator: String
  /// Whether everything outside ASCII is written as `\uXXXX`.
  public var asciiOnly: Bool

  /// A style of one's own.
  public init(
    indent: Int? = nil, itemSeparator: String = ",", keySeparator: String = ":", asciiOnly: Bool = false
  ) {
    self.indent = indent
    self.itemSeparator = itemSeparator
    self.keySeparator = keySeparator
    self.asciiOnly = asciiOnly
  }

  /// No white space at all.
  public static let compact = JSONStyle()
  /// Two spaces a level.
  public static let pretty = JSONStyle(indent: 2, keySeparator: ": ")
  /// As Python's `json.dumps` writes by default, but with Unicode as it is.
  public static let python = JSONStyle(itemSeparator: ", ", keySeparator: ": ")
}

extension JSON {
  /// The value as JSON text. Numbers keep their literal text.
  public func serialized(pretty: Bool = false, asciiOnly: Bool = false) -> String {
    var style = pretty ? JSONStyle.pretty : JSONStyle.compact
    style.asciiOnly = asciiOnly
    return serialized(style: style)
  }

  /// The value as JSON text in a style.
  public func serialized(style: JSONStyle) -> String {
    var writer = JSONWriter(style: style)
    writer.write(self, level: 0)
    return String(decoding: writer.output, as: UTF8.self)
  }

  /// A string as JSON text, with its quotes.
  public static func quoted(_ text: String, asciiOnly: Bool = false) -> String {
    JSON.string(text).serialized(asciiOnly: asciiOnly)
  }
}
