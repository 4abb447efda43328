import MartletFineTuning
import Testing

/// The code in doc comments of the module, which lint compares with these lines: it compiles, and what it says is so.
@Suite struct DocCommentExamples {
  @Test func examples() throws {
    let example = try TrainingExample(tokens: [5, 8, 2], counts: [false, true, true], text: "Q: A.")
    let learned = example.countedTokens  // 2
    #expect(learned == 2)
  }

  @Test func parts() throws {
    let example = try TrainingExample(tokens: [5, 8, 2], counts: [false, true, true], text: "Q: A.")
    let set = TrainingSet(Array(repeating: example, count: 10))
    let (training, heldOut) = try set.split(heldOut: 0.2, seed: 7)
    print(training.examples.count, heldOut.examples.count, training.report.countedTokens)  // 8 2 16
    #expect(training.report.countedTokens == 16)
  }
}
