import MartletTensors
import MartletTokenizers
import MartletTransformers

/// Texts, or pairs of texts, as an encoder reads them: end to end, with their segments.
struct EncoderBatch {
  private(set) var batch = PackedBatch()
  private(set) var segmentIDs: [Int] = []
  /// How many tokens of each were cut to fit the context.
  private(set) var cutTokens: [Int] = []

  /// One text with the model's special tokens. Those written in it are recognised, as transformers does.
  mutating func append(_ text: String, _ tokenizer: Tokenizer) {
    let ids = tokenizer.encode(text, addSpecialTokens: true, parseSpecialTokens: true)
    batch.append(ids)
    segmentIDs += repeatElement(0, count: ids.count)
    cutTokens.append(0)
  }

  /// Two texts with the model's special tokens; of a pair beyond `context` tokens the longer text is cut.
  mutating func append(_ first: String, _ second: String, _ tokenizer: Tokenizer, context: Int) {
    let pair = tokenizer.encode(pair: first, second, maximumTokens: context)
    batch.append(pair.ids)
    segmentIDs += pair.typeIDs.map(Int.init)
    cutTokens.append(pair.cutTokens)
  }
}
