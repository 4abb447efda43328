import Foundation
import Testing

@testable import MartletDocuments

@Suite struct EncodingTests {
  private let folder: TemporaryFolder
  private let russian = "Маяк стоит на скале у входа в гавань. Смотритель зажигает лампу каждый вечер."
  private let japanese = "灯台の鍵は青い石の下にあります。船は朝に港を出て、夕方に戻ります。"

  init() throws { folder = try TemporaryFolder() }

  private func bytes(_ text: String, _ encoding: String.Encoding) throws -> [UInt8] {
    Array(try #require(text.data(using: encoding)))
  }

  private func load(_ name: String, _ bytes: [UInt8]) throws -> LoadedDocument {
    try DocumentLoader().load(folder.write(name, bytes))
  }

  @Test func `Encodings of Russian and Japanese are detected, and said to be a guess`() throws {
    // KOI8-R, which Foundation does not write: its letters are those of the Latin keyboard with the high bit.
    let koi8: [UInt8] = [
      0xED, 0xC1, 0xD1, 0xCB, 0x20, 0xD3, 0xD4, 0xCF, 0xC9, 0xD4, 0x20, 0xCE, 0xC1, 0x20, 0xD3, 0xCB, 0xC1,
      0xCC,
      0xC5, 0x20, 0xD5, 0x20, 0xD7, 0xC8, 0xCF, 0xC4, 0xC1, 0x20, 0xD7, 0x20, 0xC7, 0xC1, 0xD7, 0xC1, 0xCE,
      0xD8,
    ]
    let document = try load("koi8.txt", koi8)
    #expect(document.sections.map(\.text) == ["Маяк стоит на скале у входа в гавань"])
    #expect(document.warnings == ["is not UTF-8; it was read as KOI8-R, which is a guess"])
    #expect(try load("cp1251.txt", bytes(russian, .windowsCP1251)).sections.map(\.text) == [russian])
    #expect(try load("sjis.txt", bytes(japanese, .shiftJIS)).sections.map(\.text) == [japanese])
    let shifted = try load("jis.txt", bytes(japanese, .iso2022JP))
    #expect(shifted.sections.map(\.text) == [japanese])
    #expect(shifted.warnings.isEmpty)
  }

  @Test func `UTF-16 without a mark is told by its NUL bytes`() throws {
    for (encoding, text) in [
      (String.Encoding.utf16LittleEndian, russian), (.utf16BigEndian, russian),
      (.utf16LittleEndian, japanese + "\n" + japanese),
    ] {
      let document = try load("utf16.txt", bytes(text, encoding))
      #expect(document.sections.map(\.text) == [text])
      #expect(document.warnings == ["has no byte order mark; it was read as UTF-16, which is a guess"])
    }
  }

  @Test func `The encoding that XML declares is followed`() throws {
    let text = "<?xml version=\"1.0\" encoding=\"windows-1251\"?>\n<a>\(russian)</a>"
    let document = try load("a.xml", bytes(text, .windowsCP1251))
    #expect(document.sections.map(\.text) == [text])
    #expect(document.warnings.isEmpty)
  }

  @Test func `A NUL byte in a log does not make it binary`() throws {
    let line = Array("2024-05-01 12:00:00 all is well\n".utf8)
    let log = Array(repeatElement(line, count: 50).joined())
    let path = try folder.write("a.log", log + [0] + log)
    #expect(DocumentKind.detect(path: path, head: log + [0] + log) == .log)
    let document = try DocumentLoader().load(path)
    #expect(document.sections.first?.table?.rows.count == 100)
    #expect(document.warnings == ["has a NUL byte, which was left out"])
    let binary = try folder.write("b.log", Array(repeatElement([0, 1, 2, 0, 255], count: 100).joined()))
    #expect(throws: DocumentError.self) { _ = try DocumentLoader().load(binary) }
  }
}
