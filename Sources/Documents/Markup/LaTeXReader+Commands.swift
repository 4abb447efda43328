extension LaTeXReader {
  mutating func readCommand() {
    guard let first = next() else { return }
    guard 0x41...0x5A ~= first || 0x61...0x7A ~= first else { return readSymbol(first) }
    var name = [first]
    while let byte = peek, 0x41...0x5A ~= byte || 0x61...0x7A ~= byte {
      name.append(byte)
      at += 1
    }
    _ = take(UInt8(ascii: "*"))
    let command = String(decoding: name, as: UTF8.self)
    if let level = Self.levels[command] { return readHeading(level) }
    if let text = Self.symbols[command] {
      append(text: text)
      // The blank after a command's name is no blank of the text.
      if peek == 0x20 { at += 1 }
      if peek == UInt8(ascii: "{"), at + 1 < bytes.count, bytes[at + 1] == UInt8(ascii: "}") { at += 2 }
      return
    }
    if let mark = Self.accents[command] { return readAccent(mark) }
    apply(command)
  }

  mutating func readSymbol(_ symbol: UInt8) {
    switch symbol {
    case UInt8(ascii: "\\"):
      _ = take(UInt8(ascii: "*"))
      skipOptional()
      if tables.isEmpty { append(0x20) } else { endRow() }
    case UInt8(ascii: "["): keepMath("\\[", upTo: "\\]")
    case UInt8(ascii: "("): keepMath("\\(", upTo: "\\)")
    case UInt8(ascii: "-"), UInt8(ascii: "/"), UInt8(ascii: "@"): break
    case UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: ":"), UInt8(ascii: "!"), 0x20, 0x0A: append(0x20)
    default:
      if let mark = Self.accents[String(UnicodeScalar(symbol))] { return readAccent(mark) }
      append(symbol)
    }
  }

  mutating func keepMath(_ open: String, upTo close: String) {
    let end = firstIndex(of: close, from: at) ?? bytes.count
    append(text: open)
    while at < end, let byte = next() { append(byte == 0x0A ? 0x20 : byte) }
    append(text: close)
    at = min(bytes.count, end + close.utf8.count)
  }

  /// A letter with a mark above or below.
  mutating func readAccent(_ mark: UInt32) {
    skipBlanks()
    var letter = ""
    if peek == UInt8(ascii: "{") {
      letter = plain(argument())
    } else if peek == UInt8(ascii: "\\") {
      at += 1
      // The dotless i and j take the place of those with a dot.
      if let byte = peek {
        letter = String(UnicodeScalar(byte))
        at += 1
      }
    } else if let byte = next() {
      var scalar = [byte]
      while let more = peek, more & 0xC0 == 0x80 {
        scalar.append(more)
        at += 1
      }
      letter = String(decoding: scalar, as: UTF8.self)
    }
    guard let first = letter.unicodeScalars.first, let combining = UnicodeScalar(mark) else { return }
    var accented = String(first)
    accented.unicodeScalars.append(combining)
    append(text: Self.composed(accented) + letter.unicodeScalars.dropFirst().map(String.init).joined())
  }

  /// A letter with a combining mark as one character where there is one.
  static func composed(_ text: String) -> String {
    composedLetters.firstIndex(of: text).map { composedLetters[$0] } ?? text
  }

  /// Strings are equal where they are canonically equivalent, so that a letter with its mark finds the composed one.
  static let composedLetters = Set(
    ([0xC0...0x24F, 0x1E00...0x1EFF] as [ClosedRange<UInt32>]).joined().compactMap(UnicodeScalar.init)
      .map { String($0) })

  mutating func apply(_ command: String) {
    switch command {
    case "begin": beginEnvironment(String(decoding: argument(), as: UTF8.self))
    case "end": endEnvironment(String(decoding: argument(), as: UTF8.self))
    case "item": readItem()
    case "title": setTitle(argument())
    case "footnote", "footnotetext", "thanks":
      skipOptional()
      let number = line
      notes.append((plain(argument()), number))
    case "par": endParagraph()
    case "newline", "linebreak", "quad", "qquad", "hspace", "vspace", "hfill", "space", "enspace",
      "thinspace":
      if command.hasSuffix("space"), peek == UInt8(ascii: "{") { _ = argument() }
      append(0x20)
    case "href":
      let address = argument()
      let text = plain(argument())
      append(text: text.isEmpty ? String(decoding: address, as: UTF8.self) : text)
    case "url", "nolinkurl", "path": append(text: String(decoding: argument(), as: UTF8.self))
    case "verb", "lstinline":
      skipOptional()
      guard let mark = next() else { return }
      let close = mark == UInt8(ascii: "{") ? UInt8(ascii: "}") : mark
      while let byte = peek, byte != close, byte != 0x0A { append(next() ?? byte) }
      _ = take(close)
    case "label", "ref", "eqref", "pageref", "autoref", "cref", "Cref", "nameref", "vspace*",
      "includegraphics",
      "bibliographystyle", "bibliography", "addbibresource", "usepackage", "documentclass", "input",
      "include",
      "setlength", "addtolength", "setcounter", "pagestyle", "thispagestyle", "pagenumbering", "graphicspath",
      "definecolor", "color", "hypersetup", "newlength", "selectlanguage", "index", "phantom", "hphantom",
      "vphantom", "nocite", "bibitem", "newcounter", "stepcounter", "addcontentsline", "fontsize", "rule",
      "raisebox", "resizebox", "scalebox", "hyphenation", "captionsetup", "cmidrule", "cline", "tikzset",
      "newcolumntype", "columncolor", "rowcolor", "cellcolor", "arraystretch", "gdef", "edef":
      skipOptional()
      while peek == UInt8(ascii: "{") || peek == UInt8(ascii: "[") {
        if peek == UInt8(ascii: "[") {
          _ = group(from: "[", to: "]")
        } else {
          let start = at
          _ = group(from: "{", to: "}")
          if at == start + 1 { return }
        }
      }
    case "newcommand", "renewcommand", "providecommand", "newenvironment", "renewenvironment", "newtheorem",
      "DeclareMathOperator", "def", "let", "newif", "theoremstyle":
      skipDefinition()
    case "cite", "citep", "citet", "parencite", "textcite", "autocite", "footcite":
      skipOptional()
      skipOptional()
      _ = argument()
    case "multicolumn":
      let count = min(max(1, Int(plain(argument())) ?? 1), 64)
      _ = argument()
      append(text: plain(argument()))
      if count > 1 { out += Array(String(repeating: " |", count: count - 1).utf8) }
    case "multirow":
      skipOptional()
      _ = (argument(), argument())
      append(text: plain(argument()))
    case "textcolor", "colorbox", "hypertarget", "fontfamily", "parbox":
      skipOptional()
      _ = argument()
    case "caption":
      skipOptional()
      let number = line
      let text = plain(argument())
      if tables.isEmpty { endParagraph() }
      addSection(text, number, line, .prose)
    default:
      // What a command's options say is for the program; its arguments are text.
      if peek == UInt8(ascii: "[") { _ = group(from: "[", to: "]") }
      if peek == 0x20 { append(0x20) }
    }
  }

  mutating func skipDefinition() {
    skipBlanks()
    if peek == UInt8(ascii: "{") {
      _ = argument()
    } else if peek == UInt8(ascii: "\\") {
      at += 1
      while let byte = peek, 0x41...0x5A ~= byte || 0x61...0x7A ~= byte { _ = (byte, next()) }
    }
    while let byte = peek, byte == UInt8(ascii: "#") || 0x30...0x39 ~= byte || byte == UInt8(ascii: "=") {
      _ = (byte, next())
    }
    while true {
      let mark = (at, line)
      skipBlanks()
      if peek == UInt8(ascii: "[") {
        _ = group(from: "[", to: "]")
      } else if peek == UInt8(ascii: "{") {
        _ = group(from: "{", to: "}")
      } else {
        (at, line) = mark
        return
      }
      if at == mark.0 + 1 { return }
    }
  }

  mutating func readHeading(_ level: Int) {
    endParagraph()
    skipOptional()
    let number = line
    let heading = plain(argument())
    guard !heading.isEmpty else { return }
    headings.removeAll { $0.level >= level }
    headings.append((level, heading))
    addSection(heading, number, line, .heading)
  }

  mutating func readItem() {
    var label = ""
    skipBlanks()
    if peek == UInt8(ascii: "[") { label = plain(group(from: "[", to: "]")) }
    endParagraph()
    var mark = "- "
    if let count = items.last, environments.last(where: { Self.lists.contains($0) }) == "enumerate" {
      items[items.count - 1] = count + 1
      mark = "\(count + 1). "
    }
    append(text: label.isEmpty ? mark : label + ": ")
    append(0x20)
  }
}
