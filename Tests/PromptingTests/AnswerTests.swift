import MartletPrompting
import Testing

@Suite("Answers in completions")
struct AnswerTests {
  @Test func eachRuleFindsItsAnswerOrNone() throws {
    let text = "First 3.\nAnswer: 4\nso, **Answer:** 1,250.5 \nYes.\n\n"
    #expect(AnswerExtraction.whole.answer(in: " a b \n") == "a b")
    #expect(AnswerExtraction.lastLine.answer(in: text) == "Yes.")
    #expect(AnswerExtraction.lastLine.answer(in: "\n \n") == nil)
    #expect(AnswerExtraction.lastNumber.answer(in: text) == "1,250.5")
    #expect(AnswerExtraction.lastNumber.answer(in: "none") == nil)
    #expect(AnswerExtraction.after("Answer:").answer(in: text) == "1,250.5")
    #expect(AnswerExtraction.after("Result:").answer(in: text) == nil)
    #expect(AnswerExtraction.after("Answer:").answer(in: "Answer:\n\n42\nBye") == "42")
    #expect(AnswerExtraction.after("Answer:").answer(in: "Answer: ") == nil)
    let pattern = try AnswerPattern(#"is (\d+)"#)
    #expect(AnswerExtraction.pattern(pattern).answer(in: "It is 3. No, it is 5.") == "5")
    #expect(AnswerExtraction.pattern(pattern).answer(in: "none") == nil)
  }

  @Test func whatIsThoughtIsNoAnswer() {
    #expect(AnswerExtraction.lastNumber.answer(in: "<think>9</think>It is 4") == "4")
    #expect(AnswerExtraction.whole.answer(in: "<think>9 9 9") == nil)
  }

  @Test func theMajorityWinsAndOfEqualsTheFirst() {
    let vote = AnswerVote(["3", "4", "3.0", nil, "4", "3"], found: .lastNumber)
    #expect(vote.counts.map(\.answer) == ["3", "4"] && vote.counts.map(\.votes) == [3, 2])
    #expect(vote.winner == 0)
    let tie = AnswerVote(["Rome", "Paris", "paris.", "rome"])
    #expect(tie.winner == 0 && tie.counts.map(\.votes) == [2, 2])
    #expect(AnswerVote(["a", "b", "b"]).winner == 1)
    #expect(AnswerVote([nil, nil]).winner == nil && AnswerVote([]).counts.isEmpty)
  }
}
