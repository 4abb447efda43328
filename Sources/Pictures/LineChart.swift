import Foundation

/// Values over a common axis, a line for each series.
public struct LineChart: Sendable {
  /// A point of a line.
  public struct Point: Sendable, Equatable {
    /// Where it is.
    public let x, y: Double

    /// A point.
    public init(x: Double, y: Double) { (self.x, self.y) = (x, y) }
  }

  /// One line.
  public struct Series: Sendable, Equatable {
    /// What it shows.
    public let label: String
    /// Its points, in the order of x.
    public let points: [Point]
    /// Whether each point has a mark of its own: for lines of few points.
    public let isMarked: Bool

    /// A line.
    public init(label: String, points: [Point], isMarked: Bool = false) {
      (self.label, self.points, self.isMarked) = (label, points, isMarked)
    }
  }

  /// What is shown, above the chart.
  public let title: String
  /// What the axes show.
  public let xLabel, yLabel: String
  /// The lines, the first one at the back.
  public let series: [Series]

  private static let (width, height) = (640.0, 380.0)
  private static let (left, right, top, bottom) = (64.0, 16.0, 64.0, 48.0)
  private static let fontSize = 12.0
  /// A line has no more points than this: more could not be told apart.
  private static let mostPoints = 1000

  /// A chart. Points whose place is not finite are left out.
  public init(title: String, xLabel: String, yLabel: String, series: [Series]) {
    (self.title, self.xLabel, self.yLabel) = (title, xLabel, yLabel)
    self.series = series.map { line in
      Series(
        label: line.label, points: line.points.filter { $0.x.isFinite && $0.y.isFinite },
        isMarked: line.isMarked)
    }
  }

  /// The drawing.
  public func picture() -> Picture {
    let (x, y) = (Axis(series.flatMap { $0.points.map(\.x) }), Axis(series.flatMap { $0.points.map(\.y) }))
    let (right, bottom) = (Self.width - Self.right, Self.height - Self.bottom)
    func place(_ point: Point) -> (x: Double, y: Double) {
      (
        Self.left + x.share(point.x) * (right - Self.left),
        bottom - y.share(point.y) * (bottom - Self.top)
      )
    }
    var content = [text(title, x: 12, y: 24, size: 16, weight: "600")]
    content += legend()
    for tick in y.ticks {
      let height = place(Point(x: x.low, y: tick)).y
      content.append(
        Markup("line", ["class": "frame", "x1": Self.left, "y1": height, "x2": right, "y2": height]))
      content.append(
        text(y.text(tick), x: Self.left - 6, y: height + 4, size: Self.fontSize, anchor: "end"))
    }
    for tick in x.ticks {
      let across = place(Point(x: tick, y: y.low)).x
      content.append(
        Markup("line", ["class": "frame", "x1": across, "y1": bottom, "x2": across, "y2": bottom + 5]))
      content.append(
        text(x.text(tick), x: across, y: bottom + 19, size: Self.fontSize, anchor: "middle"))
    }
    content.append(
      text(
        xLabel, class: "faint", x: (Self.left + right) / 2, y: Self.height - 10, size: Self.fontSize,
        anchor: "middle"))
    content.append(text(yLabel, class: "faint", x: 12, y: Self.top - 10, size: Self.fontSize))
    for (index, line) in series.enumerated() { content += drawing(of: line, index, place) }
    return Picture(width: Self.width, height: Self.height, description: description, content: content)
  }

  private var description: String {
    let lines = series.compactMap { line -> String? in
      guard let first = line.points.first, let last = line.points.last else { return nil }
      func short(_ value: Double) -> String { String(format: "%.4g", value) }
      return "\(line.label) from \(short(first.y)) to \(short(last.y))"
    }
    return lines.isEmpty ? title : "\(title): \(lines.joined(separator: "; "))"
  }

  private func drawing(
    of line: Series, _ index: Int, _ place: (Point) -> (x: Double, y: Double)
  ) -> [Markup] {
    let color = GroupColors.color(ofGroup: index)
    let step = max(1, (line.points.count + Self.mostPoints - 1) / Self.mostPoints)
    let last = line.points.count - 1
    let places = line.points.indices.filter { $0.isMultiple(of: step) || $0 == last }
      .map { place(line.points[$0]) }
    var content: [Markup] = []
    if places.count > 1 {
      let path = places.enumerated().map {
        "\($0.offset == 0 ? "M" : "L")\($0.element.x.attributeText) \($0.element.y.attributeText)"
      }
      content.append(
        Markup(
          "path",
          ["d": path.joined(), "fill": "none", "stroke": color, "stroke-width": line.isMarked ? 2.0 : 1.25]))
    }
    if line.isMarked || places.count == 1 {
      content += places.map {
        Markup("circle", ["cx": $0.x, "cy": $0.y, "r": 3.0, "fill": color])
      }
    }
    return content
  }

  /// The lines' colours, at the right above the chart.
  private func legend() -> [Markup] {
    var (content, right): ([Markup], Double) = ([], Self.width - Self.right)
    for (index, line) in series.enumerated().reversed() {
      let width = TextMeasure.width(line.label, size: Self.fontSize)
      right -= width
      content.append(text(line.label, x: right, y: 24, size: Self.fontSize))
      content.append(
        Markup(
          "line",
          [
            "x1": right - 24, "y1": 20.0, "x2": right - 6, "y2": 20.0,
            "stroke": GroupColors.color(ofGroup: index), "stroke-width": 2.0,
          ]))
      right -= 40
    }
    return content
  }

  private func text(
    _ text: String, class name: String = "ink", x: Double, y: Double, size: Double, anchor: String = "start",
    weight: String = "400"
  ) -> Markup {
    Markup(
      "text",
      [
        "class": name, "x": x, "y": y, "font-size": size, "text-anchor": anchor, "font-weight": weight,
      ], text: text)
  }
}

/// The range of an axis, and the round numbers that it is marked at.
private struct Axis {
  let low, high: Double
  let ticks: [Double]
  private let digits: Int

  /// An axis that shows all of these values.
  init(_ values: [Double]) {
    var (least, most) = (values.min() ?? 0, values.max() ?? 1)
    if least == most { (least, most) = (least - 0.5, most + 0.5) }
    // Steps of 1, 2 or 5 times a power of ten, of which about five fit.
    let rough = (most - least) / 5
    let power = pow(10, floor(log10(rough)))
    let step = power * ([1, 2, 5].first { $0 * power >= rough } ?? 10)
    let (first, last) = (floor(least / step), ceil(most / step))
    (low, high) = (first * step, last * step)
    ticks = stride(from: first, through: last, by: 1).map { $0 * step }
    digits = max(0, min(12, Int(-floor(log10(step)))))
  }

  /// Where a value lies between both ends.
  func share(_ value: Double) -> Double { high > low ? (value - low) / (high - low) : 0.5 }

  func text(_ value: Double) -> String {
    // A 0 that the sum of steps missed by a rounding has no sign.
    let text = String(format: "%.\(digits)f", value)
    return text.hasPrefix("-") && Double(text) == 0 ? String(text.dropFirst()) : text
  }
}
