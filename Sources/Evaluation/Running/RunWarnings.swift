/// What makes the numbers of a run doubtful, counted over its items.
public enum RunWarnings {
  /// A sentence for each kind of trouble that some of the results have.
  public static func texts(of results: [ItemResult]) -> [String] {
    var texts: [String] = []
    func add(_ text: String, _ isSo: (ItemResult) -> Bool) {
      let ids = results.filter(isSo).map(\.id)
      guard !ids.isEmpty else { return }
      let named = ids.prefix(3).joined(separator: ", ") + (ids.count > 3 ? ", …" : "")
      texts.append("\(ids.count) of \(results.count) items \(text) (\(named)).")
    }
    add("have an output that was cut at the limit of tokens or of the context") { $0.cutOutputs > 0 }
    add("have an output without an answer, because the model's thinking never ended") {
      $0.unansweredOutputs > 0
    }
    add("have an output in which the prompt's rule found no answer") { $0.unextractedOutputs > 0 }
    let cut = results.map(\.cutPromptTokens).max() ?? 0
    add("have a prompt that lost up to \(cut) tokens at its start, because the context is too short") {
      $0.cutPromptTokens > 0
    }
    add("have a choice without a finite log-likelihood, so their scores mean nothing") {
      $0.logLikelihoods?.contains { !$0.isFinite } == true
    }
    return texts
  }
}
