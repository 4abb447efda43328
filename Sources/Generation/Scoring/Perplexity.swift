import Foundation
import MartletTensors
import MartletTokenizers
import MartletTransformers

/// How well a model predicts a text, counted as llama.cpp's `llama-perplexity` counts it.
public struct Perplexity: Sendable, Equatable {
  /// The exponential of the mean loss.
  public let perplexity: Double
  /// The tokens that were scored.
  public let tokenCount: Int
}

extension LocalModel {
  /// The perplexity of a text: it is cut into full windows of `context` tokens, the second half of each is scored,
  /// and the remainder is dropped.
  /// - Parameters:
  ///   - text: What the model is to predict.
  ///   - context: The tokens of a window, from 4 up to ``context``; less counts as 4.
  ///   - progress: Called after each window with how many are done and how many there are.
  /// - Throws: ``GenerationError/textTooShort(tokens:needed:)`` where there is no full window, and
  ///   ``GenerationError/contextTooLong(asked:longest:)`` where a window is longer than the model's context.
  public func perplexity(
    of text: String, context: Int = 512, progress: (Int, Int) -> Void = { _, _ in }
  ) throws -> Perplexity {
    let context = max(4, context)
    guard context <= self.context else {
      throw GenerationError.contextTooLong(asked: context, longest: self.context)
    }
    let tokens = tokenizer.encode(text, addSpecialTokens: true)
    let windows = tokens.count / context
    guard windows > 0 else { throw GenerationError.textTooShort(tokens: tokens.count, needed: context) }
    var sum = 0.0
    var scored = 0
    for window in 0..<windows {
      var ids = Array(tokens[window * context..<(window + 1) * context])
      if tokenizer.special.addsBOS, let beginning = tokenizer.special.bos { ids[0] = beginning }
      let losses = try losses(of: ids, from: context / 2)
      sum += losses.reduce(0) { $0 + Double($1) }
      scored += losses.count
      progress(window + 1, windows)
    }
    return Perplexity(perplexity: exp(sum / Double(scored)), tokenCount: scored)
  }

  /// The loss (negative log-probability, in nats) of each token of `ids` after position `first`, given all before it.
  /// - Throws: ``GenerationError`` where ids are unknown or do not fit into the context.
  public func losses(of ids: [TokenID], from first: Int = 0) throws -> [Float] {
    if let unknown = ids.first(where: { $0 < 0 || $0 >= tokenizer.vocabularySize }) {
      throw GenerationError.unknownToken(unknown, vocabularySize: tokenizer.vocabularySize)
    }
    try transformer.check(ids)
    guard ids.count <= context else {
      throw GenerationError.promptTooLong(promptTokenCount: ids.count, contextLength: context)
    }
    guard ids.count > first + 1, first >= 0 else { return [] }
    let hidden = try transformer.hiddenStates(of: PackedBatch(ids, cache: transformer.makeCache(cacheType)))
    // Logits of a whole window would be its tokens times the vocabulary; a few rows at a time are enough.
    let rowsPerStep = 64
    var losses: [Float] = []
    for begin in stride(from: first, to: ids.count - 1, by: rowsPerStep) {
      let rows = begin..<min(ids.count - 1, begin + rowsPerStep)
      let logits = transformer.logits(of: hidden.gatherRows(Array(rows)))
      losses += logits.crossEntropy(targets: rows.map { Int(ids[$0 + 1]) })
    }
    return losses
  }
}
