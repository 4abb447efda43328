import Testing

@testable import MartletVectorStore

@Suite("Search by words finds words as they are read")
struct WordIndexTests {
  private func collection(
    _ texts: [String]
  ) throws -> (folder: TemporaryFolder, collection: VectorCollection) {
    let folder = try TemporaryFolder()
    let collection = try Database.open(at: folder.path).createCollection(.test())
    try collection.add(
      texts.enumerated().map { Record(id: "\($0)", embedding: [1, 0, 0], document: $1) })
    return (folder, collection)
  }

  /// Looks for each query and holds what is found, and what the snippet marks, to what is right.
  private func check(_ texts: [String], _ queries: [(query: String, found: [Int], marked: [String])]) throws {
    let (folder, collection) = try collection(texts)
    defer { withExtendedLifetime(folder) {} }
    for (query, found, marked) in queries {
      let ids = Set(try collection.search(words: query, limit: 10).map(\.record.id))
      #expect(ids == Set(found.map(String.init)), "\(query)")
      let snippets = try collection.snippets(ids: Array(ids), words: query, wordLimit: 64)
      for (id, snippet) in snippets {
        #expect(snippet.text == texts[Int(id) ?? 0], "\(query)")
        let bytes = Array(snippet.text.utf8)
        let parts = snippet.highlightedBytes.map { String(decoding: bytes[$0], as: UTF8.self) }
        #expect(
          parts.allSatisfy { part in marked.contains { $0.utf8.elementsEqual(part.utf8) } },
          "\(query): \(parts)")
      }
      #expect(snippets.count == ids.count, "\(query)")
    }
  }

  @Test("Chinese and Japanese words are found within longer runs, single characters as well")
  func chineseAndJapanese() throws {
    try check(
      ["灯台の鍵は青い石の下にあります。", "アマツバメは飛びながら眠る。", "退还押金需要七天。", "ｱﾏﾂﾊﾞﾒとカラス"],
      [
        ("灯台", [0], ["灯台"]), ("鍵", [0], ["鍵"]), ("下", [0], ["下"]), ("ツバメ", [1, 3], ["ツバメ", "ﾂﾊﾞﾒ"]),
        ("押金", [2], ["押金"]), ("七天", [2], ["七天"]), ("退还押金", [2], ["退还押金"]), ("ガラス", [], []),
        ("台灯", [], []), ("灯台の鍵はどこ", [0], ["灯台", "鍵"]), ("に", [0], ["に"]),
      ])
  }

  @Test("Thai, Lao, Khmer and Myanmar words are found within longer runs")
  func clusters() throws {
    try check(
      ["กุญแจประภาคารอยู่ใต้หินสีน้ำเงิน", "ກະແຈປະພາຄານ", "កូនសោ\u{200B}ប៉មភ្លើង", "မီးပြတိုက်သော့"],
      [
        ("กุญแจ", [0], ["กุญแจ"]), ("น้ำเงิน", [0], ["น้ำเงิน"]), ("ปลา", [], []), ("ກະແຈ", [1], ["ກະແຈ"]),
        ("កូនសោ", [2], ["កូនសោ"]), ("ប៉ម", [2], ["ប៉ម"]), ("သော့", [3], ["သော့"]),
      ])
  }

  @Test("Korean words are found with particles behind them and in compounds, however they are composed")
  func korean() throws {
    try check(
      ["열쇠는 파란 돌 밑에 있다.", "등대열쇠", "\u{1103}\u{1173}\u{11BC}\u{1103}\u{1162}"],
      [
        ("열쇠", [0, 1], ["열쇠"]), ("등대", [1, 2], ["등대", "\u{1103}\u{1173}\u{11BC}\u{1103}\u{1162}"]),
        ("열쇠를", [0, 1], ["열쇠"]), ("돌", [0], ["돌"]),
      ])
  }

  @Test(
    "Compatibility forms, soft hyphens and zero-width characters make no difference, and stay in the text")
  func compatibility() throws {
    try check(
      [
        "A diﬃcult work\u{AD}shop", "zero\u{200B}width \u{FEFF}mark", "ＦＵＬＬ width ①",
        "Straße, ŁÓDŹ, cafe\u{301}",
        "12 ㎏ x² Widget™", "IĞDIR ilçesi",
      ],
      [
        ("difficult", [0], ["diﬃcult"]), ("DIFFICULT", [0], ["diﬃcult"]),
        ("workshop", [0], ["work\u{AD}shop"]),
        ("work\u{AD}shop", [0], ["work\u{AD}shop"]), ("zerowidth", [1], ["zero\u{200B}width"]),
        ("mark", [1], ["mark"]),
        ("full", [2], ["ＦＵＬＬ"]), ("ｗｉｄｔｈ", [2], ["width"]), ("1", [2], ["①"]), ("STRASSE", [3], ["Straße"]),
        ("lodz", [3], ["ŁÓDŹ"]), ("café", [3], ["cafe\u{301}"]), ("kg", [4], ["㎏"]), ("x2", [4], ["x²"]),
        ("widget", [4], ["Widget"]), ("ığdır", [5], ["IĞDIR"]), ("İLÇESİ", [5], ["ilçesi"]),
      ])
  }

  @Test("Accents are passed over where they are accents, and kept where they make another letter")
  func marks() throws {
    try check(
      [
        "кни́га, ёлка", "йод", "иод", "\u{438}\u{306}", "שָׁלוֹם", "كِتَابٌ جديد", "कि", "की", "က\u{103C}\u{103D}",
      ],
      [
        ("книга", [0], ["кни́га"]), ("елка", [0], ["ёлка"]), ("йод", [1], ["йод"]), ("иод", [2], ["иод"]),
        ("й", [3], ["\u{438}\u{306}"]), ("שלום", [4], ["שָׁלוֹם"]), ("كتاب", [5], ["كِتَابٌ"]), ("कि", [6], ["कि"]),
        ("की", [7], ["की"]),
      ])
  }

  @Test(
    "In Persian a non-joiner, a space and nothing between two parts find each other; elsewhere it is passed over"
  )
  func nonJoiners() throws {
    let joined = "کتاب\u{200C}ها"
    try check(
      [joined + " روی میز", "کتابها", "क\u{94D}\u{200D}ष", "shelf\u{200C}ful", "۲۰۲۵"],
      [
        ("کتاب", [0], ["کتاب"]), ("کتابها", [0, 1], [joined, "کتابها"]),
        (joined, [0, 1], ["کتاب", "ها", joined, "کتابها"]), ("كتاب", [0], ["کتاب"]),
        ("क\u{94D}ष", [2], ["क\u{94D}\u{200D}ष"]), ("shelfful", [3], ["shelf\u{200C}ful"]),
        ("2025", [4], ["۲۰۲۵"]),
      ])
  }

  @Test("Function words are looked for only where there are no others")
  func functionWords() throws {
    try check(
      [
        "seeds that were caught in the air", "a swift cannot land", "Der Turm ist alt", "the fourth son",
        "to be or not to be",
      ],
      [
        ("swift that cannot fly", [1], ["swift"]), ("that", [0], ["that"]), ("to be", [4], ["to", "be"]),
        ("wo ist der Turm", [2], ["Turm"]), ("son", [3], ["son"]), ("the son", [3], ["son"]),
      ])
  }

  @Test("Another form of an English word counts for half of it")
  func inflections() throws {
    let (folder, collection) = try collection(
      ["nests", "nest", "the lamp is blinking", "carried", "roof", "wall", "bell"])
    defer { withExtendedLifetime(folder) {} }
    let found = try collection.search(words: "nest", limit: 5)
    #expect(found.map(\.record.id) == ["1", "0"])
    #expect(found[1].score > 0 && found[1].score < found[0].score)
    #expect(try collection.search(words: "blinks", limit: 5).map(\.record.id) == ["2"])
    #expect(try collection.search(words: "carry", limit: 5).map(\.record.id) == ["3"])
    // Of its own accord a word is counted as it is written.
    #expect(try collection.documentFrequencies(of: ["nest", "nests", "blinks"]).frequencies == [1, 1, 0])
  }

  @Test(
    "Forms of words",
    arguments: [
      ("nest", ["nested", "nesting", "nests"]), ("carries", ["carried", "carry", "carrying"]),
      ("stopped", ["stop", "stopping", "stops"]), ("closing", ["close", "closed", "closes"]),
      ("boxes", ["box", "boxed"]),
      ("glass", ["glasses"]), ("is", []), ("灯台", []), ("e17", []),
    ])
  func forms(word: String, some: [String]) {
    let forms = EnglishInflection.forms(of: word)
    #expect(Set(some).isSubset(of: forms) && !forms.contains(word), "\(forms)")
    #expect(some.isEmpty == forms.isEmpty)
  }

  @Test("What is folded is not folded again")
  func idempotence() {
    // Where characters that are folded stand; the rest of Unicode would take long.
    let values = [0x80..<0x2800, 0x3000..<0x3400, 0xFB00..<0x10000, 0x1D400..<0x1D800, 0x1F100..<0x1F200]
      .joined()
    var differing: [String] = []
    var block = ""
    for (place, value) in values.enumerated() {
      if let scalar = Unicode.Scalar(UInt32(value)) { block += "a\(scalar) " }
      guard place % 512 == 511 else { continue }
      let once = KeywordQuery(block).words
      differing += Set(KeywordQuery(once.joined(separator: " ")).words).symmetricDifference(once)
      block = ""
    }
    #expect(differing.isEmpty, "\(differing.prefix(5))")
  }

  @Test("Bytes that are no text end words and break nothing")
  func brokenText() {
    let bytes: [UInt8] = [0xFF, 0x61, 0xC3, 0x62, 0xE7, 0x81, 0x63, 0xF4, 0x90, 0x80, 0x80, 0x64, 0xE7]
    var words: [String] = []
    bytes.withUnsafeBufferPointer { text in
      WordTokenizer.forEachToken(in: text, isQuery: false) { token, range, _ in
        #expect(Array(text[range]) == Array(token))
        words.append(String(decoding: token, as: UTF8.self))
        return true
      }
    }
    #expect(words == ["a", "b", "c", "d"])
  }

  @Test("A snippet has the part with most of the words, with dots where something was left out")
  func snippets() throws {
    let filler = Array(repeating: "word", count: 50).joined(separator: " ")
    let (folder, collection) = try collection(["swift \(filler) the swift flies high. \(filler)"])
    defer { withExtendedLifetime(folder) {} }
    let snippet = try #require(try collection.snippets(ids: ["0"], words: "swift flies", wordLimit: 8)["0"])
    #expect(
      snippet.text == "…word word word the swift flies high. word…" || snippet.text.contains("swift flies"))
    #expect(snippet.text.hasPrefix("…word ") && snippet.text.hasSuffix("…"))
    let bytes = Array(snippet.text.utf8)
    #expect(
      snippet.highlightedBytes.map { String(decoding: bytes[$0], as: UTF8.self) } == ["swift", "flies"])
    #expect(try collection.snippets(ids: ["0"], words: "kite", wordLimit: 8).isEmpty)
  }
}
