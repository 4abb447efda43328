/// Finds stop texts in text that comes in pieces.
///
/// What may be the beginning of a stop text is held back until it is known not to be one; no part of the stop text that
/// ends the text is ever passed on. That is the one which is complete first, so that the pieces do not matter.
struct StopSequenceMatcher: Sendable {
  private let stops: [[UInt8]]
  private var held: [UInt8] = []

  /// A matcher for `stops`; empty ones are ignored, since they would stop everything at once.
  init(_ stops: [String]) {
    self.stops = stops.map { Array($0.utf8) }.filter { !$0.isEmpty }
  }

  /// Takes the next piece.
  /// - Returns: What can be passed on, and whether a stop text was found behind it.
  mutating func append(_ piece: String) -> (passed: String, found: Bool) {
    guard !stops.isEmpty else { return (piece, false) }
    held += Array(piece.utf8)
    if let first = firstMatch() {
      let passed = String(decoding: held[..<first], as: UTF8.self)
      held = []
      return (passed, true)
    }
    var kept = stops.map { Self.overlap(of: held, with: $0) }.max() ?? 0
    // A stop text may begin in the middle of a character only by accident: pass whole characters on.
    while kept > 0, kept < held.count, held[held.count - kept] & 0xc0 == 0x80 { kept += 1 }
    let passed = String(decoding: held.dropLast(kept), as: UTF8.self)
    held = Array(held.suffix(kept))
    return (passed, false)
  }

  /// The text that was held back, when nothing follows any more.
  mutating func finish() -> String {
    defer { held = [] }
    return String(decoding: held, as: UTF8.self)
  }

  /// Where the stop text begins that is complete first; of several that end together, the longest.
  private func firstMatch() -> Int? {
    var best: (end: Int, start: Int)?
    for stop in stops {
      guard let start = Self.firstIndex(of: stop, in: held) else { continue }
      let match = (end: start + stop.count, start: start)
      if let known = best, known <= match { continue }
      best = match
    }
    return best?.start
  }

  private static func firstIndex(of stop: [UInt8], in text: [UInt8]) -> Int? {
    guard text.count >= stop.count else { return nil }
    return (0...text.count - stop.count).first { text[$0..<$0 + stop.count].elementsEqual(stop) }
  }

  /// The length of the longest end of `text` that is a beginning of `stop`.
  private static func overlap(of text: [UInt8], with stop: [UInt8]) -> Int {
    let longest = min(text.count, stop.count - 1)
    guard longest > 0 else { return 0 }
    return (1...longest).last { text.suffix($0).elementsEqual(stop.prefix($0)) } ?? 0
  }
}
