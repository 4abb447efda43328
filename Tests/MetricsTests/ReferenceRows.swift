import Foundation
import MartletJSON
import MartletSeededRandom
import Testing

/// What the reference tools said, of Fixtures/metrics.json.
enum Reference {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Fixtures")

  static func json(_ name: String) throws -> JSON {
    try JSON(parsing: Array(try Data(contentsOf: folder.appendingPathComponent(name))))
  }

  /// Fixtures/metrics.json; null where it cannot be read, so that every test that needs it fails.
  static let metrics = (try? json("metrics.json")) ?? .null

  /// Holds values of all rows to a column of the fixture. Its first values are there one by one; of each block of rows
  /// there is a sum in which each has another weight.
  static func expect(
    _ values: [Double], toBe column: JSON, _ name: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let first = try #require(column["first"]?.arrayValue).compactMap(\.doubleValue)
    for (row, expected) in first.enumerated() where abs(values[row] - expected) > 1e-9 {
      Issue.record("\(name), row \(row): \(values[row]), not \(expected)", sourceLocation: sourceLocation)
    }
    let sums = try #require(column["sums"]?.arrayValue).compactMap(\.doubleValue)
    let block = values.count / sums.count
    for (number, expected) in sums.enumerated() {
      var sum = 0.0
      for place in 0..<block {
        sum += values[number * block + place] * Double(place + 1) / Double(block)
      }
      if abs(sum - expected) > 1e-9 {
        Issue.record(
          "\(name), rows \(number * block) to \(number * block + block - 1): \(sum), not \(expected)",
          sourceLocation: sourceLocation)
      }
    }
  }
}

/// Texts that make_metrics.py draws alike.
struct ReferenceRow: Sendable {
  let prediction: String
  let references: [String]

  static let all: [ReferenceRow] = (try? rows()) ?? []

  private static func rows() throws -> [ReferenceRow] {
    let pieces = try Reference.json("pieces.json")
    func list(_ name: String) -> [String] { pieces[name]?.arrayValue?.compactMap(\.stringValue) ?? [] }
    var maker = Maker(words: list("words"), separators: list("separators"), marks: list("marks"))
    return (0..<2000).map { maker.row($0) }
  }

  private struct Maker {
    let words: [String]
    let separators: [String]
    let marks: [String]
    var draws = SplitMix64(seed: 0)

    init(words: [String], separators: [String], marks: [String]) {
      self.words = words
      self.separators = separators
      self.marks = marks
    }

    mutating func draw(_ bound: Int) -> Int { Int(draws.next() % UInt64(bound)) }

    mutating func piece() -> String { words[draw(draw(3) > 0 ? 40 : words.count)] }

    mutating func joined(_ pieces: [String]) -> String {
      var text = ""
      for (number, piece) in pieces.enumerated() {
        if number > 0 { text += separators[draw(separators.count)] }
        text += piece
      }
      return text
    }

    mutating func changed(_ pieces: [String]) -> [String] {
      var result: [String] = []
      for part in pieces {
        let what = draw(12)
        if what == 0 { continue }
        result.append(what == 1 ? piece() : part)
        if what == 2 { result.append(part) }
        if what == 3 { result.append(piece()) }
      }
      return result
    }

    mutating func row(_ number: Int) -> ReferenceRow {
      draws = SplitMix64(seed: UInt64(number))
      var kind = draw(40)
      let count = kind == 0 ? 60 + draw(60) : 1 + draw(12)
      var gold = (0..<count).map { _ in piece() }
      if kind == 1 { gold = [] }
      if kind == 2 { gold = gold.map { _ in marks[draw(marks.count)] } }
      var references = [joined(gold)]
      for _ in 0..<draw(3) { references.append(joined(changed(gold))) }
      kind = draw(40)
      let predicted = kind == 0 ? [] : kind < 4 ? gold : changed(gold)
      return ReferenceRow(prediction: joined(predicted), references: references)
    }
  }
}
