import MartletHTTPClient
import MartletSeededRandom
import Testing

@Suite("Server-sent events")
struct ServerSentEventParserTests {
  private func events(_ text: String, pieces: Int? = nil) throws -> [ServerSentEvent] {
    var parser = ServerSentEventParser()
    guard let pieces else { return try parser.take(Array(text.utf8)) }
    var generator = SplitMix64(seed: UInt64(pieces))
    var found: [ServerSentEvent] = []
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = Int.random(in: 1...pieces, using: &generator)
      found += try parser.take(rest.prefix(count))
      rest = rest.dropFirst(count)
    }
    return found
  }

  @Test("The standard's examples", arguments: [1, 2, 3, 7, 1000])
  func standard(pieces: Int) throws {
    #expect(
      try events("data: YHOO\ndata: +2\ndata: 10\n\n", pieces: pieces) == [.init(data: "YHOO\n+2\n10")])
    // A comment, an event with an id, one that takes the id away, and one with a space that stays.
    #expect(
      try events(
        ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
        pieces: pieces) == [
          .init(data: "first event", id: "1"), .init(data: "second event", id: ""),
          .init(data: " third event", id: ""),
        ])
    // Two events of empty data, and one that is not finished.
    #expect(
      try events("data\n\ndata\ndata\n\ndata:", pieces: pieces) == [.init(data: ""), .init(data: "\n")])
    #expect(try events("data:test\n\ndata: test\n\n", pieces: pieces).map(\.data) == ["test", "test"])
  }

  @Test("Lines end with CR, LF or both, wherever the pieces are cut", arguments: ["\n", "\r", "\r\n"])
  func lineEnds(end: String) throws {
    let text = ["event: add", "data: 73857293", "", "event: remove", "data: größe 🙂", "", ""]
      .joined(separator: end)
    for pieces in 1...9 {
      #expect(
        try events(text, pieces: pieces) == [
          .init(event: "add", data: "73857293"), .init(event: "remove", data: "größe 🙂"),
        ])
    }
  }

  @Test("A byte order mark is left out at the beginning only")
  func byteOrderMark() throws {
    #expect(try events("\u{FEFF}data: a\n\ndata: \u{FEFF}b\n\n").map(\.data) == ["a", "\u{FEFF}b"])
    #expect(try events("\n\u{FEFF}data: a\n\n").isEmpty)
  }

  @Test("Unknown fields, ids with NUL and kinds without data make no event")
  func ignored() throws {
    #expect(
      try events("event: ping\n\nretry: 10\nfoo: bar\n\nid: a\u{0}b\ndata: x\n\n") == [.init(data: "x")])
  }

  @Test("The end inside of an event can be seen")
  func inside() throws {
    var parser = ServerSentEventParser()
    _ = try parser.take(Array("data: a\n\n".utf8))
    #expect(!parser.isInsideEvent)
    _ = try parser.take(Array("data: b\n".utf8))
    #expect(parser.isInsideEvent)
  }

  @Test("An event beyond the limit is an error, and comments do not count")
  func limit() throws {
    var parser = ServerSentEventParser(longestEvent: 20)
    for _ in 0..<10 { _ = try parser.take(Array(": still alive\n".utf8)) }
    #expect(throws: HTTPClientError.eventTooLong(limit: 20)) {
      for _ in 0..<10 { _ = try parser.take(Array("data: a\n".utf8)) }
    }
    var line = ServerSentEventParser(longestEvent: 20)
    #expect(throws: HTTPClientError.eventTooLong(limit: 20)) {
      _ = try line.take([UInt8](repeating: 0x61, count: 21))
    }
  }
}
