extension RTFReader {
  // MARK: Text

  /// A byte in the code page at hand.
  mutating func add(_ byte: UInt8) {
    if toSkip > 0 {
      toSkip -= 1
      return
    }
    state.isOptional = false
    if state.destination == .skipped || state.destination == .fontTable || state.isHidden { return }
    pending.append(byte)
  }

  mutating func flush() {
    guard !pending.isEmpty else { return }
    let bytes = pending
    pending.removeAll(keepingCapacity: true)
    if bytes.allSatisfy({ $0 < 0x80 }) { return addText(String(decoding: bytes, as: UTF8.self)) }
    addText(decoded(bytes))
  }

  mutating func decoded(_ bytes: [UInt8]) -> String {
    if state.codePage != 1252, state.codePage != 0 {
      for name in Self.names(of: state.codePage) {
        if let text = HTMLEncoding.decode(bytes, encoding: name) {
          return String(decoding: text, as: UTF8.self)
        }
      }
      unknownCodePages.insert(state.codePage)
    }
    var decoder = TextDecoder(.windows1252)
    return String(decoding: decoder.decode(bytes[...], isLast: true), as: UTF8.self)
  }

  static func names(of codePage: Int) -> [String] {
    switch codePage {
    case 10000: ["MACINTOSH"]
    case 10007: ["MAC-CYRILLIC"]
    case 65001: ["UTF-8"]
    case 20866: ["KOI8-R"]
    case 28591...28605: ["ISO-8859-\(codePage - 28590)"]
    default: ["CP\(codePage)", "WINDOWS-\(codePage)", "IBM\(codePage)"]
    }
  }

  /// A unit of UTF-16; after it, a text for old readers is left out.
  mutating func addCodeUnit(_ number: Int) {
    let unit = UInt32(truncatingIfNeeded: number) & 0xFFFF
    if let high = highSurrogate, 0xDC00...0xDFFF ~= unit {
      addScalar(0x10000 + (high - 0xD800) << 10 + (unit - 0xDC00))
      highSurrogate = nil
    } else if 0xD800...0xDBFF ~= unit {
      highSurrogate = unit
    } else {
      highSurrogate = nil
      // Symbol fonts have their characters in the private area, where they mean nothing.
      if !(0xF000...0xF0FF ~= unit) { addScalar(unit) }
    }
    toSkip = state.skip
  }

  mutating func addScalar(_ value: UInt32) {
    flush()
    if let scalar = Unicode.Scalar(value), value >= 0x20 || value == 9 { addText(String(scalar)) }
  }

  mutating func addText(_ piece: String) {
    guard !state.isHidden else { return }
    switch state.destination {
    case .body, .note, .marginal: text += piece
    case .title: title += piece
    case .styleSheet: styleName += piece
    case .listText: listMark += piece
    case .info, .fontTable, .skipped: break
    }
  }

  // MARK: Blocks

  mutating func endParagraph() {
    if isInTable {
      text += "\n"
      return
    }
    if !SectionBuilder.oneLine(text).isEmpty { endTable() }
    let mark = SectionBuilder.oneLine(listMark)
    if let level {
      builder.addHeading((mark.isEmpty ? "" : mark + " ") + text, level: level + 1)
    } else if isItem {
      // Bullets are characters of symbol fonts, more often than not.
      builder.addItem(text, mark: mark.contains { $0.isLetter || $0.isNumber } ? mark : "-")
    } else {
      builder.addParagraph(text)
    }
    text = ""
    (listMark, isItem) = ("", false)
    if rows.isEmpty { addNotes() }
  }

  mutating func addNotes() {
    for note in notes { builder.addParagraph(note) }
    notes = []
  }

  mutating func endCell(isNested: Bool) {
    guard state.destination == .body else { return addText(" ") }
    if isNested {
      text += " "
      return
    }
    let mark = SectionBuilder.oneLine(listMark)
    cells.append((mark.isEmpty ? "" : mark + " ") + SectionBuilder.oneLine(text))
    text = ""
    (listMark, isItem) = ("", false)
  }

  mutating func endRow(isNested: Bool) {
    guard state.destination == .body, !isNested else { return addText(" ") }
    if !cells.isEmpty { rows.append(cells) }
    cells = []
    isInTable = false
  }

  mutating func endTable() {
    if !cells.isEmpty { rows.append(cells) }
    cells = []
    guard !rows.isEmpty else { return }
    builder.addTable(rows)
    rows = []
    addNotes()
  }

  /// Control words that are one character.
  static let characters: [String: UInt32] = [
    "tab": 9, "emdash": 0x2014, "endash": 0x2013, "lquote": 0x2018, "rquote": 0x2019, "ldblquote": 0x201C,
    "rdblquote": 0x201D, "bullet": 0x2022, "emspace": 0x2003, "enspace": 0x2002, "qmspace": 0x2005,
  ]

  /// The code pages of fonts' character sets; that of symbols has none.
  static let codePages = [
    0: 1252, 77: 10000, 128: 932, 129: 949, 134: 936, 136: 950, 161: 1253, 162: 1254, 163: 1258, 177: 1255,
    178: 1256, 186: 1257, 204: 1251, 222: 874, 238: 1250, 254: 437, 255: 850,
  ]
}
