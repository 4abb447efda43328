/// Writes arrays of numbers as JSON bit by bit: as values of a tree they would be in memory twice more.
enum JSONNumbers {
  /// The shortest number that reads back as the same float; null where it is no number.
  static func text(_ value: Float) -> String { value.isFinite ? value.description : "null" }
  static func text(_ value: Double) -> String { value.isFinite ? value.description : "null" }

  /// `[0.5,-1.25]`
  static func list(_ values: some Sequence<Float>) -> String {
    var text = "["
    for value in values {
      if text.utf8.count > 1 { text += "," }
      text += self.text(value)
    }
    return text + "]"
  }

  static func list(_ values: some Sequence<Double>) -> String {
    "[" + values.map(text).joined(separator: ",") + "]"
  }
}
