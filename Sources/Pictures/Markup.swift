/// An element of SVG or HTML with its attributes and what is in it. Texts are escaped when it is written, so that
/// nothing from outside can become markup.
public struct Markup: Sendable, Equatable {
  /// What an element holds.
  public enum Child: Sendable, Equatable {
    /// Another element.
    case element(Markup)
    /// Text, as people read it.
    case text(String)
    /// Text that is written as it stands: a style sheet of this module.
    case verbatim(String)
  }

  /// The element's name, as in `rect`.
  public let name: String
  /// The names and values of its attributes, in their order.
  public private(set) var attributes: [Attribute]
  /// What is in it, in its order.
  public var children: [Child]

  /// A name and a value.
  public struct Attribute: Sendable, Equatable {
    /// The name, as in `stroke-width`.
    public let name: String
    /// The value, not escaped.
    public let value: String
  }

  /// An element.
  public init(
    _ name: String, _ attributes: KeyValuePairs<String, any AttributeValue> = [:], _ children: [Markup] = []
  ) {
    self.name = name
    self.attributes = attributes.map { Attribute(name: $0.key, value: $0.value.attributeText) }
    self.children = children.map(Child.element)
  }

  /// An element that holds a text.
  public init(_ name: String, _ attributes: KeyValuePairs<String, any AttributeValue> = [:], text: String) {
    self.init(name, attributes)
    children = [.text(text)]
  }

  /// The element with one more attribute.
  public func adding(_ name: String, _ value: any AttributeValue) -> Markup {
    var copy = self
    copy.attributes.append(Attribute(name: name, value: value.attributeText))
    return copy
  }

  /// The element as SVG (or XHTML): one that is empty ends in `/>`.
  public func serialized() -> String {
    var text = ""
    write(to: &text)
    return text
  }

  func write(to text: inout String) {
    text += "<" + name
    for attribute in attributes { text += " \(attribute.name)=\"\(Self.escaped(attribute.value))\"" }
    if children.isEmpty, Self.mayEndAtOnce(name) { return text += "/>" }
    text += ">"
    for child in children {
      switch child {
      case .element(let element): element.write(to: &text)
      case .text(let words): text += Self.escaped(words)
      case .verbatim(let words): text += words
      }
    }
    text += "</" + name + ">"
  }

  /// HTML knows `/>` at elements that are always empty; in SVG it may stand anywhere.
  private static func mayEndAtOnce(_ name: String) -> Bool {
    !["div", "p", "span", "td", "th", "section", "figure", "details", "svg", "title", "text"].contains(name)
  }

  /// A text in which no character means anything to XML or HTML; characters that XML forbids become U+FFFD.
  public static func escaped(_ text: String) -> String {
    var escaped = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": escaped.append(contentsOf: "&amp;".unicodeScalars)
      case "<": escaped.append(contentsOf: "&lt;".unicodeScalars)
      case ">": escaped.append(contentsOf: "&gt;".unicodeScalars)
      case "\"": escaped.append(contentsOf: "&quot;".unicodeScalars)
      case "'": escaped.append(contentsOf: "&#39;".unicodeScalars)
      case "\t", "\n", "\r": escaped.append(contentsOf: "&#\(scalar.value);".unicodeScalars)
      case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{FFFE}", "\u{FFFF}": escaped.append("\u{FFFD}")
      default: escaped.append(scalar)
      }
    }
    return String(escaped)
  }
}

/// What an attribute's value may be given as.
public protocol AttributeValue {
  /// The value as it is written, before it is escaped.
  var attributeText: String { get }
}

extension String: AttributeValue {
  /// The text itself.
  public var attributeText: String { self }
}

extension Int: AttributeValue {
  /// The number.
  public var attributeText: String { String(self) }
}

extension Double: AttributeValue {
  /// The number with at most two digits after the point, which is finer than any screen.
  /// - Precondition: It is finite.
  public var attributeText: String {
    precondition(isFinite, "a coordinate that is no number")
    let hundredths = (self * 100).rounded()
    if hundredths.truncatingRemainder(dividingBy: 100) == 0, abs(hundredths) < 1e17 {
      return String(Int(hundredths / 100))
    }
    return (hundredths / 100).description
  }
}
