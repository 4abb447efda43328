/// SentencePiece's BPE (google/sentencepiece `bpe_model.cc`, and llama.cpp's `llm_tokenizer_spm`): neighbours merge
/// while what they make is a token, the best score first; what is left is spelled in bytes.
struct SentencePieceModel: Sendable {
  let tokens: TokenTable
  let scores: [Float]
  /// The token of each byte, for characters that are no token.
  let bytes: [TokenID]
  let unknown: TokenID

  /// Appends the ids of `text`, whose spaces are already "▁".
  func encode(_ text: [UInt8], into out: inout [TokenID]) {
    guard !text.isEmpty else { return }
    var starts: [Int] = []
    for index in text.indices where !UTF8Scalars.isContinuation(text[index]) { starts.append(index) }
    var ends = Array(starts.dropFirst()) + [text.count]
    var chain = SymbolChain(count: starts.count)
    var queue = PriorityQueue()
    func token(_ range: Range<Int>) -> TokenID? {
      guard range.count <= tokens.longest else { return nil }
      var hash = TokenTable.emptyHash
      for index in range { hash = TokenTable.hash(hash, text[index]) }
      return tokens.find(text, range, hash: hash)
    }
    var lengths: [UInt64: Int] = [:]
    func offer(_ left: Int) {
      let right = chain.next[left]
      guard right >= 0, let id = token(starts[left]..<ends[right]), Int(id) < scores.count else { return }
      let item = Self.order(scores[Int(id)]) << 32 | UInt64(left)
      lengths[item] = ends[right] - starts[left]
      queue.push(item)
    }
    for left in 0..<chain.count - 1 { offer(left) }
    while let item = queue.pop() {
      let left = Int(item & 0xFFFF_FFFF)
      guard chain.isAlive(left), chain.next[left] >= 0,
        lengths[item] == ends[chain.next[left]] - starts[left]
      else { continue }
      ends[left] = ends[chain.next[left]]
      chain.removeNext(of: left)
      if chain.previous[left] >= 0 { offer(chain.previous[left]) }
      offer(left)
    }
    for index in 0..<chain.count where chain.isAlive(index) {
      if let id = token(starts[index]..<ends[index]) {
        out.append(id)
      } else {
        for byte in text[starts[index]..<ends[index]] {
          out.append(bytes.isEmpty ? unknown : bytes[Int(byte)])
        }
      }
    }
  }

  /// A number that is the smaller, the higher the score.
  private static func order(_ score: Float) -> UInt64 {
    let bits = score.bitPattern
    let ascending = bits & 0x8000_0000 != 0 ? ~bits : bits | 0x8000_0000
    return UInt64(~ascending)
  }
}
