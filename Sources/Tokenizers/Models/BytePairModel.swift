/// Byte pair encoding of one piece of text (Sennrich et al. 2016): neighbours merge, the earliest learned pair
/// first, until none does.
struct BytePairModel: Sendable {
  let merges: Merges
  /// The token of each byte, -1 where there is none.
  let bytes: [TokenID]
  /// The token of each byte that ends a piece, where such are marked (`end_of_word_suffix`).
  let lastBytes: [TokenID]?
  /// Whole pieces that are tokens, where they are taken at once (`ignore_merges`).
  let wholePieces: TokenTable?

  /// Appends the ids of `range` of `text`.
  func encode(_ text: [UInt8], _ range: Range<Int>, into out: inout [TokenID]) {
    if let wholePieces {
      if let id = wholePieces.find(text, range) { return out.append(id) }
    }
    let first = out.count
    for index in range {
      let id = bytes[Int(text[index])]
      if id >= 0 { out.append(id) }
    }
    if let lastBytes, let last = text[range].last {
      if bytes[Int(last)] >= 0 { out.removeLast() }
      if lastBytes[Int(last)] >= 0 { out.append(lastBytes[Int(last)]) }
    }
    merges.apply(to: &out, from: first)
  }
}
