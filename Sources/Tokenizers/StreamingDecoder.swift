/// Turns ids that come one by one into text that never ends in half a character.
public struct StreamingDecoder: Sendable {
  private let core: TokenizerCore
  private let skipsSpecial: Bool
  private var pending: [UInt8] = []
  private var isFirst = true

  init(core: TokenizerCore, skipsSpecial: Bool) {
    self.core = core
    self.skipsSpecial = skipsSpecial
  }

  /// The text that is certain now. What may be the beginning of a character waits for the next id.
  public mutating func append(_ id: TokenID) -> String {
    guard core.decoded.indices.contains(Int(id)) else { return "" }
    if core.added.specialIDs.contains(id) {
      guard !skipsSpecial else { return "" }
      pending += core.separator(before: core.spellings.bytes(at: Int(id)), isFirst: isFirst)
      pending += core.spellings.bytes(at: Int(id))
    } else {
      pending += core.text(of: Int(id), isFirst: isFirst)
    }
    isFirst = false
    return takeWholeCharacters()
  }

  /// The rest, when nothing follows any more; half a character reads as U+FFFD.
  public mutating func finish() -> String {
    defer { pending = [] }
    return String(decoding: pending, as: UTF8.self)
  }

  private mutating func takeWholeCharacters() -> String {
    // At most the last three bytes can be the beginning of a character.
    var whole = pending.count
    for back in 1...3 where back <= pending.count {
      let byte = pending[pending.count - back]
      if UTF8Scalars.isContinuation(byte) { continue }
      let length = byte < 0xC0 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : byte < 0xF8 ? 4 : 1
      if length > back { whole = pending.count - back }
      break
    }
    defer { pending.removeFirst(whole) }
    return String(decoding: pending[..<whole], as: UTF8.self)
  }
}

extension TokenizerCore {
  /// The bytes that a token adds to a text.
  func text(of id: Int, isFirst: Bool) -> [UInt8] {
    let bytes = decoded.bytes(at: id)
    switch decoding {
    case .bytes: return Array(bytes)
    case .sentencePiece(let dropsFirstSpace):
      return isFirst && dropsFirstSpace && bytes.first == 0x20 ? Array(bytes.dropFirst()) : Array(bytes)
    case .words(let cleansUp):
      if bytes.starts(with: "##".utf8) { return isFirst ? Array(bytes) : Array(bytes.dropFirst(2)) }
      let word = Array(bytes)
      return cleansUp && !isFirst && Self.joinsLeft(word)
        ? word : separator(before: bytes, isFirst: isFirst) + word
    }
  }

  func separator(before word: ArraySlice<UInt8>, isFirst: Bool) -> [UInt8] {
    if case .words = decoding, !isFirst { return [0x20] }
    return []
  }

  /// What `transformers` writes without a space before it (`clean_up_tokenization`).
  private static func joinsLeft(_ word: [UInt8]) -> Bool {
    [".", "?", "!", ","].contains(String(decoding: word, as: UTF8.self))
  }
}
