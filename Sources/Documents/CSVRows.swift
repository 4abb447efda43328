/// Cuts separated values into records, piece by piece.
package struct CSVRows {
  private let quote = UInt8(ascii: "\"")
  private let newline = UInt8(ascii: "\n")
  private var separator: UInt8?
  /// What was read and is no complete record yet.
  private var rest: [UInt8] = []
  private var lineNumber = 1
  /// How many quotation marks opened a field and never closed it.
  private(set) var strayQuotes = 0

  /// Whether cells keep the white space at their ends, and two quotation marks inside quotation marks are read as one
  /// (RFC 4180); else cells are as people look at them.
  private let isExact: Bool
  /// A record longer than this began with a stray quotation mark: each of its lines is a record.
  private let maximumRecordBytes: Int

  /// - Parameter separator: What stands between cells; nil tells it from the first lines.
  init(separator: UInt8?) {
    self.separator = separator
    (isExact, maximumRecordBytes) = (false, CSVLoader.maximumRecordBytes)
  }

  /// Rows whose cells are taken to the letter.
  package init(exactly separator: UInt8, maximumRecordBytes: Int) {
    self.separator = separator
    (isExact, self.maximumRecordBytes) = (true, maximumRecordBytes)
  }

  /// Takes the next piece of the text, and gives the records that are complete.
  package mutating func append(_ piece: [UInt8]) -> [CSVRow] {
    rest += piece
    return takeRecords(isLast: false)
  }

  /// The last records.
  package mutating func finish() -> [CSVRow] { takeRecords(isLast: true) }

  private mutating func takeRecords(isLast: Bool) -> [CSVRow] {
    guard !rest.isEmpty else { return [] }
    let separator = self.separator ?? Self.separator(of: rest)
    self.separator = separator
    var records: [CSVRow] = []
    var start = 0
    while start < rest.count {
      var record = record(from: start, separator, isLast: isLast)
      let isTooLong = (record?.end ?? rest.count) - start > maximumRecordBytes
      let strayBefore = strayQuotes
      if isTooLong || record?.isSound == false || (record == nil && isLast) {
        // The end of the line is the end of the record, whatever its quotation marks say.
        let line = self.record(from: start, separator, isLast: isLast || isTooLong, honoursQuotes: false)
        if line != nil, line?.end != record?.end || record?.isSound == false { strayQuotes += 1 }
        record = line
      }
      guard let record else { break }
      take(start..<record.end, record.cells, isSound: strayQuotes == strayBefore, &records)
      start = record.end + 1
    }
    rest.removeFirst(min(start, rest.count))
    return records
  }

  private mutating func take(
    _ range: Range<Int>, _ cells: [Range<Int>], isSound: Bool, _ records: inout [CSVRow]
  ) {
    let text = rest[range]
    let first = lineNumber
    let last = first + text.count { $0 == newline }
    lineNumber = last + 1
    // An empty line is no row.
    guard text.contains(where: { $0 != 0x20 && $0 != 0x09 && $0 != newline }) else { return }
    let row = Table.Row(String(decoding: text, as: UTF8.self), startLine: first, endLine: last)
    guard isExact else { return records.append(CSVRow(row: row, cells: cells.map(cell), isSound: isSound)) }
    let exact = cells.map(exactCell)
    records.append(
      CSVRow(row: row, cells: exact.map(\.text), isSound: isSound && exact.allSatisfy(\.isSound)))
  }

  /// A cell's text to the letter, and whether nothing but blanks follows its closing quotation mark.
  private func exactCell(_ range: Range<Int>) -> (text: String, isSound: Bool) {
    let bytes = rest[range]
    guard bytes.first == quote else { return (String(decoding: bytes, as: UTF8.self), true) }
    var text: [UInt8] = []
    var index = bytes.startIndex + 1
    while index < bytes.endIndex {
      if bytes[index] == quote {
        guard index + 1 < bytes.endIndex, bytes[index + 1] == quote else { break }
        index += 1
      }
      text.append(bytes[index])
      index += 1
    }
    let isSound = bytes[index...].dropFirst().allSatisfy { $0 == 0x20 || $0 == 0x09 }
    return (String(decoding: text, as: UTF8.self), isSound)
  }

  /// A cell's text without the quotation marks around it and the white space at its ends.
  private func cell(_ range: Range<Int>) -> String {
    var bytes = rest[range]
    func trim() {
      while let first = bytes.first, first <= 0x20 { bytes.removeFirst() }
      while let last = bytes.last, last <= 0x20 { bytes.removeLast() }
    }
    trim()
    if bytes.count > 1, bytes.first == quote, bytes.last == quote {
      bytes = bytes.dropFirst().dropLast()
      trim()
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The next record's end, before its line end, the ranges of its cells, and whether its quotation marks stand around
  /// whole fields; nil where it is not complete.
  private func record(
    from start: Int, _ separator: UInt8, isLast: Bool, honoursQuotes: Bool = true
  ) -> (end: Int, cells: [Range<Int>], isSound: Bool)? {
    var cells: [Range<Int>] = []
    var cellStart = start
    var isQuoted = false
    var at = start
    while at < rest.count {
      let byte = rest[at]
      if isQuoted {
        if byte == quote {
          // Two of them stand for one.
          let next = at + 1 < rest.count ? rest[at + 1] : newline
          if next == quote {
            at += 1
          } else if next == separator || next == newline || next == 0x20 || next == 0x09 {
            isQuoted = false
          } else {
            return (at, [], false)
          }
        }
      } else if byte == quote, at == cellStart, honoursQuotes {
        isQuoted = true
      } else if byte == separator {
        cells.append(cellStart..<at)
        cellStart = at + 1
      } else if byte == newline {
        break
      }
      at += 1
    }
    guard at < rest.count || (isLast && !isQuoted) else { return nil }
    return (at, cells + [cellStart..<at], true)
  }

  /// The one of the usual separators that most of the first lines have, and most often.
  static func separator(of head: [UInt8]) -> UInt8 {
    let lines = head.prefix(CSVLoader.maximumRecordBytes).split(separator: UInt8(ascii: "\n"))
      .prefix(CSVTable.headRecords)
    var best = (separator: UInt8(ascii: ","), lines: 0, all: 0)
    for candidate in [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t"), UInt8(ascii: "|")] {
      let counts = lines.map { line in outsideQuotes(line).count { $0 == candidate } }
      let score = (lines: counts.count { $0 > 0 }, all: counts.reduce(0, +))
      if score > (best.lines, best.all) { best = (candidate, score.lines, score.all) }
    }
    return best.separator
  }

  private static func outsideQuotes(_ line: ArraySlice<UInt8>) -> [UInt8] {
    var isQuoted = false
    return line.filter { byte in
      if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
      return !isQuoted
    }
  }
}
