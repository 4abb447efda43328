/// Cuts a text into lines as it streams by.
struct LineStream {
  /// A longer line is handed over in parts.
  static let longest = 1 << 20

  private var rest: [UInt8] = []
  /// The number of the next line, counted from 1.
  private(set) var number = 1

  /// Takes the next piece, and hands over the lines that are complete with their numbers.
  mutating func append(_ piece: [UInt8], _ body: (ArraySlice<UInt8>, Int) throws -> Void) rethrows {
    var slice = piece[...]
    while let end = slice.firstIndex(of: UInt8(ascii: "\n")) {
      if rest.isEmpty {
        try body(slice[..<end], number)
      } else {
        rest += slice[..<end]
        try body(rest[...], number)
        rest.removeAll(keepingCapacity: true)
      }
      number += 1
      slice = slice[(end + 1)...]
    }
    rest += slice
    if rest.count > Self.longest {
      var cut = rest.count
      while cut > 1, rest.count - cut < 4, rest[cut - 1] & 0xC0 == 0x80 { cut -= 1 }
      if cut > 1, rest[cut - 1] >= 0xC0 { cut -= 1 }
      try body(rest[..<cut], number)
      rest.removeFirst(cut)
    }
  }

  /// The last line.
  mutating func finish(_ body: (ArraySlice<UInt8>, Int) throws -> Void) rethrows {
    if !rest.isEmpty { try body(rest[...], number) }
    rest = []
  }
}

/// Groups rows into sections of some size, as they come.
struct RowGroups {
  private var rows: [Table.Row] = []
  private var bytes = 0
  let linesFollowFile: Bool

  init(linesFollowFile: Bool) { self.linesFollowFile = linesFollowFile }

  mutating func append(_ row: Table.Row, _ body: (Section) throws -> Void) throws {
    rows.append(row)
    bytes += row.text.utf8.count
    if bytes >= CSVLoader.sectionBytes { try finish(body) }
  }

  mutating func finish(_ body: (Section) throws -> Void) throws {
    guard !rows.isEmpty else { return }
    try body(Section(Table(header: nil, rows: rows), linesFollowFile: linesFollowFile))
    (rows, bytes) = ([], 0)
  }
}
