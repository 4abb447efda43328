import MartletLanguageModels
import MartletTensors
import MartletTokenizers
import MartletTransformers

/// Computes how probable continuations are, and whatever several of them share once.
struct ContinuationScorer {
  let model: any CausalTransformer
  let memory: SequenceMemory

  /// The most tokens of one step, and as few as they become where a step takes so long that who cancels would wait.
  private static let tokensPerStep = 64...512
  private static let longestStep = Duration.seconds(1)
  /// Logits of a whole step would be its tokens times the vocabulary; a few rows at a time are enough.
  private static let rowsOfLogits = 64

  /// What is known of one sequence so far.
  struct Sum {
    var logLikelihood = 0.0
    var isGreedy = true
  }

  /// The scores of `sequences`.
  /// - Parameters:
  ///   - sequences: None is shorter than two tokens, and all fit into the context.
  ///   - isCancelled: Asked before each step, and before each part of its logits.
  /// - Throws: `CancellationError`, ``GenerationError/notANumber``, `ModelError`, or `PagePoolError`.
  func sums(of sequences: [ScoredSequence], isCancelled: () -> Bool) throws -> [Sum] {
    let tree = ScoringTree(sequences)
    var sums = [Sum](repeating: Sum(), count: sequences.count)
    // The last of the list is next: branches end soon, and with them what they hold.
    var open = try tree.roots.reversed().map { try begin(tree.nodes[$0], $0, sequences) }
    var tokensPerStep = Self.tokensPerStep.upperBound
    while !open.isEmpty {
      if isCancelled() { throw CancellationError() }
      let start = ContinuousClock.now
      var parts: [(piece: Piece, count: Int)] = []
      var room = tokensPerStep
      while room > 0, let piece = open.popLast() {
        let count = min(room, piece.unread.count)
        room -= count
        parts.append((piece, count))
      }
      try compute(parts, tree, sequences, isCancelled, &sums)
      if ContinuousClock.now - start > Self.longestStep {
        tokensPerStep = max(Self.tokensPerStep.lowerBound, tokensPerStep / 2)
      }
      for (piece, count) in parts.reversed() {
        if count < piece.unread.count {
          open.append(piece.dropping(count))
        } else {
          open += finish(piece, tree)
        }
      }
    }
    return sums
  }

  /// A node at work: its sequence, and what of its tokens is unread.
  private struct Piece {
    let node: Int
    let cache: KeyValueCache
    let unread: Range<Int>

    func dropping(_ count: Int) -> Piece {
      Piece(node: node, cache: cache, unread: unread.lowerBound + count..<unread.upperBound)
    }
  }

  /// A node that continues nothing but what is known from before.
  private func begin(_ node: ScoringTree.Node, _ index: Int, _ sequences: [ScoredSequence]) throws -> Piece {
    // Rows whose logits are needed must be computed.
    let limit = node.members.map { sequences[$0].firstScored - 1 }.min() ?? 0
    let input = sequences[node.members[0]].input
    let cache = memory.prefixes.fork(input.prefix(node.range.upperBound), limit: limit)
    return Piece(node: index, cache: cache, unread: cache.length..<node.range.upperBound)
  }

  /// The nodes that continue one that is computed.
  private func finish(_ piece: Piece, _ tree: ScoringTree) -> [Piece] {
    tree.nodes[piece.node].children.reversed().map { child in
      Piece(node: child, cache: piece.cache.fork(at: piece.cache.length), unread: tree.nodes[child].range)
    }
  }

  /// A token to be scored: the row of the step that predicts it, and whose it is.
  private struct Target {
    let row: Int
    let token: TokenID
    let sequence: Int
  }

  private func compute(
    _ parts: [(piece: Piece, count: Int)], _ tree: ScoringTree, _ sequences: [ScoredSequence],
    _ isCancelled: () -> Bool, _ sums: inout [Sum]
  ) throws {
    var batch = PackedBatch()
    var targets: [Target] = []
    for (piece, count) in parts {
      let node = tree.nodes[piece.node]
      let places = piece.unread.lowerBound..<piece.unread.lowerBound + count
      for member in node.members {
        for place in max(
          places.lowerBound, sequences[member].firstScored - 1)..<max(
            places.upperBound, sequences[member].firstScored - 1)
        {
          let row = batch.tokens.count + place - places.lowerBound
          targets.append(Target(row: row, token: sequences[member].tokens[place + 1], sequence: member))
        }
      }
      try memory.reserve(places.upperBound, in: piece.cache)
      batch.append(sequences[node.members[0]].tokens[places], cache: piece.cache)
    }
    let hidden = try model.hiddenStates(of: batch)
    targets.sort { ($0.row, $0.sequence) < ($1.row, $1.sequence) }
    for begin in stride(from: 0, to: targets.count, by: Self.rowsOfLogits) {
      if isCancelled() { throw CancellationError() }
      try add(targets[begin..<min(targets.count, begin + Self.rowsOfLogits)], hidden, &sums)
    }
  }

  private func add(_ targets: ArraySlice<Target>, _ hidden: Tensor, _ sums: inout [Sum]) throws {
    var rows: [Int] = []
    // Choices of one token each are predicted by one row.
    let places = targets.map { target in
      if rows.last != target.row { rows.append(target.row) }
      return rows.count - 1
    }
    let logits = model.logits(of: hidden.gatherRows(rows))
    let losses = logits.gatherRows(places).crossEntropy(targets: targets.map { Int($0.token) })
    let best = rows.indices.map { logits.argmax(row: $0) }
    for ((target, place), loss) in zip(zip(targets, places), losses) {
      guard loss.isFinite else { throw GenerationError.notANumber }
      sums[target.sequence].logLikelihood -= Double(loss)
      if best[place] != Int(target.token) { sums[target.sequence].isGreedy = false }
    }
  }
}
