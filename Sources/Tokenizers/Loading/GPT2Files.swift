import MartletJSON

extension TokenizerCore {
  /// GPT-2's own two files (openai/gpt-2 `encoder.py`).
  static func make(vocabularyJSON: [UInt8], merges: [UInt8]) throws(TokenizerError) -> (
    TokenizerCore, SpecialTokens
  ) {
    let json: JSON
    do { json = try JSON(parsing: vocabularyJSON) } catch { throw .notJSON(error) }
    guard let vocabulary = json.objectValue else {
      throw .malformed(field: "vocabulary", problem: "is not an object")
    }
    var byID = [[UInt8]?](repeating: nil, count: vocabulary.count)
    for (token, id) in vocabulary {
      guard let id = id.intValue, byID.indices.contains(id), byID[id] == nil else {
        throw .malformed(field: "vocabulary", problem: "gives \"\(token)\" the id \(id.serialized())")
      }
      byID[id] = Array(token.utf8)
    }
    var spellings = PackedStrings()
    for bytes in byID { spellings.append(bytes ?? []) }
    var lines = PackedStrings()
    for line in merges.split(separator: 0x0A) where !line.starts(with: "#version".utf8) {
      lines.append(line.last == 0x0D ? line.dropLast() : line)
    }
    let model = try BytePairModel(
      spellings: spellings, mergeLines: lines, field: "merges", wholePieces: false)
    var special = SpecialTokens()
    var added: [AddedTokens.Token] = []
    if let end = TokenTable(spellings).find("<|endoftext|>".utf8) {
      added.append(AddedTokens.Token(id: end, bytes: Array("<|endoftext|>".utf8), isSpecial: true))
      special.bos = end
      special.eos = end
      special.endOfGeneration = [end]
    }
    let core = TokenizerCore(
      spellings: spellings, normalizer: Normalizer(),
      model: .bytePairs(model, PatternScanner(.gpt2), digitsApart: false), added: added,
      decoder: TokenDecoder([.byteLevel]))
    return (core, special)
  }
}
