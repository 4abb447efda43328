import Foundation
import MartletSeededRandom
import Testing

@testable import MartletVectorStore

@Suite("Records as JSON lines")
struct ExchangeLinesTests {
  @Test("A record is one line in a documented form")
  func form() {
    let record = Record(
      id: "a\"b", embedding: [0.5, -2, 1e-5], document: "two\nlines",
      metadata: ["year": .integer(2024), "x": .double(2)],
      uri: "file:///x")
    #expect(
      record.jsonText
        == #"{"id": "a\"b", "embedding": [0.5, -2.0, 1e-05], "document": "two\nlines", "metadata": {"x": 2.0, "year": 2024}, "uri": "file:///x"}"#
    )
    #expect(
      Record(id: "b", embedding: []).jsonText
        == #"{"id": "b", "embedding": null, "document": null, "metadata": {}, "uri": null}"#)
  }

  @Test("Records of any content come back as they were", arguments: 1...20 as ClosedRange<UInt64>)
  func roundTrip(_ seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let records = (0..<30).map { row -> Record in
      var metadata = Metadata()
      metadata[random.text()] = .string(random.text())
      metadata["whole"] = .integer(Int(truncatingIfNeeded: random.next()))
      metadata["fraction"] = .double(Double(bitPattern: random.next() & 0xBFFF_FFFF_FFFF_FFFF))
      metadata["list"] = Bool.random(using: &random) ? .doubles([1, 2.5]) : .strings([random.text()])
      metadata["truth"] = .bools([true, false])
      return Record(
        id: "\(row)\(random.text())", embedding: row % 5 == 0 ? [] : random.vector(17),
        document: row % 3 == 0 ? nil : random.text(), metadata: metadata,
        uri: row % 2 == 0 ? nil : random.text())
    }
    let folder = try TemporaryFolder()
    try write(records, to: folder.path + "/x.jsonl", .jsonl)
    #expect(try readAll(folder.path + "/x.jsonl") == records)
  }

  @Test("Members may come in any order, be missing or null; empty lines are passed over")
  func lenient() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/x.jsonl"
    let text =
      "\r\n{\"embedding\":[1,2e0],\"id\":\"a\"}\r\n\n  \n{\"uri\":null,\"id\":\"b\",\"document\":null}"
    try Data(text.utf8).write(to: URL(filePath: path))
    #expect(try readAll(path) == [Record(id: "a", embedding: [1, 2]), Record(id: "b", embedding: [])])
  }

  @Test("Floats are read as the nearest ones", arguments: 1...5 as ClosedRange<UInt64>)
  func floats(_ seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let values = (0..<2000).map { _ in
      let value = Float(bitPattern: UInt32(truncatingIfNeeded: random.next()))
      return value.isFinite ? value : 0
    }
    let line = Record(id: "a", embedding: values).jsonText
    #expect(try Record(jsonText: Array(line.utf8)).embedding.map(\.bitPattern) == values.map(\.bitPattern))
  }

  @Test(
    "A malformed line is refused with its number and what is wrong",
    arguments: [
      (#"{"id": "a", "embedding": [1, 2}"#, "not valid JSON at column 31"),
      (#"[1]"#, "a record is an object, and this is an array"),
      (#"{"embedding": [1]}"#, "the record has no \"id\""),
      (#"{"id": 7}"#, "\"id\" is a number; it should be a string"),
      (#"{"id": "a", "id": "b"}"#, "\"id\" stands there twice"),
      (#"{"id": "a", "embedding": []}"#, "\"embedding\" has no numbers"),
      (#"{"id": "a", "embedding": "0.5"}"#, "\"embedding\" is a string; it should be an array"),
      (#"{"id": "a", "embedding": [[1]]}"#, "not valid JSON at column 27"),
      (#"{"id": "a", "metadata": []}"#, "\"metadata\" is an array; it should be an object"),
      (#"{"id": "a", "metadata": {"x": null}}"#, "metadata \"x\" is null"),
      (#"{"id": "a", "distance": 1}"#, "\"distance\" is none of a record's members: id, embedding"),
      (#"{"id": "a"} {"id": "b"}"#, "not valid JSON at column 13"),
    ])
  func malformed(_ line: String, _ problem: String) throws {
    let error = try #require(try fault(of: Array("{\"id\": \"first\"}\n\(line)\n".utf8), .jsonl))
    #expect(error.place == .line(2))
    #expect(error.problem.hasPrefix(problem), "\(error)")
    #expect(error.kind == .damaged)
  }

  @Test("A line without end is refused before it takes the memory")
  func longLine() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/x"
    try Data(repeating: 0x20, count: 1 << 20).write(to: URL(filePath: path))
    let lines = try LineSource(path: path, longestLine: 1 << 19)
    #expect(throws: VectorFileError.self) { try lines.next() }
  }
}
