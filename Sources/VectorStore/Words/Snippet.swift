/// A part of a document with the words that were searched for marked.
public struct Snippet: Sendable, Equatable {
  /// The text, word for word, with "…" where something was left out.
  public var text: String
  /// Where the words are, as ranges of bytes in the UTF-8 of `text`.
  public var highlightedBytes: [Range<Int>]

  /// The part of a document that has the most of some terms; nil where it has none of them.
  ///
  /// - Parameter tokens: How many words, or characters of scripts without spaces, it has at most.
  init?(of document: String, with terms: [KeywordQuery.Term], tokens: Int) {
    var document = document
    let pieces = Pieces(document)
    let hits = pieces.hits(of: terms)
    guard !hits.isEmpty else { return nil }
    let kept = Self.window(hits, of: pieces.ranges.count, size: max(1, min(64, tokens)))
    // What stands before the first word and behind the last one belongs to them.
    let bytes = document.withUTF8 { text in
      let start = kept.lowerBound == 0 ? 0 : pieces.ranges[kept.lowerBound].lowerBound
      let end =
        kept.upperBound == pieces.ranges.count ? text.count : pieces.ranges[kept.upperBound - 1].upperBound
      return (Array(text[start..<end]), start, isCut: end < text.count)
    }
    let mark = "…"
    let before = bytes.1 > 0 ? mark : ""
    text = before + String(decoding: bytes.0, as: UTF8.self) + (bytes.isCut ? mark : "")
    highlightedBytes = []
    for hit in hits where kept.contains(hit.pieces.lowerBound) && hit.pieces.upperBound <= kept.upperBound {
      let shift = before.utf8.count - bytes.1
      let range =
        pieces.ranges[hit.pieces.lowerBound].lowerBound + shift..<pieces.ranges[hit.pieces.upperBound - 1]
        .upperBound + shift
      if let last = highlightedBytes.last, range.lowerBound < last.upperBound {
        highlightedBytes[highlightedBytes.count - 1] =
          last.lowerBound..<max(last.upperBound, range.upperBound)
      } else {
        highlightedBytes.append(range)
      }
    }
  }

  /// Where a term stands.
  private struct Hit {
    var pieces: Range<Int>
    var term: Int
  }

  /// The pieces to show: those with most of the terms, then with most places, then the earliest; a hit in the last places
  /// is moved to the middle.
  private static func window(_ hits: [Hit], of count: Int, size: Int) -> Range<Int> {
    guard count > size else { return 0..<count }
    var best = (terms: 0, places: 0, first: 0, last: 0)
    for (index, hit) in hits.enumerated() {
      let within = hits[index...].prefix { $0.pieces.upperBound <= hit.pieces.lowerBound + size }
      let found = (terms: Set(within.map(\.term)).count, places: within.count)
      if (found.terms, found.places) > (best.terms, best.places) || index == 0 {
        best = (
          found.terms, found.places, hit.pieces.lowerBound,
          within.map(\.pieces.upperBound).max() ?? hit.pieces.upperBound
        )
      }
    }
    let start = max(0, min(best.first - (size - (best.last - best.first)) / 2, count - size))
    return start..<start + size
  }

  /// A document's words and characters.
  private struct Pieces {
    var ranges: [Range<Int>] = []
    private var folded: [String] = []
    private var continues: [Bool] = []
    /// Words with non-joiners between them, as one.
    private var joined: [(pieces: Range<Int>, text: String)] = []

    init(_ document: String) {
      WordReader.forEachPiece(in: document) { piece, text in
        guard !piece.isJoined else {
          let parts = ranges.reversed().prefix { $0.lowerBound >= piece.range.lowerBound }.count
          joined.append((ranges.count - parts..<ranges.count, text))
          return
        }
        ranges.append(piece.range)
        folded.append(text)
        continues.append(piece.continues)
      }
    }

    /// Where the terms stand, in the document's order.
    func hits(of terms: [KeywordQuery.Term]) -> [Hit] {
      var beginnings: [String: [(term: Int, form: [String])]] = [:]
      for (index, term) in terms.enumerated() {
        for form in term.forms { beginnings[form[0], default: []].append((index, form)) }
      }
      var hits: [Hit] = []
      for place in folded.indices {
        let found = (beginnings[folded[place]] ?? []).filter { _, form in
          let end = place + form.count
          return end <= folded.count && folded[place..<end].elementsEqual(form)
            && continues[place..<end].dropFirst().allSatisfy { $0 }
        }
        if let longest = found.max(by: { $0.form.count < $1.form.count }) {
          hits.append(Hit(pieces: place..<place + longest.form.count, term: longest.term))
        }
      }
      for (pieces, text) in joined {
        if let term = beginnings[text]?.first(where: { $0.form.count == 1 })?.term {
          hits.append(Hit(pieces: pieces, term: term))
        }
      }
      return joined.isEmpty ? hits : hits.sorted { $0.pieces.lowerBound < $1.pieces.lowerBound }
    }
  }
}
