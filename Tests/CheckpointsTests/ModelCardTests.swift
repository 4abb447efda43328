import Foundation
import Testing

@testable import MartletCheckpoints

@Suite("The licence and the languages of a folder are those of its README")
struct ModelCardTests {
  static let cards: [(text: String, license: String?)] = [
    ("---\nlicense: apache-2.0\ntags:\n- x\n---\n# Model\n", "apache-2.0"),
    ("---\r\nlanguage: en\r\nlicense: mit \r\n---\r\n", "mit"),
    ("---\nlicense: \"cc-by-4.0\" # attribution\n---\n", "cc-by-4.0"),
    ("---\nlicense: gemma # by Google\n---\n", "gemma"),
    ("---\nlicense: other\nlicense_name: llama3.2\nlicense_link: LICENSE\n---\n", "llama3.2"),
    ("---\nlicense: other\n---\n", "other"),
    ("---\nlicense:\n- apache-2.0\n- mit\ntags:\n- x\n---\n", "apache-2.0, mit"),
    ("---\nlicense:\n  - apache-2.0\n---\n", "apache-2.0"),
    ("---\nlicense: [apache-2.0, mit]\n---\n", "apache-2.0, mit"),
    // Not at the top, not in the front matter, not at its first level, without an end, or with no value.
    ("# Model\n---\nlicense: mit\n---\n", nil),
    ("---\ntags: x\n---\nlicense: mit\n", nil),
    ("---\nmodel-index:\n  license: mit\n---\n", nil),
    ("---\nlicense: mit\n", nil),
    ("---\nlicense:\ntags:\n- x\n---\n", nil),
    ("---\n---\n", nil), ("---", nil), ("", nil),
  ]

  @Test("In the forms that the hub writes, and nil where none is stated", arguments: cards.indices)
  func license(index: Int) {
    let (text, license) = Self.cards[index]
    #expect(ModelCard(text).license == license)
  }

  static let languageCards: [(text: String, languages: [String])] = [
    ("---\nlanguage: en\nlicense: mit\n---\n", ["en"]),
    ("---\nlanguage:\n- en\n- DE\n---\n", ["en", "de"]),
    ("---\nlanguage: [en, \"fr\" ,zh] # three\n---\n", ["en", "fr", "zh"]),
    ("---\nlanguage:\n- en\n- multilingual\n---\n", []), ("---\nlanguage: eng\n---\n", []),
    ("---\nlanguage: []\n---\n", []), ("---\nlanguage: \n---\n", []), ("---\nlicense: mit\n---\n", []),
  ]

  @Test("Languages are told where each is a code of two letters", arguments: languageCards.indices)
  func languages(index: Int) {
    let (text, languages) = Self.languageCards[index]
    #expect(ModelCard(text).languages == languages)
  }

  @Test("A folder opens with whatever README it has")
  func folders() throws {
    let fixture = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "TransformersTests/Fixtures/llama-linear")
    let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for name in ["config.json", "model.safetensors"] {
      try FileManager.default.copyItem(at: fixture.appending(path: name), to: folder.appending(path: name))
    }
    #expect(try Checkpoint.open(folder.path()).license == nil)
    let readme = folder.appending(path: "README.md")
    try Data("---\nlanguage: en\nlicense: mit\n---\n".utf8).write(to: readme)
    #expect(try Checkpoint.open(folder.path()).license == "mit")
    #expect(try Checkpoint.open(folder.path()).languages == ["en"])
    try Data([0xFF, 0xFE, 0x00]).write(to: readme)
    #expect(try Checkpoint.open(folder.path()).license == nil)
    try FileManager.default.removeItem(at: readme)
    try FileManager.default.createDirectory(at: readme, withIntermediateDirectories: true)
    #expect(try Checkpoint.open(folder.path()).license == nil)
  }
}
