import Foundation
import MartletTestScope
import Testing

@testable import MartletDocuments

@Suite struct TextLoaderTests {
  private func load(_ name: String, _ bytes: [UInt8]) throws -> LoadedDocument {
    let folder = try TemporaryFolder()
    return try DocumentLoader().load(try folder.write(name, bytes))
  }

  @Test func `Paragraphs keep their lines`() throws {
    let document = try load("a.txt", Array("one\ntwo\n\n  \nthree\r\nfour\rfive".utf8))
    #expect(document.sections.map(\.text) == ["one\ntwo", "three\nfour\nfive"])
    #expect(document.sections.map(\.startLine) == [1, 5])
    #expect(document.sections.map(\.endLine) == [2, 7])
    #expect(document.warnings.isEmpty)
  }

  @Test func `A byte order mark decides the encoding`() throws {
    let utf16: [UInt8] = [0xFF, 0xFE] + "Grüße 😀".utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    #expect(try load("a.txt", utf16).sections.map(\.text) == ["Grüße 😀"])
    let bigEndian: [UInt8] = [0xFE, 0xFF] + "Grüße 😀".utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
    #expect(try load("a.txt", bigEndian).sections.map(\.text) == ["Grüße 😀"])
    #expect(try load("a.txt", [0xEF, 0xBB, 0xBF] + Array("Grüße".utf8)).sections.map(\.text) == ["Grüße"])
  }

  @Test func `Latin-1 is read as Windows-1252, with a warning`() throws {
    let document = try load("a.txt", [0x47, 0x72, 0xFC, 0xDF, 0x65, 0x20, 0x80])
    #expect(document.sections.map(\.text) == ["Grüße €"])
    #expect(document.warnings == ["is not UTF-8; it was read as Windows-1252 (Latin-1), which is a guess"])
  }

  @Test func `Invalid UTF-8 in text that mostly is UTF-8 is replaced and counted`() throws {
    let document = try load("a.txt", Array("Grüße, schöne Grüße ".utf8) + [0xFF] + Array(" und mehr".utf8))
    #expect(document.sections.map(\.text) == ["Grüße, schöne Grüße \u{FFFD} und mehr"])
    #expect(document.warnings == ["1 invalid byte sequence was replaced by U+FFFD"])
  }

  @Test func `NUL bytes among few others are refused with the offset of the first`() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("a.txt", Array(repeating: 0x61, count: 100) + [0])
    #expect(throws: DocumentError(path: path, problem: .binary(offset: 100))) {
      try DocumentLoader().load(path)
    }
  }

  @Test func `A missing file is named`() {
    #expect(
      throws: DocumentError(path: "/no/file", problem: .notFound)
    ) {
      try DocumentLoader().load("/no/file")
    }
  }

  @Test func `Characters cut by the edge of a piece stay whole`() throws {
    let text = String(repeating: "ä€😀x", count: 250_000)
    let document = try load("a.txt", Array(text.utf8))
    #expect(document.sections.map(\.text).joined() == text)
    #expect(document.sections.allSatisfy { $0.startLine == 1 && $0.endLine == 1 })
    #expect(document.sections.allSatisfy { $0.text.utf8.count <= PlainTextLoader.maximumParagraphBytes })
  }

  @Test(.long) func `A text of 200 MB streams in little memory`() async {
    // In a process of its own: what other tests take meanwhile would count here.
    await #expect(processExitsWith: .success) {
      let folder = try TemporaryFolder()
      let path = folder.path + "/big.txt"
      let paragraph = Data(
        (String(repeating: "The quick brown fox jumps over the lazy dog.\n", count: 22) + "\n").utf8)
      #expect(FileManager.default.createFile(atPath: path, contents: nil))
      let handle = try #require(FileHandle(forWritingAtPath: path))
      let block = Data((0..<1000).flatMap { _ in paragraph })
      for _ in 0..<202 { try handle.write(contentsOf: block) }
      try handle.close()
      let before = peakMemoryKilobytes()
      #expect(before > 0)
      var sections = 0
      var lastLine = 0
      try DocumentLoader().read(path) { section in
        sections += 1
        lastLine = section.endLine ?? 0
      }
      #expect(sections == 202_000)
      #expect(lastLine == 202_000 * 23 - 1)
      #expect(peakMemoryKilobytes() - before < 40_000)
    }
  }
}

private func peakMemoryKilobytes() -> Int {
  let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
  let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM") }
  return line.flatMap { Int($0.split(whereSeparator: { !$0.isNumber }).first ?? "") } ?? 0
}
