import MartletJSON
import MartletMetrics

extension MetricReport {
  /// The report for programs.
  func json(withItems: Bool) -> JSON {
    var scores = JSONObject()
    for score in self.scores {
      var object: JSONObject = [
        "value": JSON(score.value), "low": JSON(score.interval.low), "high": JSON(score.interval.high),
        "n": JSON(score.count),
      ]
      if let signature = score.signature { object["signature"] = .string(signature) }
      scores[score.metric.name] = .object(object)
    }
    var report: JSONObject = ["scores": .object(scores)]
    if withItems {
      let names = self.scores.map(\.metric.name)
      report["items"] = .array(
        items.map { values in .object(JSONObject(zip(names, values).map { ($0, JSON($1)) })) })
    }
    return .object(report)
  }

  /// The scores for people.
  func table(confidence: Double) -> TextTable {
    TextTable(
      headings: ["metric", "value", "\(Self.percentage(confidence)) interval", "rows"],
      rows: scores.map { score in
        let interval = "\(score.metric.text(score.interval.low)) to \(score.metric.text(score.interval.high))"
        return [score.metric.name, score.metric.text(score.value), interval, "\(score.count)"]
      }, rightAligned: [1, 2, 3])
  }

  private static func percentage(_ share: Double) -> String {
    let text = formatDecimal(share * 100, 4)
    return String(text.reversed().drop { $0 == "0" }.drop { $0 == "." }.reversed()) + "%"
  }

  /// The values of the rows, in as many tables as the width needs.
  func itemTables(width: Int?) -> [TextTable] {
    let number = "\(items.count)".count
    var groups: [[Int]] = []
    var used = 0
    for (column, score) in scores.enumerated() {
      let needed = max(score.metric.name.count, 6) + 2
      if groups.isEmpty || used + needed > width ?? .max {
        groups.append([])
        used = max(number, 3)
      }
      groups[groups.count - 1].append(column)
      used += needed
    }
    return groups.map { columns in
      TextTable(
        headings: ["row"] + columns.map { scores[$0].metric.name },
        rows: zip(1..., items).map { row, values in
          ["\(row)"] + columns.map { scores[$0].metric.text(values[$0]) }
        }, rightAligned: Set(0...columns.count))
    }
  }
}

extension Metric {
  /// A value with the digits that are usual.
  fileprivate func text(_ value: Double) -> String { formatDecimal(value, maximum == 100 ? 2 : 4) }
}
