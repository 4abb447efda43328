/// Values with their intervals, one horizontal bar each, on one axis.
public struct IntervalChart: Sendable {
  /// A value.
  public struct Bar: Sendable {
    /// What it is of.
    public let label: String
    /// Where the bar ends.
    public let value: Double
    /// The interval around the value; nil for none.
    public let low, high: Double?
    /// The value in words or digits, at the end of the bar.
    public let text: String

    /// A bar.
    public init(label: String, value: Double, low: Double? = nil, high: Double? = nil, text: String) {
      self.label = label
      self.value = value
      self.low = low
      self.high = high
      self.text = text
    }
  }

  /// What is shown.
  public let title: String
  /// The bars from top to bottom.
  public let bars: [Bar]
  /// What the axis shows.
  public let range: ClosedRange<Double>

  /// A chart.
  public init(title: String, bars: [Bar], range: ClosedRange<Double> = 0...1) {
    self.title = title
    self.bars = bars
    self.range = range
  }

  /// The drawing.
  public func picture() -> Picture {
    let (barHeight, gap, axisWidth, fontSize) = (18.0, 10.0, 420.0, 13.0)
    let left = (bars.map { TextMeasure.width($0.label, size: fontSize) }.max() ?? 0) + 12
    let right = (bars.map { TextMeasure.width($0.text, size: fontSize) }.max() ?? 0) + 16
    func x(_ value: Double) -> Double {
      let extent = range.upperBound - range.lowerBound
      let share = extent > 0 ? (value - range.lowerBound) / extent : 0
      return left + min(1, max(0, share)) * axisWidth
    }
    var content: [Markup] = []
    let height = gap + Double(bars.count) * (barHeight + gap)
    content.append(
      Markup("line", ["class": "frame", "x1": left, "y1": gap / 2, "x2": left, "y2": height - gap / 2]))
    for (index, bar) in bars.enumerated() {
      let top = gap + Double(index) * (barHeight + gap)
      let baseline = top + barHeight - 5
      content.append(
        Markup(
          "text",
          ["class": "ink", "x": left - 6, "y": baseline, "font-size": fontSize, "text-anchor": "end"],
          text: bar.label))
      content.append(
        Markup(
          "rect",
          [
            "x": left, "y": top, "width": x(bar.value) - left, "height": barHeight,
            "fill": Color(0x4C78A8),
          ]))
      if let low = bar.low, let high = bar.high {
        let middle = top + barHeight / 2
        content.append(
          Markup("line", ["class": "ring", "x1": x(low), "y1": middle, "x2": x(high), "y2": middle]))
        for end in [x(low), x(high)] {
          content.append(
            Markup("line", ["class": "ring", "x1": end, "y1": middle - 5, "x2": end, "y2": middle + 5]))
        }
      }
      content.append(
        Markup(
          "text",
          [
            "class": "ink", "x": max(x(bar.value), x(bar.high ?? bar.value)) + 6, "y": baseline,
            "font-size": fontSize,
          ],
          text: bar.text))
    }
    let described = bars.map { "\($0.label) \($0.text)" }.joined(separator: "; ")
    return Picture(
      width: left + axisWidth + right, height: height, description: "\(title): \(described)", content: content
    )
  }
}
