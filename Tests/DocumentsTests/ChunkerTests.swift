import MartletSeededRandom
import Testing

@testable import MartletDocuments

@Suite struct ChunkerTests {
  /// A token a word, so that sizes are easy to see.
  private func words(_ text: String) -> Int { text.split(whereSeparator: \.isWhitespace).count }

  private func chunker(_ maximum: Int, overlap: Int = 0, context: Bool = true) -> Chunker {
    Chunker(maximumTokens: maximum, overlapTokens: overlap, addsHeadingContext: context) {
      $0.split(whereSeparator: \.isWhitespace).count
    }
  }

  private func document(_ sections: [Section]) -> LoadedDocument {
    LoadedDocument(summary: DocumentSummary(kind: .text), sections: sections)
  }

  @Test func `Paragraphs are packed up to the limit, with the lines of the first and the last`() {
    let sections = [
      Section(text: "a b c", startLine: 1, endLine: 1), Section(text: "d e", startLine: 3, endLine: 4),
      Section(text: "f g h i", startLine: 6, endLine: 6),
    ]
    let chunks = chunker(6).chunks(of: document(sections))
    #expect(chunks.map(\.text) == ["a b c\n\nd e", "f g h i"])
    #expect(chunks.map(\.startLine) == [1, 6])
    #expect(chunks.map(\.endLine) == [4, 6])
    #expect(chunks.map(\.ordinal) == [0, 1])
  }

  @Test func `A long paragraph is cut between sentences, which know their lines`() {
    let section = Section(
      text: "One two three.\nFour five\nsix. Seven eight nine ten.", startLine: 10, endLine: 12)
    let chunks = chunker(4).chunks(of: document([section]))
    #expect(chunks.map(\.text) == ["One two three.", "Four five\nsix.", "Seven eight nine ten."])
    #expect(chunks.map(\.startLine) == [10, 11, 12])
    #expect(chunks.map(\.endLine) == [10, 12, 12])
  }

  @Test func `The end of a chunk is said again at the start of the next`() {
    let section = Section(text: "One two. Three four. Five six. Seven eight.", startLine: 1, endLine: 1)
    let chunks = chunker(4, overlap: 2).chunks(of: document([section]))
    #expect(
      chunks.map(\.text) == ["One two. Three four.", "Three four. Five six.", "Five six. Seven eight."])
  }

  @Test func `A new heading or page starts a new chunk, and nothing is said twice there`() {
    let sections = [
      Section(text: "Kites", headings: ["Kites"], role: .heading),
      Section(text: "They soar over fields.", headings: ["Kites"]),
      Section(text: "Swifts", headings: ["Swifts"], role: .heading),
      Section(text: "They never land.", headings: ["Swifts"]),
    ]
    let chunks = chunker(12, overlap: 4).chunks(of: document(sections))
    #expect(chunks.map(\.text) == ["Kites\n\nThey soar over fields.", "Swifts\n\nThey never land."])
    let pages = [Section(text: "a b", page: 1), Section(text: "c d", page: 2)]
    #expect(chunker(12, overlap: 4).chunks(of: document(pages)).map(\.page) == [1, 2])
  }

  @Test func `Headings that are not in the chunk stand before it and count`() {
    let sections = [
      Section(text: "Birds", headings: ["Birds"], role: .heading),
      Section(text: "One two three. Four five six. Seven eight nine.", headings: ["Birds"]),
    ]
    let chunks = chunker(5).chunks(of: document(sections))
    #expect(
      chunks.map(\.embeddingText) == [
        "Birds\n\nOne two three.", "Birds\nFour five six.", "Birds\nSeven eight nine.",
      ])
    #expect(chunks.allSatisfy { $0.tokenCount <= 5 && $0.headings == ["Birds"] })
  }

  @Test func `A heading stays with what it heads`() {
    let sections = [
      Section(text: "a b c", headings: ["A"]), Section(text: "B", headings: ["B"], role: .heading),
      Section(text: "d e f g", headings: ["B"]),
    ]
    #expect(
      chunker(5, context: false).chunks(of: document(sections)).map(\.text) == ["a b c", "B\n\nd e f g"])
  }

  @Test func `No chunk passes the limit whatever the text, and nothing is lost`() {
    var generator = SplitMix64(seed: 11)
    for round in 0..<60 {
      var text = ""
      for _ in 0..<Int.random(in: 1...400, using: &generator) {
        switch Int.random(in: 0..<20, using: &generator) {
        case 0: text += ". "
        case 1: text += "\n"
        case 2: text += String(repeating: "ä😀", count: Int.random(in: 1...60, using: &generator))
        default: text += "word\(Int.random(in: 0..<99, using: &generator)) "
        }
      }
      let limit = Int.random(in: 1...30, using: &generator)
      // A counter that is not additive: a token for each four bytes, rounded up, as BPE might come out.
      let chunker = Chunker(maximumTokens: limit, overlapTokens: 0) { ($0.utf8.count + 3) / 4 }
      let chunks = chunker.chunks(of: document([Section(text: text, startLine: 1, endLine: 99)]))
      #expect(
        chunks.allSatisfy { $0.tokenCount <= max(limit, 1) || $0.text.unicodeScalars.count == 1 },
        "round \(round)")
      let kept = chunks.map(\.text).joined().filter { !$0.isWhitespace }
      #expect(kept == text.filter { !$0.isWhitespace }, "round \(round)")
      #expect(chunks.allSatisfy { text.contains($0.text) })
    }
  }

  @Test func `A word without end does not make a chunk without end`() {
    let text = String(repeating: "x", count: 100_000)
    let chunks = chunker(100).chunks(of: document([Section(text: text)]))
    #expect(chunks.allSatisfy { $0.text.utf8.count <= 1616 })
    #expect(chunks.map(\.text).joined() == text)
  }

  @Test(arguments: [
    ("Dr. Smith met J. Doe. They spoke.", ["Dr. Smith met J. Doe.", "They spoke."]),
    (
      "It cost 3.5 million (approx. 4). \"Really?\" he said. Yes!",
      ["It cost 3.5 million (approx. 4).", "\"Really?\" he said.", "Yes!"]
    ),
    ("See Fig. 3 for more. No. 5 is alive.", ["See Fig. 3 for more.", "No. 5 is alive."]),
    ("A list:\n- one\n- two\nwraps on", ["A list:", "- one", "- two\nwraps on"]),
    ("Died in 1066.[4] His son ruled.", ["Died in 1066.[4]", "His son ruled."]),
    ("これは鳥です。空を飛ぶ。", ["これは鳥です。", "空を飛ぶ。"]),
    ("One\n\nTwo", ["One", "Two"]),
    ("", []),
  ])
  func `Sentences end where a reader would end them`(text: String, expected: [String]) {
    #expect(SentenceSplitter.sentences(text).map(String.init) == expected)
  }

  @Test(arguments: [
    (
      "The kite is a bird of prey that is known for the way it soars over the fields and for its forked tail.",
      "en"
    ),
    (
      "Der Rotmilan ist ein Greifvogel, der für seinen gegabelten Schwanz bekannt ist und in der Luft kreist.",
      "de"
    ),
    (
      "Le milan royal est un oiseau de proie qui est connu pour sa queue et qui vole dans les airs avec grâce.",
      "fr"
    ),
    (
      "El milano real es un ave de presa que se conoce por su cola y que vuela sobre los campos de la región.",
      "es"
    ),
    ("Красный коршун — хищная птица, известная своим раздвоенным хвостом, парит над полями.", "cyrillic"),
    ("アカトビは猛禽類の一種で、二股に分かれた尾と優雅な飛び方で知られている鳥であり、ヨーロッパに生息する。", "ja"),
    ("12 34 56", nil),
  ])
  func `The language of a text is told by its small words or its script`(text: String, code: String?) {
    var detector = LanguageDetector()
    detector.append(text)
    #expect(detector.language?.code == code)
  }
}
