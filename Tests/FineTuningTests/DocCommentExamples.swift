import MartletFineTuning
import Testing

/// The code in doc comments of the module, which lint compares with these lines: it compiles, and what it says is so.
@Suite struct DocCommentExamples {
  @Test func examples() throws {
    let example = try TrainingExample(tokens: [5, 8, 2], counts: [false, true, true], text: "Q: A.")
    let learned = example.countedTokens  // 2
    #expect(learned == 2)
  }
}
