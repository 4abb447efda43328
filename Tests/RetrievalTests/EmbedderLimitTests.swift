import Foundation
import MartletEmbedding
import Testing

@testable import MartletRetrieval

@Suite("What MiniLM is given fits into its 256 tokens, or it is said", .needs(model: embedderName))
struct EmbedderLimitTests {
  /// Texts that are hard to cut: Markdown with nested headings, tables and code; Chinese and Japanese without blanks;
  /// source code with long lines; one word without end; emoji and combining marks.
  private static let texts: [String: String] = {
    var markdown = "# The tower of many swifts and its long history in the records of the parish\n\n"
    for chapter in 1...6 {
      markdown += "## Chapter \(chapter): of antidisestablishmentarian boxes\n\n### Part \(chapter).1\n\n"
      markdown += (1...25).map { "Box \($0) held **\($0 % 4)** eggs, `id_\($0 * 7919)`, in [May](x). " }
        .joined()
      markdown += "\n\n| box | eggs | note |\n|---|---|---|\n"
      markdown += (1...30).map { "| B-\($0) | \($0 % 4) | façade №\($0), 3½″ |\n" }.joined()
      markdown += "\n```python\n" + (1...20).map { "total_\($0) = sum(eggs[\($0)::\($0)])\n" }.joined()
      markdown += "```\n\n- " + (1...20).map { "item \($0)" }.joined(separator: "\n- ") + "\n\n"
    }
    let chinese = String(repeating: "雨燕几乎一生都在空中度过，它们在飞行中睡觉、进食和饮水；只有繁殖时才落地。", count: 40)
    let japanese = String(repeating: "アマツバメは飛びながら眠ると言われている。カタカナと漢字、ひらがなが混ざる。", count: 40)
    let code = (1...120).map {
      "func measure_\($0)(_ box: [String: [Int]], at höhe: Double) -> Double { "
        + "(box[\"k\($0)\"] ?? []).map { Double($0) * 0x\(String($0 * 65537, radix: 16)) }.reduce(0, +) / höhe }"
    }.joined(separator: "\n")
    return [
      "tower.md": markdown, "zh.txt": chinese, "ja.txt": japanese, "boxes.swift": code,
      "word.txt": String(repeating: "Donaudampfschiff", count: 300),
      "signs.txt": String(repeating: "👩‍👩‍👧‍👦é̂ ﷺ ½ ", count: 300),
    ]
  }()

  static let settings: [(size: Int?, overlap: Int)] = [
    (nil, 32), (nil, 0), (4000, 254), (256, 128), (100, 99), (64, 16), (16, 8), (5, 0),
  ]

  @Test(
    "No chunk of Markdown, CJK or code is longer, whatever size and overlap are asked for",
    arguments: settings)
  func chunks(size: Int?, overlap: Int) throws {
    let place = try Workplace()
    defer { withExtendedLifetime(place) {} }
    for (name, text) in Self.texts { try place.write(name, text) }
    let embedder = try #require(try place.library().embedder() as? SentenceEmbedder)
    let settings = IndexSettings(chunkTokens: size, overlapTokens: overlap)
    let chunker = settings.chunker(embedder)
    #expect(embedder.maximumTokens == 256 && chunker.maximumTokens == min(size ?? 254, 254))
    // The chunks alone: embedding them all would take long, and tells no more.
    var documents: [String: DocumentPreview] = [:]
    try DocumentPreview.of([place.documents.path()], settings: settings, embedder: embedder) { event in
      if case .document(let document) = event {
        documents[URL(filePath: document.path).lastPathComponent] = document
      }
    }
    for (name, text) in Self.texts {
      let chunks = try #require(documents[name]?.chunks)
      #expect(!chunks.isEmpty)
      for chunk in chunks {
        let whole = embedder.tokenizer.encode(
          chunk.embeddingText, addSpecialTokens: true, parseSpecialTokens: true)
        #expect(whole.count <= chunker.maximumTokens + 2 && whole.count <= 256, "\(name): \(chunk.text)")
      }
      // Nothing of the text is left out: without overlap the chunks are the text again.
      guard name != "tower.md", chunker.overlapTokens == 0 else { continue }
      let bare = { (text: String) in text.filter { !$0.isWhitespace } }
      #expect(bare(chunks.map(\.text).joined()) == bare(text), "\(name)")
    }
  }
}
