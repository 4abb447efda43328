/// Finds places for the labels of points so that none covers another, a point, or the edge: each tries the right, the left,
/// above and below, and goes without where there is room nowhere.
enum LabelPlacement {
  /// A rectangle.
  struct Box {
    var left, top, right, bottom: Double

    func overlaps(_ other: Box) -> Bool {
      left < other.right && other.left < right && top < other.bottom && other.top < bottom
    }

    func contains(_ other: Box) -> Bool {
      left <= other.left && top <= other.top && other.right <= right && other.bottom <= bottom
    }
  }

  /// A label that has a place: where its text begins.
  struct Label {
    let text: String
    let x, y: Double
  }

  /// The labels that have a place, and how many have none.
  /// - Parameters:
  ///   - labels: The texts, which are cut where they are long.
  ///   - points: Where the points are, in pixels.
  ///   - radius: How far a mark reaches.
  ///   - size: The size of the font.
  ///   - frame: What no label may leave.
  static func places(
    of labels: [String], at points: [(x: Double, y: Double)], radius: Double, size: Double, inside frame: Box
  ) -> (placed: [Label], omitted: Int) {
    let marks = points.map { point in
      Box(left: point.x - radius, top: point.y - radius, right: point.x + radius, bottom: point.y + radius)
    }
    var taken = Grid(cell: 40)
    for mark in marks { taken.insert(mark) }
    var placed: [Label] = []
    var omitted = 0
    for (label, point) in zip(labels, points) where !label.isEmpty {
      let text = TextMeasure.cut(label, toWidth: 170, size: size)
      let (width, reach) = (TextMeasure.width(text, size: size), radius + 3)
      let candidates = [
        (point.x + reach, point.y + size * 0.36), (point.x - reach - width, point.y + size * 0.36),
        (point.x - width / 2, point.y - reach), (point.x - width / 2, point.y + reach + size * 0.75),
      ]
      let place = candidates.first { x, y in
        let box = Box(left: x, top: y - size * 0.8, right: x + width, bottom: y + size * 0.25)
        return frame.contains(box) && !taken.overlaps(box)
      }
      guard let (x, y) = place else {
        omitted += 1
        continue
      }
      taken.insert(Box(left: x, top: y - size * 0.8, right: x + width, bottom: y + size * 0.25))
      placed.append(Label(text: text, x: x, y: y))
    }
    return (placed, omitted)
  }

  /// Boxes by the squares of a grid that they touch, so that thousands of labels find their neighbours quickly.
  private struct Grid {
    let cell: Double
    private var boxes: [[Int]: [Box]] = [:]

    init(cell: Double) { self.cell = cell }

    private func squares(_ box: Box) -> [[Int]] {
      let columns = Int((box.left / cell).rounded(.down))...Int((box.right / cell).rounded(.down))
      let rows = Int((box.top / cell).rounded(.down))...Int((box.bottom / cell).rounded(.down))
      return rows.flatMap { row in columns.map { [row, $0] } }
    }

    mutating func insert(_ box: Box) {
      for square in squares(box) { boxes[square, default: []].append(box) }
    }

    func overlaps(_ box: Box) -> Bool {
      squares(box).contains { square in boxes[square]?.contains { $0.overlaps(box) } ?? false }
    }
  }
}
