/// Points in two dimensions, with a text each, and in groups where they have them.
public struct ScatterPlot: Sendable {
  /// One point.
  public struct Point: Sendable, Equatable {
    /// Where it is.
    public let x, y: Double
    /// What it stands for.
    public let label: String
    /// The group that it belongs to, by name; nil for none.
    public let group: String?

    /// A point.
    public init(x: Double, y: Double, label: String, group: String? = nil) {
      (self.x, self.y, self.label, self.group) = (x, y, label, group)
    }
  }

  /// What it shows, above it.
  public let title: String
  /// The subtitle, such as the meaning of the axes.
  public let note: String
  /// The points.
  public let points: [Point]
  /// The groups, in the order of their first points.
  public let groups: [String]
  private let groupNumbers: [String: Int]

  private static let (width, side, margin) = (440.0, 420.0, 12.0)
  /// Many points are drawn smaller.
  private var radius: Double { points.count <= 150 ? 4.5 : points.count <= 1000 ? 3 : 2 }
  private static let fontSize = 11.5

  /// A plot. Both axes have one scale, so that distances can be compared.
  /// - Throws: ``PictureError/notFinite(label:)`` where a coordinate is infinite or not a number.
  public init(title: String, note: String = "", points: [Point]) throws(PictureError) {
    if let point = points.first(where: { !$0.x.isFinite || !$0.y.isFinite }) {
      throw .notFinite(label: point.label)
    }
    (self.title, self.note, self.points) = (title, note, points)
    var seen: Set<String> = []
    groups = points.compactMap(\.group).filter { seen.insert($0).inserted }
    groupNumbers = Dictionary(uniqueKeysWithValues: groups.enumerated().map { ($1, $0) })
  }

  /// The plot with its labels. Those that would cover others are left out, which it says; each point brings up its own
  /// under a pointer.
  public func picture() -> Picture {
    let top = note.isEmpty ? 38.0 : 58.0
    let places = scaled(top: top)
    let frame = LabelPlacement.Box(
      left: Self.margin, top: top, right: Self.width - Self.margin, bottom: top + Self.side)
    let labels = LabelPlacement.places(
      of: points.map(\.label), at: places, radius: radius, size: Self.fontSize, inside: frame)
    let (legend, bottom) = legend(top: top + Self.side + 20)
    var content = [
      text(title, class: "ink", y: 24, size: 16, weight: "600"),
      Markup(
        "rect",
        [
          "class": "frame", "x": frame.left, "y": frame.top, "width": frame.right - frame.left,
          "height": frame.bottom - frame.top,
        ]),
    ]
    if !note.isEmpty { content.append(text(note, class: "faint", y: 44, size: 12)) }
    for (point, place) in zip(points, places) {
      let mark = mark(of: point, at: place)
      content.append(Markup("g", [:], [Markup("title", text: title(of: point)), mark]))
    }
    for label in labels.placed {
      content.append(
        Markup(
          "text", ["class": "ink", "x": label.x, "y": label.y, "font-size": Self.fontSize], text: label.text)
      )
    }
    content += legend
    var height = bottom
    if labels.omitted > 0 {
      let what = labels.omitted == 1 ? "1 label" : "\(labels.omitted) labels"
      content.append(
        text("\(what) would cover others; point at a mark to read it.", class: "faint", y: height, size: 11))
      height += 16
    }
    return Picture(width: Self.width, height: height, description: title, content: content)
  }

  private func text(_ text: String, class name: String, y: Double, size: Double, weight: String = "400")
    -> Markup
  {
    let shown = TextMeasure.cut(text, toWidth: Self.width - 2 * Self.margin, size: size)
    var element = Markup(
      "text", ["class": name, "x": Self.margin, "y": y, "font-size": size, "font-weight": weight], text: shown
    )
    if shown != text { element.children.insert(.element(Markup("title", text: text)), at: 0) }
    return element
  }

  private func title(of point: Point) -> String {
    point.group.map { "\(point.label) (\($0))" } ?? point.label
  }

  /// The points on the drawing, in pixels.
  private func scaled(top: Double) -> [(x: Double, y: Double)] {
    func middleAndSpan(_ values: [Double]) -> (middle: Double, span: Double) {
      let (low, high) = (values.min() ?? 0, values.max() ?? 0)
      return (low / 2 + high / 2, high - low)
    }
    let (x, y) = (middleAndSpan(points.map(\.x)), middleAndSpan(points.map(\.y)))
    let room = (width: Self.width - 2 * Self.margin - 60, height: Self.side - 40)
    let factors = [
      x.span > 0 ? room.width / x.span : nil, y.span > 0 ? room.height / y.span : nil,
    ].compactMap(\.self).filter(\.isFinite)
    let factor = factors.min() ?? 0
    return points.map { point in
      (
        Self.width / 2 + (point.x - x.middle) * factor,
        top + Self.side / 2 - (point.y - y.middle) * factor
      )
    }
  }

  private func mark(of point: Point, at place: (x: Double, y: Double)) -> Markup {
    guard !groups.isEmpty else { return GroupMark.mark(ofGroup: 0, at: place, radius: radius) }
    guard let index = point.group.flatMap({ groupNumbers[$0] }) else {
      // Among groups, a point of none is an empty ring.
      return Markup(
        "circle", ["class": "ring", "cx": place.x, "cy": place.y, "r": radius - 0.5])
    }
    return GroupMark.mark(ofGroup: index, at: place, radius: radius)
  }

  /// The groups with their marks, in lines below the plot.
  private func legend(top: Double) -> ([Markup], bottom: Double) {
    guard !groups.isEmpty else { return ([], top) }
    var (x, y) = (Self.margin, top)
    var content: [Markup] = []
    for (index, group) in groups.enumerated() {
      let shown = TextMeasure.cut(group, toWidth: 240, size: 12)
      let needed = 16 + TextMeasure.width(shown, size: 12) + 16
      if x > Self.margin, x + needed > Self.width - Self.margin { (x, y) = (Self.margin, y + 20) }
      content.append(GroupMark.mark(ofGroup: index, at: (x + 6, y - 4), radius: radius))
      content.append(Markup("text", ["class": "ink", "x": x + 16, "y": y, "font-size": 12], text: shown))
      x += needed
    }
    return (content, y + 20)
  }
}

/// The marks of groups, which differ in shape as well as in colour.
private enum GroupMark {
  static func mark(ofGroup index: Int, at place: (x: Double, y: Double), radius: Double) -> Markup {
    let color = GroupColors.color(ofGroup: index)
    let (x, y) = place
    func shape(_ path: String) -> Markup { Markup("path", ["class": "rim", "fill": color, "d": path]) }
    func point(_ dx: Double, _ dy: Double) -> String {
      "\((x + dx * radius).attributeText) \((y + dy * radius).attributeText)"
    }
    switch index % 4 {
    case 1: return shape("M\(point(-0.9, -0.9))L\(point(0.9, -0.9))L\(point(0.9, 0.9))L\(point(-0.9, 0.9))Z")
    case 2: return shape("M\(point(0, -1.15))L\(point(1.1, 0.85))L\(point(-1.1, 0.85))Z")
    case 3: return shape("M\(point(0, -1.25))L\(point(1.25, 0))L\(point(0, 1.25))L\(point(-1.25, 0))Z")
    default: return Markup("circle", ["class": "rim", "fill": color, "cx": x, "cy": y, "r": radius])
    }
  }
}

/// Why a picture cannot be drawn.
public enum PictureError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A point has no place: a coordinate is infinite or not a number.
  case notFinite(label: String)

  /// What is wrong.
  public var description: String {
    switch self {
    case .notFinite(let label): "The point of “\(label)” has a coordinate that is infinite or not a number."
    }
  }
}
