import MartletCXML2

/// Gathers the blocks of an HTML tree in document order.
///
/// The tree is walked without recursion, since a page may nest as deep as its writer likes. libxml2 tells the line of
/// each start tag; the lines in between are counted from the text.
struct HTMLBlocks {
  private(set) var sections = [Section]()
  private(set) var title: String?

  private var text = [UInt8]()
  private var startLine = 0
  private var endLine = 0
  private var line = 1
  private var headings: [(level: Int, text: String)] = []
  private var preformattedDepth = 0
  private var tableDepth = 0
  private var table = HTMLTable()

  private typealias Node = UnsafeMutablePointer<xmlNode>

  mutating func walk(_ root: UnsafeMutablePointer<xmlNode>?) {
    var next = root
    while let node = next {
      let entersChildren = enter(node)
      if entersChildren, let child = node.pointee.children {
        next = child
        continue
      }
      next = leaveUpwards(from: node)
    }
    flush(.prose)
  }

  /// Leaves `node` and those of its ancestors that end with it, and gives the next node in order.
  private mutating func leaveUpwards(from node: UnsafeMutablePointer<xmlNode>) -> UnsafeMutablePointer<
    xmlNode
  >? {
    var current: Node? = node
    while let node = current {
      leave(node)
      if let sibling = node.pointee.next { return sibling }
      current = node.pointee.parent
      if current?.pointee.type != XML_ELEMENT_NODE { return nil }
    }
    return nil
  }

  private func name(_ node: Node) -> String {
    node.pointee.name.map { String(cString: $0) } ?? ""
  }

  /// Takes in what a node says, and tells whether its children are to be looked at.
  private mutating func enter(_ node: Node) -> Bool {
    switch node.pointee.type {
    case XML_TEXT_NODE, XML_CDATA_SECTION_NODE:
      if let content = node.pointee.content {
        append(UnsafeBufferPointer(start: content, count: length(content)))
      }
      return false
    case XML_COMMENT_NODE:
      if let content = node.pointee.content {
        line += UnsafeBufferPointer(start: content, count: length(content)).count { $0 == 0x0A }
      }
      return false
    case XML_ELEMENT_NODE: return enterElement(node)
    default: return false
    }
  }

  private func length(_ content: UnsafeMutablePointer<xmlChar>) -> Int { Int(xmlStrlen(content)) }

  private mutating func enterElement(_ node: Node) -> Bool {
    let tag = name(node)
    // libxml2 counts lines in 16 bits and gives -1 or 65535 where they do not suffice.
    let reported = Int(xmlGetLineNo(node))
    if reported < 65535 { line = max(line, reported) }
    if tag == "title" && title == nil && !isInside(node, "svg") {
      takeTitle(node)
      return false
    }
    if Self.dropped.contains(tag) || isHidden(node) { return false }
    switch tag {
    case "img": appendAlternative(node)
    case "br":
      if tableDepth > 0 { appendSpace() } else { text.append(0x0A) }
    case "td", "th":
      dropTrailingSpace()
      if tableDepth == 1 { table.endCell(&text) }
      if table.hasCells || (!text.isEmpty && tableDepth == 0) { text += Array(" | ".utf8) }
      table.beginCell(isHeading: tag == "th")
      if tableDepth == 1 {
        table.beginSpan(columns: span(node, "colspan"), rows: span(node, "rowspan"), &text)
      }
    case "tr": if tableDepth > 0 { endRow() }
    case "thead": table.isInHead = true
    case "table":
      if tableDepth == 0 {
        flush(.prose)
        table = HTMLTable()
      } else {
        endRow()
      }
      tableDepth += 1
    case "caption" where tableDepth > 0: endRow()
    case "pre":
      if tableDepth == 0 { flush(.prose) }
      preformattedDepth += 1
    default: enterOrLeaveBlock(tag)
    }
    return true
  }

  private mutating func leave(_ node: Node) {
    guard node.pointee.type == XML_ELEMENT_NODE else { return }
    let tag = name(node)
    if Self.dropped.contains(tag) || tag == "title" || isHidden(node) { return }
    switch tag {
    case "table":
      endRow()
      tableDepth -= 1
      if tableDepth == 0 { endTable() }
    case "thead":
      endRow()
      table.isInHead = false
    case "caption" where tableDepth > 0: endRow()
    case "tr" where tableDepth > 0: endRow()
    case "pre":
      preformattedDepth -= 1
      if tableDepth == 0 { flush(.code) }
    case "h1", "h2", "h3", "h4", "h5", "h6":
      if tableDepth == 0 { endHeading(level: Int(tag.utf8.last ?? 0) - 0x30) } else { appendSpace() }
    default: enterOrLeaveBlock(tag)
    }
  }

  private func attribute(_ node: Node, _ name: String) -> String? {
    var next = node.pointee.properties
    while let attribute = next {
      if let own = attribute.pointee.name, String(cString: own) == name {
        return attribute.pointee.children?.pointee.content.map { String(cString: $0) } ?? ""
      }
      next = attribute.pointee.next
    }
    return nil
  }

  private func span(_ node: Node, _ name: String) -> Int {
    min(max(1, attribute(node, name).flatMap { Int($0) } ?? 1), 100)
  }

  /// Whether the page says itself that an element is not shown.
  private func isHidden(_ node: Node) -> Bool {
    guard node.pointee.properties != nil else { return false }
    if let hidden = attribute(node, "hidden"), hidden != "until-found" { return true }
    guard let style = attribute(node, "style") else { return false }
    return style.lowercased().filter { $0 != " " }.contains("display:none")
  }

  /// What a picture shows, in words.
  private mutating func appendAlternative(_ node: Node) {
    guard let words = attribute(node, "alt"), words.contains(where: { !$0.isWhitespace }) else { return }
    appendSpace()
    Array(words.utf8).withUnsafeBufferPointer { append($0) }
    // Line ends in an attribute are no lines of the text.
    line -= words.utf8.count { $0 == 0x0A }
    appendSpace()
  }

  /// The words of two blocks in one cell do not run together.
  private mutating func enterOrLeaveBlock(_ tag: String) {
    guard Self.blocks.contains(tag) else { return }
    if tableDepth == 0 { flush(.prose) } else { appendSpace() }
  }

  private mutating func endRow() {
    if tableDepth == 1 { table.endCell(&text) }
    table.endRow(text, startLine: startLine, endLine: endLine)
    text.removeAll(keepingCapacity: true)
    startLine = 0
  }

  private mutating func endTable() {
    sections += table.finish(headings: headings.map(\.text))
  }

  private mutating func takeTitle(_ node: Node) {
    var words = [UInt8]()
    var child = node.pointee.children
    while let part = child {
      if let content = part.pointee.content {
        words += UnsafeBufferPointer(start: content, count: length(content))
      }
      child = part.pointee.next
    }
    let text = String(decoding: Array(words.split { $0 <= 0x20 }.joined(separator: [0x20])), as: UTF8.self)
    guard !text.isEmpty else { return }
    title = text
    sections.append(
      Section(text: text, startLine: line, endLine: line, role: .metadata, linesFollowFile: false))
  }

  private func isInside(_ node: Node, _ tag: String) -> Bool {
    var parent = node.pointee.parent
    while let above = parent, above.pointee.type == XML_ELEMENT_NODE {
      if name(above) == tag { return true }
      parent = above.pointee.parent
    }
    return false
  }

  private mutating func endHeading(level: Int) {
    let words = text.split { $0 <= 0x20 }.joined(separator: [0x20])
    let heading = String(decoding: Array(words), as: UTF8.self)
    if heading.isEmpty { return flush(.heading) }
    headings.removeAll { $0.level >= level }
    headings.append((level, heading))
    flush(.heading)
  }

  /// Adds text to the block: white space collapses to one blank, except in preformatted text.
  private mutating func append(_ content: UnsafeBufferPointer<UInt8>) {
    for byte in content {
      let isBlank = byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0C
      if !isBlank {
        if startLine == 0 { startLine = line }
        endLine = line
      }
      if byte == 0x0A { line += 1 }
      if preformattedDepth > 0 {
        text.append(byte)
      } else if isBlank {
        appendSpace()
      } else {
        text.append(byte)
      }
    }
  }

  private mutating func appendSpace() {
    if let last = text.last, last != 0x20, last != 0x0A { text.append(0x20) }
  }

  private mutating func dropTrailingSpace() {
    while text.last == 0x20 { text.removeLast() }
  }

  /// Ends the block.
  private mutating func flush(_ role: Section.Role) {
    defer {
      text.removeAll(keepingCapacity: true)
      startLine = 0
    }
    var block = text[...]
    while let last = block.last, last <= 0x20 { block.removeLast() }
    // The blanks that begin a preformatted block are its first line's indentation; its empty lines go.
    if role == .code {
      while let end = block.firstIndex(of: 0x0A), block[..<end].allSatisfy({ $0 <= 0x20 }) {
        block = block[(end + 1)...]
      }
    } else {
      block = block.drop { $0 <= 0x20 }
    }
    guard !block.isEmpty else { return }
    sections.append(
      Section(
        text: String(decoding: block, as: UTF8.self), startLine: startLine, endLine: endLine,
        headings: headings.map(\.text), role: role, linesFollowFile: role == .code))
  }

  private static let dropped: Set<String> = [
    "script", "style", "nav", "noscript", "template", "svg", "annotation", "annotation-xml", "select",
    "button", "input", "textarea",
    "iframe", "object", "canvas", "audio", "video",
  ]

  private static let blocks: Set<String> = [
    "p", "div", "section", "article", "main", "header", "footer", "aside", "h1", "h2", "h3", "h4", "h5", "h6",
    "ul", "ol", "li", "dl", "dt", "dd", "blockquote", "figure", "figcaption", "address", "hr", "form",
    "fieldset",
    "details", "summary", "body", "center", "caption",
  ]
}
