/// How near two texts are by the edits that lead from one to the other.
public enum EditSimilarity {
  /// 1 - distance / length of the longer text, from 0 to 1, with the best reference; 1 for two empty texts. It is
  /// rapidfuzz's `Levenshtein.normalized_similarity`.
  public static func score(_ prediction: String, references: [String]) -> Double {
    let predicted = Scalars(prediction.unicodeScalars)
    return references.map { reference in
      let gold = Scalars(reference.unicodeScalars)
      let longer = max(predicted.count, gold.count)
      return longer == 0 ? 1 : 1 - Double(distance(predicted, gold)) / Double(longer)
    }.max() ?? 0
  }

  /// The fewest insertions, deletions and substitutions of code points that turn one text into the other (Levenshtein,
  /// 1966).
  public static func distance(_ first: String, _ second: String) -> Int {
    distance(Scalars(first.unicodeScalars), Scalars(second.unicodeScalars))
  }

  private static func distance(_ first: Scalars, _ second: Scalars) -> Int {
    // What both begin and end with costs nothing.
    var start = 0
    while start < min(first.count, second.count), first[start] == second[start] { start += 1 }
    var (endOfFirst, endOfSecond) = (first.count, second.count)
    while endOfFirst > start, endOfSecond > start, first[endOfFirst - 1] == second[endOfSecond - 1] {
      endOfFirst -= 1
      endOfSecond -= 1
    }
    let rows = first[start..<endOfFirst].map(\.value)
    let columns = second[start..<endOfSecond].map(\.value)
    guard !rows.isEmpty, !columns.isEmpty else { return max(rows.count, columns.count) }
    // The distances of the prefix of `rows` to each prefix of `columns`.
    var distances = Array(0...columns.count)
    return distances.withUnsafeMutableBufferPointer { distances in
      columns.withUnsafeBufferPointer { columns in
        for (number, scalar) in rows.enumerated() {
          var diagonal = distances[0]
          var left = number + 1
          distances[0] = left
          var column = 0
          while column < columns.count {
            let above = distances[column + 1]
            var best = diagonal + (columns[column] == scalar ? 0 : 1)
            if above + 1 < best { best = above + 1 }
            if left + 1 < best { best = left + 1 }
            distances[column + 1] = best
            diagonal = above
            left = best
            column += 1
          }
        }
        return distances[columns.count]
      }
    }
  }
}
