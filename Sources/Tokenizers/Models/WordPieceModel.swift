/// WordPiece (google-research/bert `tokenization.py`): the longest token that a word begins with, then the longest
/// that continues it; a word with a rest that no token matches is unknown as a whole.
struct WordPieceModel: Sendable {
  /// Tokens that begin a word.
  let beginnings: TokenTable
  /// Tokens that continue one, without their "##".
  let continuations: TokenTable
  let unknown: TokenID
  /// Longer words, in characters, are unknown.
  let longestWord: Int

  /// Appends the ids of the word `range` of `text`; with `marks`, `ends` gets the end of each token.
  func encode(_ text: [UInt8], _ range: Range<Int>, into out: inout [TokenID], ends: inout [Int], marks: Bool)
  {
    let first = out.count
    let firstEnd = ends.count
    var start = range.lowerBound
    var characters = 0
    for index in range where !UTF8Scalars.isContinuation(text[index]) { characters += 1 }
    if characters <= longestWord {
      while start < range.upperBound {
        let table = start == range.lowerBound ? beginnings : continuations
        guard let (id, end) = Self.longestMatch(table, text, start..<range.upperBound) else { break }
        out.append(id)
        if marks { ends.append(end) }
        start = end
      }
    }
    guard start < range.upperBound else { return }
    out.removeSubrange(first...)
    out.append(unknown)
    if marks {
      ends.removeSubrange(firstEnd...)
      ends.append(range.upperBound)
    }
  }

  private static func longestMatch(_ table: TokenTable, _ text: [UInt8], _ range: Range<Int>) -> (
    TokenID, Int
  )? {
    let limit = min(range.count, table.longest)
    return withUnsafeTemporaryAllocation(of: UInt64.self, capacity: max(1, limit)) { hashes in
      var hash = TokenTable.emptyHash
      for offset in 0..<limit {
        hash = TokenTable.hash(hash, text[range.lowerBound + offset])
        hashes[offset] = hash
      }
      var length = limit
      while length > 0 {
        let end = range.lowerBound + length
        if end == range.upperBound || !UTF8Scalars.isContinuation(text[end]),
          let id = table.find(text, range.lowerBound..<end, hash: hashes[length - 1])
        {
          return (id, end)
        }
        length -= 1
      }
      return nil
    }
  }
}
