/// SentencePiece's BPE (google/sentencepiece `bpe_model.cc`, and llama.cpp's `llm_tokenizer_spm`): neighbours merge
/// while what they make is a token, the best score first; what is left is spelled in bytes.
struct SentencePieceModel: Sendable {
  let tokens: TokenTable
  let scores: [Float]
  /// For characters that are no token.
  let bytes: ByteTokens
  let unknown: TokenID

  /// Appends the ids of `range` of `text`, whose spaces are already "▁".
  func encode(_ text: [UInt8], _ range: Range<Int>, into out: inout [TokenID], ends: inout [Int], marks: Bool)
  {
    guard !range.isEmpty else { return }
    var symbols = Symbols(text, range)
    var queue = PriorityQueue()
    for left in 0..<symbols.chain.count - 1 { offer(left, &symbols, text, &queue) }
    while let item = queue.pop() {
      let left = Int(item & 0xFFFF_FFFF)
      guard symbols.chain.isAlive(left), symbols.offers[left] == item else { continue }
      symbols.merge(left)
      let before = symbols.chain.previous(left)
      if before >= 0 { offer(before, &symbols, text, &queue) }
      offer(left, &symbols, text, &queue)
    }
    for index in 0..<symbols.chain.count where symbols.chain.isAlive(index) {
      let own = symbols.range(index)
      let first = out.count
      if let id = tokens.find(text, own) {
        out.append(id)
      } else if !bytes.append(text, own, to: &out) {
        out.append(unknown)
      }
      if marks { for _ in first..<out.count { ends.append(own.upperBound) } }
    }
  }

  /// Queues the pair of a symbol and the next one, if it makes a token; what was queued of it before is void.
  private func offer(_ left: Int, _ symbols: inout Symbols, _ text: [UInt8], _ queue: inout PriorityQueue) {
    symbols.offers[left] = .max
    let right = symbols.chain.next(left)
    guard right >= 0,
      let id = tokens.find(text, symbols.range(left).lowerBound..<symbols.range(right).upperBound),
      Int(id) < scores.count
    else { return }
    let item = Self.order(scores[Int(id)]) << 32 | UInt64(left)
    symbols.offers[left] = item
    queue.push(item)
  }

  /// A number that is the smaller, the higher the score.
  private static func order(_ score: Float) -> UInt64 {
    let bits = score.bitPattern
    let ascending = bits & 0x8000_0000 != 0 ? ~bits : bits | 0x8000_0000
    return UInt64(~ascending)
  }

  /// Characters that merge.
  private struct Symbols {
    var chain: SymbolChain
    /// What is queued of each symbol and the next one.
    var offers: [UInt64]
    private var starts: [Int32] = []
    private var ends: [Int32] = []

    init(_ text: [UInt8], _ range: Range<Int>) {
      for index in range where !UTF8Scalars.isContinuation(text[index]) || starts.isEmpty {
        if !starts.isEmpty { ends.append(Int32(truncatingIfNeeded: index)) }
        starts.append(Int32(truncatingIfNeeded: index))
      }
      ends.append(Int32(truncatingIfNeeded: range.upperBound))
      chain = SymbolChain(count: starts.count)
      offers = [UInt64](repeating: .max, count: starts.count)
    }

    func range(_ index: Int) -> Range<Int> { Int(starts[index])..<Int(ends[index]) }

    mutating func merge(_ left: Int) {
      ends[left] = ends[chain.next(left)]
      chain.removeNext(of: left)
    }
  }
}
