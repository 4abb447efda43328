import MartletCXML2

/// Reads XML event by event with libxml2's SAX2 parser.
///
/// Entities are never expanded: a document that declares any is refused before its first element. No external file or
/// address is ever opened, and elements nest at most 256 deep (libxml2's limit).
///
/// Names are those of local names with the prefix of ``XMLNamespace`` before them, as in "w:p", whatever prefix the file
/// uses; names in other namespaces, or none, stand alone.
final class XMLReader {
  /// What is read. Text comes in as many pieces as the parser likes.
  enum Event {
    case start(XMLElement)
    case end(String)
    case text(String)
  }

  private let path: String
  private let part: String
  private let body: (Event) -> Void
  private var context: xmlParserCtxtPtr?
  private var names: [NameKey: String] = [:]
  /// Whether entities may be declared that are short and name no others, as drawing programs do for namespaces; they are
  /// left out where they are used.
  var allowsPlainEntities = false
  private var failure: DocumentError.Problem?
  private var pendingText: [UInt8] = []

  private struct NameKey: Hashable {
    var name: UnsafePointer<xmlChar>
    var uri: UnsafePointer<xmlChar>?
  }

  /// - Parameters:
  ///   - path: The file, for errors.
  ///   - part: The name of the file's part that is read, for errors.
  ///   - body: Called for each event.
  init(path: String, part: String, _ body: @escaping (Event) -> Void) {
    self.path = path
    self.part = part
    self.body = body
  }

  deinit { free() }

  private func free() {
    guard let context else { return }
    if let document = context.pointee.myDoc { xmlFreeDoc(document) }
    context.pointee.myDoc = nil
    xmlFreeParserCtxt(context)
    self.context = nil
  }

  /// Takes the next bytes of the document.
  func append(_ bytes: UnsafeRawBufferPointer) throws(DocumentError) {
    if context == nil { try open() }
    guard let base = bytes.baseAddress, failure == nil else { return try throwFailure() }
    xmlParseChunk(context, base.assumingMemoryBound(to: CChar.self), Int32(bytes.count), 0)
    try throwFailure()
  }

  /// Ends the document.
  func finish() throws(DocumentError) {
    if context == nil { try open() }
    xmlParseChunk(context, nil, 0, 1)
    flushText()
    try throwFailure()
    guard context?.pointee.wellFormed == 1 else { throw damaged() }
    free()
  }

  /// Reads a whole document.
  func read(_ bytes: [UInt8]) throws(DocumentError) {
    var failure: DocumentError?
    bytes.withUnsafeBytes { buffer in
      do throws(DocumentError) {
        // Pieces, so that what is wrong early ends the reading early.
        var rest = buffer[...]
        while !rest.isEmpty {
          try append(UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 16)))
          rest = rest.dropFirst(1 << 16)
        }
        try finish()
      } catch { failure = error }
    }
    if let failure { throw failure }
  }

  private func open() throws(DocumentError) {
    var handler = xmlSAXHandler()
    xmlSAXVersion(&handler, 2)
    handler.startElementNs = { context, name, _, uri, _, _, count, _, attributes in
      XMLReader.of(context)?.start(name, uri, Int(count), attributes)
    }
    handler.endElementNs = { context, name, _, uri in XMLReader.of(context)?.end(name, uri) }
    handler.characters = { context, text, count in XMLReader.of(context)?.addText(text, Int(count)) }
    handler.cdataBlock = { context, text, count in XMLReader.of(context)?.addText(text, Int(count)) }
    handler.ignorableWhitespace = { context, text, count in
      XMLReader.of(context)?.addText(text, Int(count))
    }
    handler.comment = nil
    handler.processingInstruction = nil
    handler.externalSubset = nil
    handler.resolveEntity = { _, _, _ in nil }
    handler.entityDecl = { context, _, _, _, system, content in
      XMLReader.of(context)?.noteEntity(isExternal: system != nil, content)
    }
    handler.unparsedEntityDecl = { context, _, _, _, _ in XMLReader.of(context)?.refuse("declares entities") }
    handler.warning = nil
    handler.error = nil
    handler.fatalError = nil
    handler.serror = { _, _ in }
    context = xmlCreatePushParserCtxt(&handler, nil, nil, 0, nil)
    guard let context else {
      throw DocumentError(path: path, problem: .unreadable(reason: "there is no memory to read it"))
    }
    context.pointee._private = Unmanaged.passUnretained(self).toOpaque()
    xmlCtxtUseOptions(context, Int32(XML_PARSE_NONET.rawValue))
  }

  /// SAX callbacks are given the parser's context, which knows its reader.
  private static func of(_ context: UnsafeMutableRawPointer?) -> XMLReader? {
    guard let own = context?.assumingMemoryBound(to: xmlParserCtxt.self).pointee._private else { return nil }
    return Unmanaged<XMLReader>.fromOpaque(own).takeUnretainedValue()
  }

  private func noteEntity(isExternal: Bool, _ content: UnsafeMutablePointer<xmlChar>?) {
    if isExternal { return refuse("names external entities") }
    if allowsPlainEntities, let content, xmlStrlen(content) < 256,
      !String(cString: content).contains(where: { $0 == "&" || $0 == "%" })
    {
      return
    }
    refuse("declares entities")
  }

  private func refuse(_ what: String) {
    if failure == nil { failure = .hostile(detail: "its \(part) \(what), which no such file needs") }
    xmlStopParser(context)
  }

  private func throwFailure() throws(DocumentError) {
    if let failure { throw DocumentError(path: path, problem: failure) }
    guard let context, context.pointee.wellFormed == 0 else { return }
    throw damaged()
  }

  private func damaged() -> DocumentError {
    var detail = "it is not well-formed XML"
    if let context, let error = xmlCtxtGetLastError(context), let message = error.pointee.message {
      let text = String(cString: message).split(whereSeparator: \.isNewline).joined(separator: " ")
      detail = "line \(error.pointee.line): \(String(text.prefix(200)))"
    }
    return DocumentError(path: path, problem: .damaged(detail: "its \(part) cannot be read: \(detail)"))
  }

  private func start(
    _ name: UnsafePointer<xmlChar>?, _ uri: UnsafePointer<xmlChar>?, _ count: Int,
    _ attributes: UnsafeMutablePointer<UnsafePointer<xmlChar>?>?
  ) {
    flushText()
    var element = XMLElement(name: self.name(name, uri))
    if count > 0, let attributes {
      element.attributes.reserveCapacity(count)
      for index in 0..<count {
        // Each has a name, a prefix, a namespace, and where its value begins and ends.
        let at = attributes + index * 5
        guard let start = at[3], let end = at[4], end >= start else { continue }
        let value = String(
          decoding: UnsafeBufferPointer(start: start, count: end - start), as: UTF8.self)
        element.attributes.append((self.name(at[0], at[2]), value))
      }
    }
    body(.start(element))
  }

  private func end(_ name: UnsafePointer<xmlChar>?, _ uri: UnsafePointer<xmlChar>?) {
    flushText()
    body(.end(self.name(name, uri)))
  }

  private func addText(_ text: UnsafePointer<xmlChar>?, _ count: Int) {
    if let text { pendingText += UnsafeBufferPointer(start: text, count: count) }
  }

  private func flushText() {
    guard !pendingText.isEmpty else { return }
    body(.text(String(decoding: pendingText, as: UTF8.self)))
    pendingText.removeAll(keepingCapacity: true)
  }

  /// libxml2 keeps one copy of each name, so that its address tells it.
  private func name(_ local: UnsafePointer<xmlChar>?, _ uri: UnsafePointer<xmlChar>?) -> String {
    guard let local else { return "" }
    let key = NameKey(name: local, uri: uri)
    if let known = names[key] { return known }
    let prefix = uri.flatMap { XMLNamespace.prefix(of: String(cString: $0)) }
    let name = (prefix.map { $0 + ":" } ?? "") + String(cString: local)
    names[key] = name
    return name
  }
}

/// An element, with its children where a tree was read.
struct XMLElement {
  /// What stands between an element's tags.
  enum Child {
    case element(XMLElement)
    case text(String)
  }

  var name: String
  var attributes: [(name: String, value: String)] = []
  var children: [Child] = []

  init(name: String) { self.name = name }

  /// An attribute's value.
  subscript(name: String) -> String? { attributes.first { $0.name == name }?.value }

  /// The child elements.
  var elements: [XMLElement] {
    children.compactMap { if case .element(let element) = $0 { element } else { nil } }
  }

  /// The first child element of this name.
  func first(_ name: String) -> XMLElement? {
    for case .element(let element) in children where element.name == name { return element }
    return nil
  }

  /// The child elements of this name.
  func all(_ name: String) -> [XMLElement] { elements.filter { $0.name == name } }

  /// All elements of these names below this one, in order, without those inside of one another.
  func descendants(_ names: Set<String>) -> [XMLElement] {
    elements.flatMap { names.contains($0.name) ? [$0] : $0.descendants(names) }
  }

  /// The first element of this name below this one.
  func firstDescendant(_ name: String) -> XMLElement? {
    for element in elements {
      if element.name == name { return element }
      if let found = element.firstDescendant(name) { return found }
    }
    return nil
  }

  /// All text below the element.
  var text: String {
    var text = ""
    for child in children {
      switch child {
      case .text(let piece): text += piece
      case .element(let element): text += element.text
      }
    }
    return text
  }

  /// Reads a document as a tree.
  init(parsing bytes: [UInt8], path: String, part: String) throws(DocumentError) {
    var builder = XMLTreeBuilder()
    let reader = XMLReader(path: path, part: part) { builder.append($0) }
    try reader.read(bytes)
    guard let root = builder.root else {
      throw DocumentError(path: path, problem: .damaged(detail: "its \(part) is empty"))
    }
    self = root
  }
}

/// Makes a tree of events.
struct XMLTreeBuilder {
  private var open: [XMLElement] = []
  /// The tree, once it is whole.
  private(set) var root: XMLElement?

  mutating func append(_ event: XMLReader.Event) {
    switch event {
    case .start(let element): open.append(element)
    case .text(let text): if !open.isEmpty { open[open.count - 1].children.append(.text(text)) }
    case .end:
      guard let element = open.popLast() else { return }
      if open.isEmpty { root = element } else { open[open.count - 1].children.append(.element(element)) }
    }
  }
}

/// The prefixes that names are given here, by their namespace.
enum XMLNamespace {
  static func prefix(of uri: String) -> String? { prefixes[uri] }

  private static let prefixes: [String: String] = {
    var prefixes: [String: String] = [:]
    // OOXML as ECMA-376 first had it, and as ISO/IEC 29500 Strict has it.
    for base in ["http://schemas.openxmlformats.org/", "http://purl.oclc.org/ooxml/"] {
      let year = base.hasPrefix("http://purl") ? "" : "/2006"
      prefixes[base + "wordprocessingml\(year)/main"] = "w"
      prefixes[base + "spreadsheetml\(year)/main"] = "x"
      prefixes[base + "presentationml\(year)/main"] = "p"
      prefixes[base + "drawingml\(year)/main"] = "a"
      prefixes[base + "drawingml\(year)/chart"] = "c"
      prefixes[base + "drawingml\(year)/diagram"] = "dgm"
      prefixes[base + "officeDocument\(year)/relationships"] = "r"
      prefixes[base + "officeDocument\(year)/math"] = "m"
    }
    prefixes["http://schemas.openxmlformats.org/package/2006/relationships"] = "rel"
    prefixes["http://schemas.openxmlformats.org/markup-compatibility/2006"] = "mc"
    prefixes["http://purl.org/dc/elements/1.1/"] = "dc"
    for name in ["office", "text", "table", "style", "presentation", "meta"] {
      prefixes["urn:oasis:names:tc:opendocument:xmlns:\(name):1.0"] = name
    }
    prefixes["urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"] = "draw"
    prefixes["urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0"] = "svg"
    prefixes["urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"] = "manifest"
    prefixes["urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0"] = "number"
    prefixes["http://www.w3.org/1999/xlink"] = "xlink"
    prefixes["http://www.w3.org/2001/04/xmlenc#"] = "enc"
    return prefixes
  }()
}
