import Testing

@testable import MartletGeneration

@Suite("Stop texts")
struct StopSequenceTests {
  /// What comes out of a text in pieces, and whether it was stopped.
  private func run(_ pieces: [String], _ stops: [String]) -> (passed: [String], found: Bool) {
    var matcher = StopSequenceMatcher(stops)
    var passed: [String] = []
    for piece in pieces {
      let (text, found) = matcher.append(piece)
      passed.append(text)
      if found { return (passed, true) }
    }
    return (passed + [matcher.finish()], false)
  }

  /// Looks at every beginning of the text in turn: the first that ends in a stop text is where it ends.
  private func oracle(_ text: String, _ stops: [String]) -> (passed: String, found: Bool) {
    let bytes = Array(text.utf8)
    for end in 0...bytes.count {
      let ending = stops.map { Array($0.utf8) }.filter {
        !$0.isEmpty && bytes[..<end].suffix($0.count).elementsEqual($0)
      }
      if let longest = ending.map(\.count).max() {
        return (String(decoding: bytes[..<(end - longest)], as: UTF8.self), true)
      }
    }
    return (text, false)
  }

  @Test(
    "A stop text is found however the text comes in pieces",
    arguments: [
      (["one st", "o", "p two"], ["stop"], "one "), (["stop"], ["stop"], ""), (["ststop"], ["stop"], "st"),
      (["aab"], ["aab"], ""), (["a", "a", "a", "b"], ["aab"], "a"), (["abcabd"], ["abd"], "abc"),
      (["x\n", "\nUser", ":"], ["\nUser:", "\n\nHuman:"], "x\n"), (["ab", "c"], ["abc", "b"], "a"),
      (["abc"], ["abc", "b"], "a"), (["abc"], ["abc", "bc"], ""), (["héé", "llo"], ["él"], "hé"),
      (["🙂", "🙃"], ["🙃"], "🙂"),
    ])
  func pieces(pieces: [String], stops: [String], passed: String) {
    let result = run(pieces, stops)
    #expect(result.found && result.passed.joined() == passed)
  }

  @Test("Text that only looks like the beginning of a stop text comes out in the end, and all of it")
  func held() {
    #expect(run(["one st"], ["stop"]).passed == ["one ", "st"])
    #expect(run(["st", "ar", "s"], ["stop"]).passed.joined() == "stars")
    #expect(run(["anything"], []).passed == ["anything", ""])
    #expect(run(["anything"], [""]).passed.joined() == "anything")
  }

  @Test(
    "What is passed on is what a naive search finds, for any pieces", arguments: 1...6 as ClosedRange<UInt64>)
  func anyPieces(seed: UInt64) {
    var random = RandomNumbers(seed: seed)
    func pick(_ count: Int) -> Int { Int(random.uniform() * Double(count)) }
    let letters = ["a", "b", "a", "é", "日"]
    for _ in 0..<2000 {
      let pieces = (0..<pick(8)).map { _ in (0..<pick(4)).map { _ in letters[pick(5)] }.joined() }
      let stops = (0..<1 + pick(3)).map { _ in (0..<1 + pick(4)).map { _ in letters[pick(5)] }.joined() }
      let expected = oracle(pieces.joined(), stops)
      let result = run(pieces, stops)
      #expect(result.found == expected.found, "\(pieces) \(stops)")
      #expect(result.passed.joined() == expected.passed, "\(pieces) \(stops)")
      // At no time is more out than may stay out: nothing that a later piece makes a part of the stop text.
      var out = ""
      for passed in result.passed {
        out += passed
        #expect(expected.passed.utf8.starts(with: out.utf8))
      }
    }
  }
}
