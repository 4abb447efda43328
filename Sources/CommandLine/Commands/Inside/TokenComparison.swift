import MartletInspection
import MartletJSON

/// A text as one model's tokens.
struct ModelTokens {
  let name: String
  let text: InspectedText
}

/// A text as the tokens of several models, side by side.
struct TokenComparison {
  let text: String
  let models: [ModelTokens]

  /// A row for each token of a word, in the model that has most of them for it: the word, and for each model the token, its
  /// id and its offsets.
  var table: TextTable {
    // Words are those of the text, whichever models drop or join them; what stands before, between and behind goes along.
    let starts = Set(models.flatMap { $0.text.words.map(\.scalarRange.lowerBound) }).sorted()
    let scalars = Array(text.unicodeScalars)
    var rows: [[String]] = []
    let places = [-1] + starts + [Int.max]
    for (index, start) in places.enumerated() {
      let end = index + 1 < places.count ? places[index + 1] : Int.max
      let groups = models.map { model in tokens(of: model.text, from: start, to: end) }
      let word = word(at: start, scalars)
      for line in 0..<(groups.map(\.count).max() ?? 0) {
        rows.append([line == 0 ? word : ""] + groups.flatMap { line < $0.count ? $0[line] : ["", "", ""] })
      }
    }
    return TextTable(
      headings: ["word"] + models.flatMap { [oneLinePiece($0.name), "id", "at"] }, rows: rows,
      rightAligned: Set(models.indices.map { 2 + 3 * $0 }))
  }

  /// The tokens whose word begins at a place, or that lie behind it and belong to none.
  private func tokens(of text: InspectedText, from start: Int, to end: Int) -> [[String]] {
    var isBehind = false
    return text.tokens.compactMap { token in
      let place: Int
      if let word = token.word {
        place = text.words[word].scalarRange.lowerBound
        isBehind = true
      } else if let range = token.scalarRange {
        place = range.lowerBound
        isBehind = true
      } else {
        // Added before the text, or behind it.
        place = isBehind ? Int.max : -1
      }
      guard place >= start, place < end || (place == Int.max && start == Int.max) else { return nil }
      let range = token.scalarRange.map { "\($0.lowerBound)–\($0.upperBound)" } ?? "–"
      return [oneLinePiece(token.piece), "\(token.id)", range]
    }
  }

  private func word(at start: Int, _ scalars: [Unicode.Scalar]) -> String {
    let words = models.flatMap(\.text.words).filter { $0.scalarRange.lowerBound == start }
    return words.min { $0.text.count < $1.text.count }.map { oneLinePiece($0.text) } ?? "–"
  }

  /// The same for programs.
  var json: JSON {
    [
      "text": .string(text),
      "models": .array(
        models.map { model in
          [
            "model": .string(model.name),
            "tokens": .array(
              model.text.tokens.map { token in
                [
                  "id": JSON(Int(token.id)), "token": .string(token.piece),
                  "start": token.scalarRange.map { JSON($0.lowerBound) } ?? .null,
                  "end": token.scalarRange.map { JSON($0.upperBound) } ?? .null,
                ]
              }),
          ]
        }),
    ]
  }
}
