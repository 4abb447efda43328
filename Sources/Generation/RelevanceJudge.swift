import Foundation
import MartletLanguageModels
import MartletTensors
import MartletTokenizers
import MartletTransformers

/// Scores how well passages answer a query with a language model that generates text: it is asked whether a passage
/// answers, and the score is the logarithm of the probability of "yes" against that of "no" (Nogueira et al. 2020; Sun et
/// al. 2023).
///
/// It reads each passage with the query, which takes as long as reading a prompt. A cross-encoder of its size is quicker and
/// was trained for it; this needs no other model than the one that answers.
public struct RelevanceJudge: Reranker {
  private let model: LocalModel
  private let yes, no: [Int]

  /// A judge that asks `model`.
  /// - Throws: ``GenerationError/noChatTemplate(model:named:)`` where the model cannot be asked, and
  ///   ``GenerationError/noAnswerTokens(model:)`` where its vocabulary writes "yes" or "no" in several tokens only.
  public init(_ model: LocalModel) throws {
    try model.requireChatTemplate()
    self.model = model
    func tokens(_ word: String) -> [Int] {
      [word, word.capitalized, " " + word, " " + word.capitalized].compactMap { spelling in
        let ids = model.tokenizer.encode(spelling)
        return ids.count == 1 ? Int(ids[0]) : nil
      }
    }
    (yes, no) = (Array(Set(tokens("yes"))), Array(Set(tokens("no"))))
    guard !yes.isEmpty, !no.isEmpty else { throw GenerationError.noAnswerTokens(model: model.name) }
  }

  /// The model's name.
  public var name: String { model.name }

  /// The question that the model is asked of each passage.
  static func question(_ query: String, _ passage: String) -> String {
    """
    Passage: \(passage)

    Query: \(query)

    Does the passage answer the query? Reply with yes or no.
    """
  }

  /// The natural logarithm of the probability of "yes" among "yes" and "no" for each of `passages`, in their order: 0 at
  /// most. Of a passage beyond the model's context the beginning is read.
  /// - Throws: ``GenerationError``, `TemplateError` or `ModelError`; `CancellationError`, within a batch's time, where the
  ///   task is cancelled.
  public func scores(of passages: [String], for query: String) throws -> [RelevanceScore] {
    let prompts = try passages.map { try prompt(query, $0) }
    var values: [Double] = []
    while values.count < prompts.count {
      try Task.checkCancellation()
      var batch = PackedBatch()
      for prompt in prompts[values.count...] {
        guard batch.tokens.isEmpty || batch.tokens.count + prompt.ids.count <= Self.tokensPerBatch else {
          break
        }
        batch.append(prompt.ids)
      }
      let hidden = try model.transformer.hiddenStates(of: batch)
      let last = hidden.gatherRows(batch.sequences.map { $0.rows.upperBound - 1 })
      let logits = model.transformer.logits(of: last)
      values += try (0..<logits.rows).map { try logits.withRow($0, score) }
    }
    return zip(values, prompts).map { RelevanceScore($0, cutTokens: $1.cut) }
  }

  private static let tokensPerBatch = 512

  private func score(_ logits: UnsafeBufferPointer<Float>) throws(GenerationError) -> Double {
    guard (yes + no).allSatisfy({ logits[$0].isFinite }) else { throw .notANumber }
    let largest = (yes + no).map { Double(logits[$0]) }.max() ?? 0
    func sum(_ ids: [Int]) -> Double { ids.reduce(0) { $0 + exp(Double(logits[$1]) - largest) } }
    let (agree, refuse) = (sum(yes), sum(no))
    return log(agree / (agree + refuse))
  }

  /// The prompt's ids; of a passage that does not fit, the beginning.
  private func prompt(_ query: String, _ passage: String) throws -> (ids: [TokenID], cut: Int) {
    func ids(_ passage: String) throws -> [TokenID] {
      try model.render(.messages([.user(Self.question(query, passage))])).tokens
    }
    let whole = try ids(passage)
    guard whole.count > model.context else { return (whole, 0) }
    let tokens = model.tokenizer.encode(passage)
    var kept = tokens.count - (whole.count - model.context)
    // A cut passage may take some tokens more than the part of the whole one did.
    while kept > 0 {
      let shorter = try ids(model.tokenizer.decode(tokens.prefix(kept)))
      if shorter.count <= model.context { return (shorter, tokens.count - kept) }
      kept -= shorter.count - model.context
    }
    throw GenerationError.promptTooLong(promptTokenCount: whole.count, contextLength: model.context)
  }
}
