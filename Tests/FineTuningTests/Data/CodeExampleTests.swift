import Foundation
import MartletTokenizers
import Testing

@testable import MartletFineTuning

@Suite struct CodeExampleTests {
  private static let code = """
    /// A bird.
    struct Bird {
      let name: String

      func sing() -> String { "<|im_end|>" }
    }


    func draw(_ bird: Bird) {
      let lines = [bird.name, bird.sing()]
      for line in lines { print(line) }
    }

    let swift = Bird(name: "swift")

    """

  private func read(
    _ code: String = code, length: Int = 64, seed: UInt64 = 0, loss: TrainingDataOptions.Loss = .answers
  ) throws -> (TrainingSet, Tokenizer) {
    let file = try TemporaryFile(code, name: "bird.swift")
    let encoder = try ExampleFixture().encoder("chatml")
    let options = TrainingDataOptions(maximumLength: length, loss: loss, seed: seed)
    return (try TrainingDataReader(encoder, options: options).read([], code: [file.path]), encoder.tokenizer)
  }

  /// The code of an example, whether it has a gap or not.
  private func code(of example: TrainingExample, _ tokenizer: Tokenizer) throws -> (
    code: String, hasGap: Bool
  ) {
    let text = example.text.replacing("<|endoftext|>", with: "")
    let parts = text.split(separator: #/<\|fim_(prefix|suffix|middle)\|>/#, omittingEmptySubsequences: false)
    guard parts.count > 1 else {
      let end = try #require(tokenizer.special.eos.flatMap { tokenizer.token($0) })
      return (
        text.hasSuffix("}\n" + end) || text.hasSuffix("\n" + end) ? String(text.dropLast(end.count)) : text,
        false
      )
    }
    try #require(parts.count == 4)
    return (String(parts[1] + parts[3] + parts[2]), true)
  }

  @Test func thePiecesOfAFileAreTheFile() throws {
    for length in [40, 64, 200, 1000] {
      let (set, tokenizer) = try read(length: length)
      let codes = try set.examples.map { try code(of: $0, tokenizer).code }
      #expect(codes.joined().filter { !$0.isWhitespace } == Self.code.filter { !$0.isWhitespace })
      #expect(set.examples.allSatisfy { $0.tokens.count <= length })
    }
    // One piece that holds all is the file to the letter.
    let (set, tokenizer) = try read(length: 1000)
    #expect(try code(of: set.examples[0], tokenizer).code == Self.code)
  }

  @Test func aSeededHalfOfThePiecesHasAGap() throws {
    let many = (0..<200).map { "func f\($0)() {\n  let swift = \($0)\n  print(swift)\n}\n\n" }.joined()
    let (set, tokenizer) = try read(many, length: 60)
    let gaps = try set.examples.count { try code(of: $0, tokenizer).hasGap }
    #expect(Double(gaps) / Double(set.examples.count) > 0.35)
    #expect(Double(gaps) / Double(set.examples.count) < 0.65)
    #expect(try read(many, length: 60).0 == set)
    #expect(try read(many, length: 60, seed: 1).0 != set)
  }

  @Test func aGapEndsWithTheEndOfTextAndItsThreeTokensDoNotCount() throws {
    let many = (0..<40).map { "func f\($0)() {\n  print(\($0))\n}\n\n" }.joined()
    let (set, tokenizer) = try read(many, length: 60)
    let gap = try #require(FillInTheMiddle(tokenizer))
    let marks = [gap.prefix, gap.suffix, gap.middle]
    let examples = set.examples.filter { $0.tokens[0] == gap.prefix }
    #expect(!examples.isEmpty)
    for example in examples {
      #expect(example.tokens.last == tokenizer.id(of: "<|endoftext|>"))
      for (token, counts) in zip(example.tokens, example.counts) { #expect(counts == !marks.contains(token)) }
    }
  }

  @Test func aModelWithoutTheTokensReadsCodeAsText() throws {
    let file = try TemporaryFile(Self.code, name: "bird.swift")
    let encoder = try ExampleFixture().encoder("mistral")
    try #require(FillInTheMiddle(encoder.tokenizer) == nil)
    let set = try TrainingDataReader(encoder).read([], code: [file.path])
    #expect(set.examples.allSatisfy { $0.countedTokens == $0.tokens.count - 1 })
  }

  @Test func whatIsNoCodeIsReported() throws {
    let file = try TemporaryFile(Self.code, name: "bird.swift")
    let folder = URL(filePath: file.path).deletingLastPathComponent()
    try Data("# Birds\n".utf8).write(to: folder.appending(path: "README.md"))
    let encoder = try ExampleFixture().encoder("chatml")
    let set = try TrainingDataReader(encoder).read([], code: [folder.path(percentEncoded: false)])
    #expect(set.report.rows == 1)
    #expect(set.report.warnings.contains { $0.contains("README.md") })
    #expect(throws: TrainingDataError.self) {
      try TrainingDataReader(encoder).read([], code: ["/no/such/place"])
    }
  }
}
