extension BytePairModel {
  /// - Parameter mergeLines: "left right" in the spelling of the byte alphabet, the most important first.
  init(
    decoded: PackedStrings, mergeLines: PackedStrings, field: String, wholePieces: Bool,
    unknown: TokenID? = nil, accepts: (Int) -> Bool = { _ in true }
  ) throws(TokenizerError) {
    let table = TokenTable(decoded)
    var pairs: [(left: TokenID, right: TokenID, merged: TokenID)] = []
    pairs.reserveCapacity(mergeLines.count)
    for line in mergeLines.indices {
      let bytes = mergeLines.bytes(at: line)
      guard let space = bytes.firstIndex(of: 0x20) else {
        throw .malformed(
          field: field, problem: "holds \"\(mergeLines[line])\" in place \(line), which is no pair")
      }
      let left = ByteAlphabet.decode(bytes[..<space])
      let right = ByteAlphabet.decode(bytes[(space + 1)...])
      guard let leftID = table.find(left), let rightID = table.find(right),
        let merged = table.find(left + right)
      else {
        throw .malformed(
          field: field, problem: "merges \"\(mergeLines[line])\", which is not in the vocabulary")
      }
      pairs.append((leftID, rightID, merged))
    }
    var bytes: [TokenID] = []
    // A vocabulary may lack bytes that its makers never saw; without an unknown token they are left out, as the
    // reference does.
    for byte in UInt8.min...UInt8.max { bytes.append(table.find([byte]) ?? unknown ?? -1) }
    self.init(
      merges: Merges(pairs), bytes: bytes,
      wholePieces: wholePieces ? TokenTable(decoded, accepts: accepts) : nil)
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
