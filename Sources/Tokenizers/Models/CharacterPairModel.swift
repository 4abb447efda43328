/// Byte pair encoding over characters (Sennrich et al. 2016), as vocabularies of SentencePiece are written in a
/// `tokenizer.json`: characters that are no token are spelled in bytes, or unknown.
///
/// After huggingface/tokenizers `models/bpe/model.rs`.
struct CharacterPairModel: Sendable {
  let tokens: TokenTable
  let merges: Merges
  /// Where characters without a token are spelled in bytes.
  let bytes: ByteTokens?
  /// Stands for characters that cannot be written; nil where they are left out.
  let unknown: TokenID?
  /// Whether unknown characters in a row are one.
  let fusesUnknown: Bool
  /// Whole pieces that are tokens, where they are taken at once (`ignore_merges`).
  let wholePieces: TokenTable?

  /// Appends the ids of `range` of `text`.
  func encode(_ text: [UInt8], _ range: Range<Int>, into out: inout [TokenID], ends: inout [Int], marks: Bool)
  {
    if let wholePieces, let id = wholePieces.find(text, range) {
      out.append(id)
      if marks { ends.append(range.upperBound) }
      return
    }
    let first = out.count
    var lengths: [Int] = []
    appendCharacters(text, range, to: &out, lengths: &lengths)
    guard marks else { return merges.apply(to: &out, from: first) }
    let symbols = Array(out[first...])
    merges.apply(to: &out, from: first)
    appendEnds(of: out[first...], symbols, lengths, from: range.lowerBound, to: &ends)
  }

  /// One symbol a character (or byte), and how many bytes of the text each stands for.
  private func appendCharacters(
    _ text: [UInt8], _ range: Range<Int>, to out: inout [TokenID], lengths: inout [Int]
  ) {
    var index = range.lowerBound
    var isAfterUnknown = false
    while index < range.upperBound {
      let end = min(index + UTF8Scalars.length(text[index]), range.upperBound)
      let first = out.count
      if let id = tokens.find(text, index..<end) {
        out.append(id)
        lengths.append(end - index)
        isAfterUnknown = false
      } else if let bytes, bytes.append(text, index..<end, to: &out) {
        for _ in first..<out.count { lengths.append(1) }
        isAfterUnknown = false
      } else if let unknown {
        if isAfterUnknown, fusesUnknown {
          lengths[lengths.count - 1] += end - index
        } else {
          out.append(unknown)
          lengths.append(end - index)
        }
        isAfterUnknown = true
      }
      index = end
    }
  }

  /// Merging joins neighbours, so each id stands for the next few symbols.
  private func appendEnds(
    of ids: ArraySlice<TokenID>, _ symbols: [TokenID], _ lengths: [Int], from start: Int, to ends: inout [Int]
  ) {
    var symbol = 0
    var end = start
    for id in ids {
      if symbol < symbols.count, symbols[symbol] == id {
        end += lengths[symbol]
        symbol += 1
      } else {
        var missing = tokens.strings.range(Int(id)).count
        while symbol < symbols.count, missing > 0 {
          missing -= tokens.strings.range(Int(symbols[symbol])).count
          end += lengths[symbol]
          symbol += 1
        }
      }
      ends.append(end)
    }
  }
}
