/// A colour of a screen, in sRGB.
public struct Color: Sendable, Equatable, AttributeValue {
  /// The parts of red, green and blue.
  public let red, green, blue: UInt8

  /// A colour by its parts.
  public init(red: UInt8, green: UInt8, blue: UInt8) {
    (self.red, self.green, self.blue) = (red, green, blue)
  }

  /// A colour by a number such as 0xFDE725.
  public init(_ rgb: UInt32) {
    self.init(
      red: UInt8(truncatingIfNeeded: rgb >> 16), green: UInt8(truncatingIfNeeded: rgb >> 8),
      blue: UInt8(truncatingIfNeeded: rgb))
  }

  /// As SVG and CSS have it: `#fde725`.
  public var attributeText: String {
    let digits = String(UInt32(red) << 16 | UInt32(green) << 8 | UInt32(blue), radix: 16)
    return "#" + String(repeating: "0", count: 6 - digits.count) + digits
  }

  /// Whether white text reads better on it than black text: by its relative luminance (WCAG 2, without its exact curve).
  public var isDark: Bool {
    func linear(_ part: UInt8) -> Double { (Double(part) / 255) * (Double(part) / 255) }
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue) < 0.2
  }
}

/// Numbers as colours that grow evenly to the eye, also to one that does not tell red from green: viridis (Smith and van
/// der Walt 2015), from dark blue for the least to yellow for the most.
public struct ColorScale: Sendable {
  /// Viridis.
  public static let viridis = ColorScale(stops: [
    Color(0x440154), Color(0x472D7B), Color(0x3B528B), Color(0x2C728E), Color(0x21918C), Color(0x28AE80),
    Color(0x5EC962), Color(0xADDC30), Color(0xFDE725),
  ])

  private let stops: [Color]

  private init(stops: [Color]) { self.stops = stops }

  /// The colour of a share between 0 and 1; what lies outside counts as the nearer end.
  public func color(at share: Double) -> Color {
    let place = max(0, min(1, share)) * Double(stops.count - 1)
    let index = min(stops.count - 2, Int(place))
    let (from, to, part) = (stops[index], stops[index + 1], place - Double(index))
    func mixed(_ a: UInt8, _ b: UInt8) -> UInt8 {
      UInt8((Double(a) + (Double(b) - Double(a)) * part).rounded())
    }
    return Color(
      red: mixed(from.red, to.red), green: mixed(from.green, to.green), blue: mixed(from.blue, to.blue))
  }
}

/// Colours that tell groups apart, also to those who do not tell red from green (Okabe and Ito 2008), on light and on dark
/// ground.
enum GroupColors {
  private static let colors = [
    Color(0x0072B2), Color(0xE69F00), Color(0x009E73), Color(0xCC79A7), Color(0x56B4E9), Color(0xD55E00),
    Color(0xF0E442),
  ]

  static func color(ofGroup index: Int) -> Color { colors[index % colors.count] }
}
