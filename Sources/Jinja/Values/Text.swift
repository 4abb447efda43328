/// Python's operations on `str`, by Unicode scalars and without normalization.
enum Text {
  typealias Bytes = [UInt8]

  static func string(_ bytes: some Collection<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }

  static func string(_ scalars: some Sequence<Unicode.Scalar>) -> String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return String(view)
  }

  /// The first place of `part` in `whole`, as offsets into its UTF-8.
  static func firstRange(of part: String, in whole: String) -> Range<Int>? {
    firstRange(of: Bytes(part.utf8), in: Bytes(whole.utf8), from: 0)
  }

  static func firstRange(of part: Bytes, in whole: Bytes, from start: Int) -> Range<Int>? {
    guard let first = part.first else { return start..<start }
    var place = start
    while place + part.count <= whole.count {
      guard let candidate = whole[place...].firstIndex(of: first), candidate + part.count <= whole.count
      else {
        return nil
      }
      if whole[candidate..<candidate + part.count].elementsEqual(part) {
        return candidate..<candidate + part.count
      }
      place = candidate + 1
    }
    return nil
  }

  /// The places of `part` from the left, none of which overlap.
  static func ranges(of part: Bytes, in whole: Bytes, limit: Int = .max) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    var start = 0
    while ranges.count < limit, let range = firstRange(of: part, in: whole, from: start) {
      ranges.append(range)
      start = range.upperBound
    }
    return ranges
  }

  /// The places of `part` from the right, leftmost first.
  static func lastRanges(of part: Bytes, in whole: Bytes, limit: Int = .max) -> [Range<Int>] {
    let mirrored = ranges(of: part.reversed(), in: whole.reversed(), limit: limit)
    return mirrored.reversed().map { whole.count - $0.upperBound..<whole.count - $0.lowerBound }
  }

  /// `str.replace`; a negative limit replaces all.
  static func replace(_ old: String, with new: String, in whole: String, limit: Int = -1)
    throws(TemplateError) -> String
  {
    let limit = limit < 0 ? Int.max : limit
    let bytes = Bytes(whole.utf8)
    if old.isEmpty {
      try requireRoom(min(limit, bytes.count + 1), times: new.utf8.count)
      return insert(new, between: whole, limit: limit)
    }
    var result = Bytes()
    var start = 0
    let places = ranges(of: Bytes(old.utf8), in: bytes, limit: limit)
    try requireRoom(places.count, times: new.utf8.count)
    for range in places {
      result += bytes[start..<range.lowerBound]
      result += new.utf8
      start = range.upperBound
    }
    return string(result + bytes[start...])
  }

  private static func insert(_ text: String, between whole: String, limit: Int) -> String {
    var result = ""
    var inserted = 0
    for scalar in whole.unicodeScalars {
      if inserted < limit {
        result += text
        inserted += 1
      }
      result.unicodeScalars.append(scalar)
    }
    return inserted < limit ? result + text : result
  }

  /// `str.split` or `str.rsplit` with a separator.
  static func split(_ whole: String, by separator: String, limit: Int, fromRight: Bool) -> [String] {
    let bytes = Bytes(whole.utf8)
    let limit = limit < 0 ? Int.max : limit
    let part = Bytes(separator.utf8)
    let cuts =
      fromRight ? lastRanges(of: part, in: bytes, limit: limit) : ranges(of: part, in: bytes, limit: limit)
    var pieces: [String] = []
    var start = 0
    for cut in cuts {
      pieces.append(string(bytes[start..<cut.lowerBound]))
      start = cut.upperBound
    }
    pieces.append(string(bytes[start...]))
    return pieces
  }

  /// `str.split()` at runs of whitespace.
  static func splitAtSpaces(_ whole: String, limit: Int, fromRight: Bool) -> [String] {
    var scalars = Array(whole.unicodeScalars)
    if fromRight { scalars.reverse() }
    var pieces: [[Unicode.Scalar]] = []
    var rest = scalars.drop(while: \.isPythonSpace)
    while !rest.isEmpty {
      if limit >= 0, pieces.count >= limit {
        pieces.append(Array(rest))
        break
      }
      let word = rest.prefix { !$0.isPythonSpace }
      pieces.append(Array(word))
      rest = rest[word.endIndex...].drop(while: \.isPythonSpace)
    }
    if fromRight { pieces = pieces.reversed().map { $0.reversed() } }
    return pieces.map { string($0) }
  }

  /// `str.splitlines`.
  static func lines(of whole: String, keepingEnds: Bool = false) -> [String] {
    var lines: [String] = []
    var line = String.UnicodeScalarView()
    var previous: Unicode.Scalar?
    for scalar in whole.unicodeScalars {
      if previous == "\r", scalar == "\n" {
        if keepingEnds, !lines.isEmpty { lines[lines.count - 1] += "\n" }
        previous = nil
        continue
      }
      previous = scalar
      if scalar.isLineBoundary {
        if keepingEnds { line.append(scalar) }
        lines.append(String(line))
        line.removeAll()
      } else {
        line.append(scalar)
      }
    }
    if !line.isEmpty { lines.append(String(line)) }
    return lines
  }

  /// Fails where a text of `count` parts of `bytes` bytes would be too long.
  static func requireRoom(_ count: Int, times bytes: Int = 1) throws(TemplateError) {
    let (total, overflow) = count.multipliedReportingOverflow(by: bytes)
    guard !overflow, total <= RenderLimits.maximumTextBytes else {
      throw TemplateError(.limit("a text grows longer than \(RenderLimits.maximumTextBytes) bytes"))
    }
  }

  enum Side { case left, right, both }

  /// `str.strip` and its one-sided forms; without characters, of whitespace.
  static func strip(_ whole: String, _ characters: String?, _ side: Side) -> String {
    let set = characters.map { Set($0.unicodeScalars) }
    let scalars = whole.unicodeScalars
    var start = scalars.startIndex
    var end = scalars.endIndex
    func isStripped(_ scalar: Unicode.Scalar) -> Bool { set?.contains(scalar) ?? scalar.isPythonSpace }
    if side != .right {
      while start < end, isStripped(scalars[start]) { start = scalars.index(after: start) }
    }
    if side != .left {
      while start < end, isStripped(scalars[scalars.index(before: end)]) { end = scalars.index(before: end) }
    }
    return String(scalars[start..<end])
  }

  /// Fills up to a width: `str.center`, `ljust`, `rjust`.
  static func pad(
    _ text: String, to width: Int, with fill: Unicode.Scalar, _ side: Side
  ) throws(TemplateError) -> String {
    try requireRoom(max(0, width), times: 4)
    let missing = max(0, width - text.unicodeScalars.count)
    guard missing > 0 else { return text }
    // CPython's rounding of the left part of an odd margin.
    let before = side == .left ? 0 : side == .right ? missing : missing / 2 + (missing & width & 1)
    let blank = String(Character(fill))
    return String(repeating: blank, count: before) + text + String(repeating: blank, count: missing - before)
  }
}
