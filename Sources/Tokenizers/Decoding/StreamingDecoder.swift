/// Turns ids that come one by one into text that never ends in half a character.
public struct StreamingDecoder: Sendable {
  private let core: TokenizerCore
  private let skipsSpecial: Bool
  private var pending: [UInt8] = []
  private var isFirst: Bool
  /// How often what the decoder takes off the beginning may still be taken off.
  private var leading: Int

  init(core: TokenizerCore, skipsSpecial: Bool, continuesText: Bool) {
    self.core = core
    self.skipsSpecial = skipsSpecial
    isFirst = !continuesText
    leading = continuesText ? 0 : core.decoder.leading.count
  }

  /// The text that is certain now. What may be the beginning of a character waits for the next id.
  public mutating func append(_ id: TokenID) -> String {
    guard core.decoded.indices.contains(Int(id)) else { return "" }
    let isSpecial = core.added.specialIDs.contains(id)
    if isSpecial, skipsSpecial { return "" }
    if isSpecial {
      if !isFirst { pending += core.decoder.separator }
      pending += core.spellings.bytes(at: Int(id))
    } else if isFirst {
      pending += core.decoder.bytes(of: core.spellings.bytes(at: Int(id)), isFirst: true)
    } else {
      pending += core.decoded.bytes(at: Int(id))
    }
    isFirst = false
    dropLeading()
    return takeWholeCharacters()
  }

  /// The rest, when nothing follows any more; half a character reads as U+FFFD.
  public mutating func finish() -> String {
    defer { pending = [] }
    return String(decoding: pending, as: UTF8.self)
  }

  private mutating func dropLeading() {
    let content = core.decoder.leading.content
    while leading > 0, !pending.isEmpty {
      guard pending.starts(with: content) else { return leading = 0 }
      pending.removeFirst(content.count)
      leading -= 1
    }
  }

  private mutating func takeWholeCharacters() -> String {
    // At most the last three bytes can be the beginning of a character.
    var whole = pending.count
    for back in 1...3 where back <= pending.count {
      let byte = pending[pending.count - back]
      if UTF8Scalars.isContinuation(byte) { continue }
      let length = byte < 0xC0 || byte >= 0xF8 ? 1 : UTF8Scalars.length(byte)
      if length > back { whole = pending.count - back }
      break
    }
    defer { pending.removeFirst(whole) }
    return String(decoding: pending[..<whole], as: UTF8.self)
  }
}
