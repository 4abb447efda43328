import Foundation
import Testing

@testable import MartletCommandLine

@Suite("Reading lines")
struct LineReaderTests {
  private func lines(of data: Data) throws -> [[UInt8]] {
    let file = TemporaryFile()
    defer { file.remove() }
    try data.write(to: file.url)
    var reader = try LineReader(path: file.url.path)
    var lines: [[UInt8]] = []
    while let line = try reader.next() { lines.append(line) }
    #expect(reader.lineNumber == lines.count)
    return lines
  }

  @Test("Lines end with LF or CRLF; a last line needs no end; empty lines count")
  func lineEnds() throws {
    let expected = ["a", "", "b", "c"].map { Array($0.utf8) }
    #expect(try lines(of: Data("a\n\r\nb\r\nc".utf8)) == expected)
    #expect(try lines(of: Data("a\n\nb\nc\n".utf8)) == expected)
    #expect(try lines(of: Data()).isEmpty)
  }

  @Test("Lines longer than the buffer, and lines that end at its edge, come whole")
  func longLines() throws {
    for length in [1, 65_535, 65_536, 65_537, 200_000] {
      let line = [UInt8](repeating: 0x61, count: length)
      let data = Data(line + [0x0A] + line + [0x0A, 0x62])
      #expect(try lines(of: data) == [line, line, [0x62]], "length \(length)")
    }
  }

  @Test("A file that is not there is named, with status 66")
  func missing() {
    let error = #expect(throws: InputOutputError.self) { _ = try LineReader(path: "/nowhere/at/all") }
    #expect(error?.status == .noInput)
    #expect(error?.description.contains("/nowhere/at/all") == true)
  }

  @Test("Bytes that are no UTF-8 are refused, not replaced")
  func invalidText() {
    #expect(throws: ReportedFailure.self) { try decodedText([0x61, 0xFF], from: "x") }
    #expect(throws: Never.self) { try decodedText(Array("größer".utf8), from: "x") }
  }
}
