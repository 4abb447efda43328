/// Reads subtitles, SubRip (.srt) and WebVTT (.vtt): what is said, with the time at which it is shown.
///
/// Cues are joined to passages of some sentences, which end at a pause; a cue that says again what the one before said, as
/// rolling captions do, is left out.
struct SubtitleLoader {
  /// A passage ends at the first full stop after so many characters, and in any case after three times as many.
  static let passageLength = 300
  /// A pause of so many seconds ends a passage.
  static let pause = 4.0

  let path: String

  func load(_ body: (Section) throws -> Void) throws -> DocumentSummary {
    let (text, warnings) = try WholeFile.text(path, limit: SourceCodeLoader.maximumBytes)
    var passages = SubtitlePassages()
    let lines = LineTable(text)
    var line = 1
    var cues = 0
    while line <= lines.count {
      defer { line += 1 }
      guard let time = SubtitleTime.range(in: String(decoding: lines.bytes(of: line), as: UTF8.self)) else {
        continue
      }
      cues += 1
      let first = line
      var words: [String] = []
      while line + 1 <= lines.count, !lines.isBlank(line + 1) {
        let next = String(decoding: lines.bytes(of: line + 1), as: UTF8.self)
        // Files without blank lines between cues: the number of the next one belongs to it.
        if SubtitleTime.range(in: next) != nil { break }
        if line + 2 <= lines.count, next.allSatisfy({ $0.isNumber || $0 == " " }),
          SubtitleTime.range(in: String(decoding: lines.bytes(of: line + 2), as: UTF8.self)) != nil
        {
          break
        }
        line += 1
        words.append(SubtitleText.plain(next))
      }
      for section in passages.append(words, time, first...line) { try body(section) }
    }
    for section in passages.finish() { try body(section) }
    if cues == 0, !text.allSatisfy({ $0 <= 0x20 }) {
      throw DocumentError(
        path: path, problem: .damaged(detail: "it has no cue with times, as subtitles have"))
    }
    return DocumentSummary(kind: .subtitles, warnings: warnings)
  }
}

/// Joins cues to passages.
private struct SubtitlePassages {
  private var words: [String] = []
  private var length = 0
  private var time = 0.0...0.0
  private var lines = 1...1
  private var last: [String] = []

  mutating func append(_ cue: [String], _ cueTime: ClosedRange<Double>, _ cueLines: ClosedRange<Int>)
    -> [Section]
  {
    // Rolling captions show their last line once more above the new one.
    let new = cue.filter { !$0.isEmpty && !last.contains($0) }
    last = cue
    guard !new.isEmpty else {
      if !words.isEmpty { time = time.lowerBound...max(time.upperBound, cueTime.upperBound) }
      return []
    }
    var finished: [Section] = []
    let isFull =
      length >= SubtitleLoader.passageLength && words.last?.last.map { ".!?…。！？\"”".contains($0) } == true
    if isFull || length >= SubtitleLoader.passageLength * 3
      || cueTime.lowerBound - time.upperBound > SubtitleLoader.pause || cueTime.lowerBound < time.lowerBound
    {
      finished = finish()
    }
    if words.isEmpty { (time, lines) = (cueTime, cueLines) }
    words += new
    length += new.reduce(0) { $0 + $1.count + 1 }
    time = time.lowerBound...max(time.upperBound, cueTime.upperBound)
    lines = lines.lowerBound...cueLines.upperBound
    return finished
  }

  mutating func finish() -> [Section] {
    guard !words.isEmpty else { return [] }
    var section = Section(
      text: words.joined(separator: "\n"), startLine: lines.lowerBound, endLine: lines.upperBound,
      linesFollowFile: false)
    section.place = .time(time)
    (words, length) = ([], 0)
    return [section]
  }
}

/// The times of cues.
enum SubtitleTime {
  /// Reads "00:01:02,500 --> 00:01:05,000" and WebVTT's shorter forms, in seconds.
  static func range(in line: String) -> ClosedRange<Double>? {
    guard let arrow = line.firstRange(of: "-->") else { return nil }
    let after = line[arrow.upperBound...].split { $0 == " " || $0 == "\t" }.first ?? ""
    guard let start = seconds(line[..<arrow.lowerBound]), let end = seconds(after) else { return nil }
    return start...max(start, end)
  }

  private static func seconds(_ text: Substring) -> Double? {
    let parts = text.filter { $0 != " " && $0 != "\t" }.split(
      separator: ":", omittingEmptySubsequences: false)
    guard 2...3 ~= parts.count else { return nil }
    var total = 0.0
    for part in parts {
      guard let number = Double(part.replacing(",", with: ".")), number >= 0, number < 1e6 else { return nil }
      total = total * 60 + number
    }
    return total
  }
}

/// The text of cues.
enum SubtitleText {
  /// The text without tags, and with the name of who speaks before it.
  static func plain(_ line: String) -> String {
    guard line.contains("<") || line.contains("{") || line.contains("&") else {
      return SectionBuilder.oneLine(line)
    }
    var out = ""
    var rest = line[...]
    while let character = rest.popFirst() {
      if character == "<", let end = rest.firstIndex(of: ">") {
        let tag = rest[..<end]
        if tag.hasPrefix("v "), tag.count > 2 { out += tag.dropFirst(2) + ": " }
        rest = rest[rest.index(after: end)...]
      } else if character == "{", rest.first == "\\", let end = rest.firstIndex(of: "}") {
        rest = rest[rest.index(after: end)...]
      } else {
        out.append(character)
      }
    }
    let entities = [
      ("&lt;", "<"), ("&gt;", ">"), ("&nbsp;", " "), ("&lrm;", ""), ("&rlm;", ""), ("&amp;", "&"),
    ]
    for (entity, character) in entities where out.contains(entity) {
      out = out.replacing(entity, with: character)
    }
    return SectionBuilder.oneLine(out)
  }
}
