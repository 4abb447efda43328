/// Pictures and other bytes that are written into text in base64.
enum BinaryPayload {
  /// Shorter runs may be words, keys or checksums.
  private static let shortestRun = 400

  /// The text without data in `data:` addresses and without long runs of base64, and how many there were.
  static func removed(from text: String) -> (text: String, count: Int) {
    guard text.utf8.count >= 64, hasRun(text) else { return (text, 0) }
    let bytes = Array(text.utf8)
    var out: [UInt8] = []
    var count = 0
    var kept = 0
    var at = 0
    while at < bytes.count {
      guard isBase64(bytes[at]) else {
        at += 1
        continue
      }
      let start = at
      at = end(of: start, bytes)
      let isData = endsWithMark(bytes[..<start])
      guard at - start >= (isData ? 32 : shortestRun), isData || isMixed(bytes[start..<at]) else { continue }
      out += bytes[kept..<start]
      kept = at
      count += 1
    }
    guard count > 0 else { return (text, 0) }
    return (String(decoding: out + bytes[kept...], as: UTF8.self), count)
  }

  /// Whether a text has a run that may be a payload. A run of so many bytes has one at each of so many places, so that few
  /// bytes of prose are looked at.
  private static func hasRun(_ text: String) -> Bool {
    let shortest = 32
    return text.utf8.withContiguousStorageIfAvailable { bytes in
      var at = shortest - 1
      while at < bytes.count {
        var (start, end) = (at, at)
        while start > 0, isBase64(bytes[start - 1]), at - start < shortest { start -= 1 }
        while end < bytes.count, isBase64(bytes[end]), end - at < shortest { end += 1 }
        if isBase64(bytes[at]), end - start >= shortest { return true }
        at += shortest
      }
      return false
    } ?? true
  }

  /// The end of a run; lines of base64 go on on the next line where they are all long.
  private static func end(of start: Int, _ bytes: [UInt8]) -> Int {
    var at = start
    while true {
      let lineStart = at
      while at < bytes.count, isBase64(bytes[at]) { at += 1 }
      while at < bytes.count, bytes[at] == UInt8(ascii: "=") { at += 1 }
      guard at - lineStart >= 60, at < bytes.count, bytes[at] == 0x0A, at + 1 < bytes.count,
        isBase64(bytes[at + 1])
      else { return at }
      // The last line of a run is shorter, and stands alone.
      var next = at + 1
      while next < bytes.count, isBase64(bytes[next]) || bytes[next] == UInt8(ascii: "=") { next += 1 }
      guard next == bytes.count || bytes[next] <= 0x20 || bytes[next] == UInt8(ascii: "\""), next - at > 4
      else {
        return at
      }
      at += 1
    }
  }

  private static func endsWithMark(_ bytes: ArraySlice<UInt8>) -> Bool {
    bytes.suffix(8).elementsEqual(";base64,".utf8)
  }

  /// Whether capitals, small letters and digits are mixed as in no word.
  private static func isMixed(_ run: ArraySlice<UInt8>) -> Bool {
    var (upper, lower, digits) = (0, 0, 0)
    for byte in run {
      switch byte {
      case 0x41...0x5A: upper += 1
      case 0x61...0x7A: lower += 1
      case 0x30...0x39: digits += 1
      default: break
      }
    }
    return upper * 10 > run.count && lower * 10 > run.count && digits * 50 > run.count
  }

  private static func isBase64(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x41...0x5A, 0x61...0x7A, 0x30...0x39, UInt8(ascii: "+"), UInt8(ascii: "/"): true
    default: false
    }
  }
}

extension BinaryPayload {
  /// The warning that so many were left out; none where none was.
  static func warning(_ count: Int) -> [String] {
    if count == 0 { return [] }
    return [
      "has \(count) \(count == 1 ? "picture or other payload" : "pictures or other payloads") in base64, left out"
    ]
  }
}

/// Leaves payloads out of passages, and counts them.
struct PayloadFilter {
  private var count = 0

  /// What a user should know.
  var warnings: [String] { BinaryPayload.warning(count) }

  /// The passage without payloads; nil where it was nothing else.
  mutating func stripped(_ section: Section) -> Section? {
    guard section.table == nil else { return section }
    let (text, found) = BinaryPayload.removed(from: section.text)
    guard found > 0 else { return section }
    count += found
    var section = section
    section.text = text
    return text.contains { !$0.isWhitespace } ? section : nil
  }
}
