/// A command line that cannot be followed. Ends the program with 64.
struct UsageError: Error, CustomStringConvertible, Sendable, Equatable {
  /// What is wrong with what was typed.
  let problem: String
  /// What to do instead.
  let advice: String

  init(_ problem: String, advice: String) {
    self.problem = problem
    self.advice = advice
  }

  var description: String { "\(problem)\n\(advice)" }
}

/// The name that someone who typed `typed` most likely meant.
///
/// Nearest by the Damerau-Levenshtein distance (insertions, deletions, substitutions and swaps of neighbours), if no
/// more than a third of the letters differ; else a name that begins with what was typed.
func nearestName(to typed: String, among names: [String]) -> String? {
  let ranked = names.map { (name: $0, distance: editDistance(Array(typed.utf8), Array($0.utf8))) }
  if let best = ranked.min(by: { $0.distance < $1.distance }),
    best.distance <= max(1, best.name.utf8.count / 3)
  {
    return best.name
  }
  return typed.count >= 2 ? names.first { $0.hasPrefix(typed) } : nil
}

private func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
  var beforePrevious: [Int] = []
  var previous = Array(0...b.count)
  for i in 0..<a.count {
    var current = [i + 1]
    for j in 0..<b.count {
      var best = min(previous[j + 1] + 1, current[j] + 1, previous[j] + (a[i] == b[j] ? 0 : 1))
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, beforePrevious[j - 1] + 1) }
      current.append(best)
    }
    beforePrevious = previous
    previous = current
  }
  return previous[b.count]
}
