/// Reads Rich Text Format (version 1.9.1): paragraphs, headings, lists, tables, notes and comments.
///
/// Pictures, embedded objects, styles and the like are left out, and so are hidden text and tracked deletions.
struct RTFLoader {
  /// Pictures in RTF are hexadecimal digits, so that files are large.
  static let maximumBytes = 256 << 20

  let path: String

  func load(_ body: (Section) throws -> Void) throws -> DocumentSummary {
    let bytes = try WholeFile.bytes(path, limit: Self.maximumBytes)
    guard bytes.starts(with: Array("{\\rtf".utf8)) else {
      throw DocumentError(path: path, problem: .damaged(detail: "it does not begin as RTF does"))
    }
    var reader = RTFReader(path: path)
    try reader.read(bytes)
    let title = reader.title.isEmpty ? nil : reader.title
    for section in reader.finish() { try body(section) }
    return DocumentSummary(kind: .rtf, title: title, warnings: reader.warnings)
  }
}

/// Interprets the groups and control words of RTF.
struct RTFReader {
  /// Groups nest a dozen deep in what programs write.
  static let deepest = 5000

  /// Where text goes.
  enum Destination: Equatable {
    case body
    case note(String)
    case marginal
    case info
    case title
    case fontTable
    case styleSheet
    case listText
    case skipped
  }

  /// What a group inherits from the one around it.
  struct State {
    var destination = Destination.body
    var isHidden = false
    var codePage: Int
    var skip = 1
    /// The group began with \*, so that its destination is left out where it is not known.
    var isOptional = false
  }

  let path: String
  var builder = SectionBuilder()
  var states: [State] = []
  var state = State(codePage: 1252)
  var defaultCodePage = 1252
  var fontCodePages: [Int: Int] = [:]
  var fontAtHand = 0
  var styleLevels: [Int: Int] = [:]
  var styleAtHand = 0
  var styleName = ""
  var styleLevel: Int?

  var title = ""
  var text = ""
  /// Notes that are open, and the text around them.
  var outer: [String] = []
  var notes: [String] = []
  var listMark = ""
  var isItem = false
  var marginals: Set<String> = []
  var pending: [UInt8] = []
  var highSurrogate: UInt32?
  /// How many characters are to be left out after one that was named by its number.
  var toSkip = 0
  var level: Int?
  var isInTable = false
  var cells: [String] = []
  var rows: [[String]] = []
  var unknownCodePages: Set<Int> = []
  var endedEarly = false

  init(path: String) { self.path = path }

  /// What a user should know.
  var warnings: [String] {
    var warnings: [String] = []
    if !unknownCodePages.isEmpty {
      let pages = unknownCodePages.sorted().map(String.init).joined(separator: ", ")
      warnings.append("uses unknown code pages, read as Windows-1252: \(pages)")
    }
    if endedEarly { warnings.append("ends before its last group does: it may be cut off") }
    return warnings
  }

  mutating func read(_ bytes: [UInt8]) throws(DocumentError) {
    var at = 0
    while at < bytes.count {
      let byte = bytes[at]
      at += 1
      switch byte {
      case UInt8(ascii: "{"):
        flush()
        toSkip = 0
        guard states.count < Self.deepest else {
          throw DocumentError(
            path: path, problem: .hostile(detail: "its groups nest more than \(Self.deepest) deep"))
        }
        states.append(state)
        state.isOptional = false
      case UInt8(ascii: "}"):
        flush()
        toSkip = 0
        closeGroup()
        if states.isEmpty { return }
      case UInt8(ascii: "\\"): readControl(bytes, &at)
      case 0x0A, 0x0D: break
      default: add(byte)
      }
    }
    endedEarly = true
  }

  mutating func finish() -> [Section] {
    flush()
    if isInTable, !SectionBuilder.oneLine(text).isEmpty { endCell(isNested: false) }
    isInTable = false
    endParagraph()
    endTable()
    return builder.finish()
  }

  // MARK: Control words

  mutating func readControl(_ bytes: [UInt8], _ at: inout Int) {
    guard at < bytes.count else { return }
    let first = bytes[at]
    guard isLetter(first) else {
      at += 1
      return readSymbol(first, bytes, &at)
    }
    let start = at
    while at < bytes.count, isLetter(bytes[at]), at - start < 40 { at += 1 }
    let word = String(decoding: bytes[start..<at], as: UTF8.self)
    var number: Int?
    var isNegative = false
    if at + 1 < bytes.count, bytes[at] == UInt8(ascii: "-"), 0x30...0x39 ~= bytes[at + 1] {
      isNegative = true
      at += 1
    }
    while at < bytes.count, 0x30...0x39 ~= bytes[at] {
      number = min((number ?? 0) * 10 + Int(bytes[at] - 0x30), 1 << 40)
      at += 1
    }
    if at < bytes.count, bytes[at] == 0x20 { at += 1 }
    if word == "bin" {
      at = min(bytes.count, at + (isNegative ? 0 : number ?? 0))
      return
    }
    flush()
    apply(word, number.map { isNegative ? -$0 : $0 })
  }

  mutating func readSymbol(_ symbol: UInt8, _ bytes: [UInt8], _ at: inout Int) {
    switch symbol {
    case UInt8(ascii: "'"):
      guard at + 1 < bytes.count, let high = hex(bytes[at]), let low = hex(bytes[at + 1]) else { return }
      at += 2
      add(high << 4 | low)
    case UInt8(ascii: "\\"), UInt8(ascii: "{"), UInt8(ascii: "}"): add(symbol)
    case UInt8(ascii: "~"): addScalar(0xA0)
    case UInt8(ascii: "_"): addScalar(0x2D)
    case UInt8(ascii: "*"): state.isOptional = true
    case 0x0A, 0x0D:
      flush()
      apply("par", nil)
    default: break
    }
  }

  func isLetter(_ byte: UInt8) -> Bool { 0x41...0x5A ~= byte || 0x61...0x7A ~= byte }

  func hex(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x37
    case 0x61...0x66: byte - 0x57
    default: nil
    }
  }

  mutating func apply(_ word: String, _ number: Int?) {
    if let character = Self.characters[word] { return addScalar(character) }
    if applyDestination(word) { return }
    switch word {
    case "u": addCodeUnit(number ?? 0)
    case "uc": state.skip = min(max(0, number ?? 1), 100)
    case "par", "sect", "page":
      if case .body = state.destination { endParagraph() } else { addText("\n") }
    case "line", "softline", "column": addText("\n")
    case "pard":
      guard state.destination == .body else { return }
      (level, isInTable) = (nil, false)
    case "plain": state.isHidden = false
    case "v": state.isHidden = number != 0
    case "deleted": state.isHidden = number != 0
    case "intbl": if state.destination == .body { isInTable = true }
    case "trowd": if state.destination == .body, cells.isEmpty { isInTable = true }
    case "cell", "nestcell": endCell(isNested: word == "nestcell")
    case "row", "nestrow": endRow(isNested: word == "nestrow")
    case "outlinelevel": setLevel(number)
    case "s":
      if state.destination == .styleSheet {
        styleAtHand = number ?? 0
      } else {
        level = number.flatMap { styleLevels[$0] }
      }
    case "ansicpg":
      defaultCodePage = number ?? 1252
      state.codePage = defaultCodePage
    case "mac": (defaultCodePage, state.codePage) = (10000, 10000)
    case "pc": (defaultCodePage, state.codePage) = (437, 437)
    case "pca": (defaultCodePage, state.codePage) = (850, 850)
    case "f", "af":
      if state.destination == .fontTable {
        fontAtHand = number ?? 0
      } else if word == "f" {
        state.codePage = number.flatMap { fontCodePages[$0] } ?? defaultCodePage
      }
    case "fcharset":
      if let page = Self.codePages[number ?? 0] { fontCodePages[fontAtHand] = page }
    case "cpg": if state.destination == .fontTable { fontCodePages[fontAtHand] = number }
    default:
      // A destination that is not known, and may be left out.
      if state.isOptional { state.destination = .skipped }
    }
    state.isOptional = false
  }

  /// Whether a control word says where the text of its group goes.
  mutating func applyDestination(_ word: String) -> Bool {
    guard state.destination != .skipped else { return word != "u" && word != "uc" }
    switch word {
    case "fonttbl": state.destination = .fontTable
    case "stylesheet": state.destination = .styleSheet
    case "title" where state.destination == .info: state.destination = .title
    case "footnote", "annotation":
      state.destination = .note(word == "footnote" ? "Footnote: " : "Comment: ")
      outer.append(text)
      text = ""
    case "ftnalt":
      if case .note = state.destination { state.destination = .note("Endnote: ") }
    case "header", "headerl", "headerr", "headerf", "footer", "footerl", "footerr", "footerf":
      state.destination = .marginal
      outer.append(text)
      text = ""
    case "listtext", "pntext": state.destination = .listText
    case "shpinst", "shptxt", "shpgrp", "ud", "fldrslt", "shp": break
    case "info": state.destination = .info
    case "pict", "object", "objdata", "objclass", "colortbl", "fldinst", "listtable", "listoverridetable",
      "rsidtbl", "generator", "themedata", "colorschememapping", "datastore", "latentstyles", "xmlnstbl",
      "revtbl", "filetbl", "bkmkstart", "bkmkend", "sp", "sn", "sv", "nonshppict", "shprslt", "pgdsctbl",
      "pntxta", "pntxtb", "template", "author", "operator", "subject", "keywords", "doccomm", "company",
      "manager", "category", "hlinkbase", "creatim", "revtim", "printim", "buptim", "comment", "userprops",
      "wgrffmtfilter", "ftnsep", "ftnsepc", "ftncn", "aftnsep", "aftnsepc", "aftncn", "atnid", "atnauthor",
      "atndate", "atnref", "atrfstart", "atrfend", "atntime", "atnparent", "xe", "tc", "rxe", "txe",
      "upr", "falt", "panose", "fontemb", "background", "do", "docvar", "private", "passwordhash",
      "mmathPr", "nesttableprops", "ffname", "ffdeftext", "datafield", "formfield", "oldcprops", "oldpprops",
      "oldsprops", "oldtprops", "protusertbl", "userprot", "svb", "picprop", "blipuid":
      state.destination = .skipped
    default: return false
    }
    state.isOptional = false
    return true
  }

  mutating func setLevel(_ number: Int?) {
    let value = number.flatMap { 0..<9 ~= $0 ? $0 : nil }
    if state.destination == .styleSheet {
      styleLevel = value
    } else if state.destination == .body {
      level = value
    }
  }

  mutating func closeGroup() {
    guard let before = states.popLast() else { return }
    let own = state
    state = before
    switch own.destination {
    case .styleSheet: if before.destination == .styleSheet { endStyle() }
    case .note(let label):
      if case .note = before.destination { return }
      let note = SectionBuilder.oneLine(text)
      if !note.isEmpty { notes.append(label + note) }
      text = outer.popLast() ?? ""
    case .marginal:
      guard before.destination != .marginal else { return }
      let marginal = SectionBuilder.oneLine(text)
      text = outer.popLast() ?? ""
      if !marginal.isEmpty, marginals.insert(marginal).inserted { builder.addParagraph(marginal) }
    case .listText: isItem = true
    case .body, .info, .title, .fontTable, .skipped: break
    }
  }

  mutating func endStyle() {
    var name = SectionBuilder.oneLine(styleName).lowercased()
    if name.hasSuffix(";") { name.removeLast() }
    if name == "title" { styleLevels[styleAtHand] = -1 }
    let named = name.hasPrefix("heading ") ? Int(name.dropFirst(8)).map { $0 - 1 } : nil
    if let level = styleLevel ?? named, 0..<9 ~= level { styleLevels[styleAtHand] = level }
    (styleName, styleLevel, styleAtHand) = ("", nil, 0)
  }
}
