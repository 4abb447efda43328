import MartletCheckpoints

/// What the head on top of an encoder is for.
public enum EncoderHead: String, Sendable, CaseIterable {
  /// Which words masked tokens hide: ``MaskedLanguageModel``.
  case maskedLanguage = "masked words"
  /// Whether one sentence follows another: ``NextSentencePredictor``.
  case nextSentence = "next sentences"
  /// What a text, or a pair of texts, is: ``SequenceClassifier``.
  case sequenceClassification = "classifying texts"
  /// What each token is: ``TokenClassifier``.
  case tokenClassification = "classifying tokens"
  /// Where in a passage an answer stands, which Martlet does not compute.
  case questionAnswering = "extracting answers"

  /// The heads of a checkpoint, by its tensors.
  public static func heads(of checkpoint: Checkpoint) -> [EncoderHead] {
    let names = checkpoint.tensors.tensors.map(\.name)
    func has(_ prefixes: String...) -> Bool {
      names.contains { name in prefixes.contains { name.hasPrefix($0) } }
    }
    var heads: [EncoderHead] = []
    if has("cls.predictions.", "lm_head.", "vocab_transform.") { heads.append(.maskedLanguage) }
    if has("cls.seq_relationship.") { heads.append(.nextSentence) }
    if has("classifier.") {
      // Both kinds have a tensor of this name; the class that saved them says which.
      let isOfTokens = checkpoint.configuration["architectures"]?.arrayValue?.contains {
        $0.stringValue?.hasSuffix("ForTokenClassification") == true
      }
      heads.append(isOfTokens == true ? .tokenClassification : .sequenceClassification)
    }
    if has("qa_outputs.") { heads.append(.questionAnswering) }
    return heads
  }

  /// Whether a tensor belongs to a head, or is a buffer that old versions saved, so that the encoder does without it.
  static func isPartOfHead(_ name: String) -> Bool {
    let prefixes = ["cls.", "classifier.", "pre_classifier.", "lm_head.", "vocab_", "qa_outputs."]
    return prefixes.contains { name.hasPrefix($0) } || name.contains("pooler.")
      || name.hasSuffix("position_ids") || name.hasSuffix("token_type_ids")
  }
}
