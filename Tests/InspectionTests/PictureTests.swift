import Foundation
import FoundationXML
import MartletTensors
import Testing

@testable import MartletInspection

@Suite("Pictures of what is inside")
struct PictureTests {
  private func attention() throws -> AttentionWeights {
    let model = try TestModel.tiny.open()
    return try model.attention(of: model.text("the <b>&\"cat\"</b> 'é"))
  }

  @Test("They parse as XML, show every token, escaped, and fetch nothing")
  func attentionPictures() throws {
    let attention = try attention()
    let one = try {
      let model = try TestModel.tiny.open()
      return try model.attention(of: attention.text, layers: .only(1), heads: .only(1))
    }()
    for (name, file) in [
      ("grid", try attention.picture(model: "m").file), ("page", try attention.page(model: "a<b").file),
      ("one", try one.picture(model: "m").file), ("one page", try one.page(model: "m").file),
    ] {
      let document = try Document(file)
      for piece in attention.text.pieces {
        #expect(document.texts.contains { $0.contains(piece) }, "\(name): \(piece)")
      }
      #expect(document.isSelfContained, "\(name)")
      #expect(!file.lowercased().contains("nan"), "\(name)")
    }
  }

  @Test("A page names its layers and heads, and holds a map for each")
  func page() throws {
    let document = try Document(try attention().page(model: "m").file)
    #expect(document.texts.contains("Layer 0") && document.texts.contains("Layer 1"))
    #expect(document.labels.filter { $0.contains(", head ") }.count == 4)
    #expect(document.labels.filter { $0.contains("mean of 2 heads") }.count == 2)
  }

  @Test("Weights that are no numbers are drawn as missing")
  func notFinite() throws {
    let model = try TestModel.tiny.open()
    let text = try model.text("the")
    let values: [Float] = [.nan, 0, .infinity, 0.5, 1, 0, 0.25, 0.75]
    let weights = try Tensor(values, rows: 4, columns: 2, device: Device(threads: 1))
    let broken = AttentionWeights(text: text, layers: [0], heads: [0, 1], weights: [weights])
    for file in [try broken.picture(model: "m").file, try broken.page(model: "m").file] {
      #expect(try Document(file).isSelfContained)
      #expect(!file.lowercased().contains("nan") && file.contains("class=\"none\""))
    }
  }

  @Test("A picture of too many cells is refused, and says what to choose")
  func tooLarge() throws {
    let model = try TestModel.tiny.open()
    let text = try model.text(String(repeating: "c", count: 100))
    let weights = try model.attention(of: text)
    let many = AttentionWeights(
      text: text, layers: Array(repeating: 0, count: 200), heads: Array(repeating: 0, count: 2),
      weights: [])
    #expect(throws: InspectionError.pictureTooLarge(cells: 101 * 101 * 400, maximum: 4_000_000)) {
      try many.picture(model: "m")
    }
    #expect(throws: Never.self) { try weights.picture(model: "m") }
  }

  @Test("A map of texts shows each text and label, escaped, in both plots")
  func textMap() throws {
    let texts = [
      "a <i>", "b & c", "\"d\"", "e", "\u{1B}[31mf", "very long text " + String(repeating: "x", count: 200),
    ]
    let items = texts.enumerated().map {
      TextMap.Item(text: $1, label: $0 == 3 ? nil : $0 < 3 ? "<one>" : "two")
    }
    let vectors = LabelledVectors(
      labels: texts, vectors: texts.indices.map { [Float($0), Float($0 * $0), 1] }, origin: "test")
    let map = try TextMap(items, vectors: vectors)
    for file in [try map.picture(model: "m").file, try map.page(model: "m").file] {
      let document = try Document(file)
      for text in texts {
        let shown = text.replacingOccurrences(of: "\u{1B}", with: "\u{FFFD}")
        #expect(document.texts.filter { $0.contains(shown) }.count >= 2, "\(text)")
      }
      #expect(document.texts.contains("<one>"))
      #expect(document.isSelfContained && !file.lowercased().contains("nan"))
    }
    let few = try TextMap(
      Array(items.prefix(2)),
      vectors: LabelledVectors(labels: ["a", "b"], vectors: [[1], [1]], origin: "test"))
    #expect(few.tsne == nil && few.pca.points == [[0, 0], [0, 0]])
    #expect(throws: Never.self) { try Document(try few.page(model: "m").file) }
  }
}

/// What stands in a picture or page.
private final class Document: NSObject, XMLParserDelegate {
  private(set) var texts: [String] = []
  private(set) var labels: [String] = []
  private(set) var isSelfContained = true
  private var text = ""

  init(_ file: String) throws {
    super.init()
    let parser = XMLParser(data: Data(file.utf8))
    parser.delegate = self
    guard parser.parse() else { throw parser.parserError ?? CocoaError(.fileReadCorruptFile) }
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String] = [:]
  ) {
    if let label = attributes["aria-label"] { labels.append(label) }
    if ["script", "link", "img", "image", "use", "iframe", "object", "a"].contains(name) {
      isSelfContained = false
    }
    for (key, value) in attributes where key != "xmlns" {
      let isFetch = key.hasSuffix("href") || key.hasSuffix("src") || value.contains("url(")
      if isFetch || (value.contains("://") && key != "aria-label") { isSelfContained = false }
    }
    text = ""
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }

  func parser(
    _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
  ) {
    if name == "style", text.contains("url(") || text.contains("@import") { isSelfContained = false }
    if !text.isEmpty { texts.append(text) }
    text = ""
  }
}
