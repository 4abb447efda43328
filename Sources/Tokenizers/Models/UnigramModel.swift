/// The unigram language model (Kudo 2018, "Subword Regularization"): of all ways to cut a text into tokens, the one
/// whose log-probabilities have the greatest sum, found by Viterbi's algorithm over a trie.
///
/// Ties, unknown characters and byte tokens are those of Hugging Face `tokenizers` (`models/unigram/model.rs`), which
/// follows google/sentencepiece `unigram_model.cc`.
struct UnigramModel: Sendable {
  private let tokens: Trie
  /// Log-probabilities, by id.
  private let scores: [Double]
  private let unknown: TokenID?
  /// Less than the worst token's score, by 10, as in sentencepiece.
  private let unknownScore: Double
  /// Where unknown characters are spelled in bytes.
  private let bytes: ByteTokens?

  /// - Parameters:
  ///   - accepts: whether a token may be found in a text; special tokens may not.
  ///   - scores: as many as spellings; finite.
  init(
    _ spellings: PackedStrings, scores: [Double], unknown: TokenID?, minimumScore: Double,
    fallsBackToBytes: Bool,
    accepts: (Int) -> Bool
  ) {
    var tokens = Trie()
    for index in spellings.indices where index < scores.count && accepts(index) {
      tokens.insert(spellings.bytes(at: index), value: Int32(index))
    }
    self.tokens = tokens
    self.scores = scores
    self.unknown = unknown
    unknownScore = minimumScore - 10
    bytes = fallsBackToBytes ? ByteTokens(in: TokenTable(spellings)) : nil
  }

  /// The best way to each place of the text: its score, and the last token on it.
  private struct Node {
    var score = 0.0
    var start: Int32 = -1
    var id: TokenID = -1
  }

  /// Appends the ids of `range` of `text`.
  func encode(_ text: [UInt8], _ range: Range<Int>, into out: inout [TokenID], ends: inout [Int], marks: Bool)
  {
    let nodes = bestPaths(text, range)
    var path: [(range: Range<Int>, id: TokenID)] = []
    var end = range.count
    while end > 0 {
      let node = nodes[end]
      let own = range.lowerBound + Int(node.start)..<range.lowerBound + end
      // Unknown characters in a row are one.
      if node.id < 0, let last = path.last, last.id < 0 {
        path[path.count - 1].range = own.lowerBound..<last.range.upperBound
      } else {
        path.append((own, node.id))
      }
      end = Int(node.start)
    }
    for step in path.reversed() {
      let first = out.count
      if step.id >= 0 { out.append(step.id) } else { appendUnknown(text, step.range, to: &out) }
      if marks { for _ in first..<out.count { ends.append(step.range.upperBound) } }
    }
  }

  private func appendUnknown(_ text: [UInt8], _ range: Range<Int>, to out: inout [TokenID]) {
    if let bytes, bytes.append(text, range, to: &out) { return }
    if let unknown { out.append(unknown) }
  }

  private func bestPaths(_ text: [UInt8], _ range: Range<Int>) -> [Node] {
    var nodes = [Node](repeating: Node(), count: range.count + 1)
    var start = 0
    while start < range.count {
      let before = nodes[start].score
      let character = min(UTF8Scalars.length(text[range.lowerBound + start]), range.count - start)
      var hasCharacter = false
      var node = Trie.root
      var end = start
      while end < range.count, let next = tokens.child(of: node, text[range.lowerBound + end]) {
        node = next
        end += 1
        let id = tokens.value(at: node)
        guard id >= 0 else { continue }
        hasCharacter = hasCharacter || end - start == character
        let score = before + scores[Int(id)]
        if nodes[end].start < 0 || score > nodes[end].score {
          nodes[end] = Node(score: score, start: Int32(truncatingIfNeeded: start), id: id)
        }
      }
      if !hasCharacter {
        let score = before + unknownScore
        let end = start + character
        if nodes[end].start < 0 || score > nodes[end].score {
          nodes[end] = Node(score: score, start: Int32(truncatingIfNeeded: start), id: -1)
        }
      }
      start += character
    }
    return nodes
  }
}
