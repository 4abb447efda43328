import MartletJSON
import Testing

@testable import MartletCourse

@Suite("What learners type becomes a value")
struct AnswerValueTests {
  @Test("Numbers are read as people write them")
  func numbers() throws {
    for (text, value) in [
      ("0.5", 0.5), (" 1,024 ", 1024), ("1_000", 1000), ("-3e-2", -0.03), ("12,345.5", 12345.5),
    ] {
      #expect(try AnswerValue.read(text, as: .number) == JSON(value), "\(text)")
    }
    for text in ["", "  ", "much", "1,2", "nan", "inf", "1,23,456"] {
      #expect(throws: CourseError.self, "\(text)") { try AnswerValue.read(text, as: .number) }
    }
    #expect(throws: CourseError.self) { try AnswerValue.read("1.5", as: .integer) }
    #expect(try AnswerValue.read("2,359,296", as: .integer) == 2_359_296)
  }

  @Test("Sets and lists are separated by commas or blanks; only lists have an order")
  func lists() throws {
    let given = try AnswerValue.read("New York, Rome", as: .words)
    #expect(given == ["New York", "Rome"])
    #expect(AnswerValue.matches(given, ["rome", "new york"], type: .words, tolerance: 0))
    #expect(!AnswerValue.matches(given, ["rome", "new york"], type: .list, tolerance: 0))
    #expect(!AnswerValue.matches(given, ["rome"], type: .words, tolerance: 0))
    #expect(AnswerValue.matches(try AnswerValue.read("b a", as: .words), "a b", type: .words, tolerance: 0))
  }

  @Test("Texts are compared without case, blanks and final punctuation; truth values are yes or no")
  func textsAndTruth() throws {
    #expect(AnswerValue.matches("  The  answer. ", "the answer", type: .text, tolerance: 0))
    #expect(!AnswerValue.matches("the answers", "the answer", type: .text, tolerance: 0))
    #expect(try AnswerValue.read("Yes", as: .boolean) == true)
    #expect(throws: CourseError.self) { try AnswerValue.read("perhaps", as: .boolean) }
    #expect(AnswerValue.matches(0.5994, 0.6, type: .number, tolerance: 0.001))
    #expect(!AnswerValue.matches(0.5989, 0.6, type: .number, tolerance: 0.001))
  }

  @Test("JSON is near JSON by its numbers, and equal in everything else")
  func nearness() {
    let value: JSON = ["a": [1, 2.0000001], "b": "x"]
    #expect(value.isNear(["b": "x", "a": [1, 2]], tolerance: 1e-6))
    #expect(!value.isNear(["b": "y", "a": [1, 2]], tolerance: 1e-6))
    #expect(!value.isNear(["a": [1, 2]], tolerance: 1e-6))
    #expect(!value.isNear(["b": "x", "a": [1]], tolerance: 1e-6))
    #expect(JSON(1e9 + 1).isNear(JSON(1e9), tolerance: 1e-6))
    #expect(!JSON.null.isNear(0, tolerance: 1))
  }
}
