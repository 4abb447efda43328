extension BytePairModel {
  /// - Parameters:
  ///   - spellings: The tokens in the byte alphabet. One outside it stands for no bytes of a text, so that neither
  ///     merging nor a whole piece reaches it.
  ///   - mergeLines: "left right" in the spelling of the byte alphabet, the most important first.
  ///   - endOfWord: What tokens are spelled with that end a piece.
  ///   - accepts: Whether a token may be found as a whole piece.
  init(
    spellings: PackedStrings, mergeLines: PackedStrings, field: String, wholePieces: Bool,
    unknown: TokenID? = nil, endOfWord: String? = nil, accepts: (Int) -> Bool = { _ in true }
  ) throws(TokenizerError) {
    let table = TokenTable(spellings)
    var pairs: [(left: TokenID, right: TokenID, merged: TokenID)] = []
    pairs.reserveCapacity(mergeLines.count)
    for line in mergeLines.indices {
      let bytes = mergeLines.bytes(at: line)
      guard let space = bytes.firstIndex(of: 0x20) else {
        throw .malformed(
          field: field, problem: "holds \"\(mergeLines[line])\" in place \(line), which is no pair")
      }
      let left = bytes[..<space]
      let right = bytes[(space + 1)...]
      guard let leftID = table.find(left), let rightID = table.find(right),
        let merged = table.find(left + right)
      else {
        throw .malformed(
          field: field, problem: "merges \"\(mergeLines[line])\", which is not in the vocabulary")
      }
      pairs.append((leftID, rightID, merged))
    }
    // A vocabulary may lack bytes that its makers never saw; without an unknown token they are left out, as the
    // reference does.
    let bytes = ByteAlphabet.spellings.map { table.find($0) ?? unknown ?? -1 }
    let lastBytes = endOfWord.map { end in
      ByteAlphabet.spellings.map { table.find($0 + Array(end.utf8)) ?? unknown ?? -1 }
    }
    self.init(
      merges: Merges(pairs), bytes: bytes, lastBytes: lastBytes,
      wholePieces: wholePieces ? Self.wholePieces(spellings, accepts: accepts) : nil)
  }

  /// The tokens by the bytes that they stand for.
  private static func wholePieces(_ spellings: PackedStrings, accepts: (Int) -> Bool) -> TokenTable {
    var decoded = PackedStrings()
    decoded.reserveCapacity(strings: spellings.count, bytes: spellings.count * 8)
    var isOutside = Set<Int>()
    for index in spellings.indices {
      if let bytes = ByteAlphabet.bytes(of: spellings.bytes(at: index)) {
        decoded.append(bytes)
      } else {
        decoded.append([])
        isOutside.insert(index)
      }
    }
    return TokenTable(decoded) { accepts($0) && !isOutside.contains($0) }
  }
}

extension WordPieceModel {
  /// - Parameter accepts: whether a token may be found in a text; special tokens may not.
  init(
    _ spellings: PackedStrings, prefix: String, unknown: TokenID, longestWord: Int, accepts: (Int) -> Bool
  ) {
    let mark = Array(prefix.utf8)
    var continued = PackedStrings()
    for index in spellings.indices {
      let bytes = spellings.bytes(at: index)
      continued.append(bytes.starts(with: mark) ? bytes.dropFirst(mark.count) : [])
    }
    self.init(
      beginnings: TokenTable(spellings) { accepts($0) && !spellings.bytes(at: $0).isEmpty },
      continuations: TokenTable(continued) { accepts($0) && !continued.bytes(at: $0).isEmpty },
      unknown: unknown,
      longestWord: longestWord)
  }
}
