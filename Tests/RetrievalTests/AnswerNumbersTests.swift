import Testing

@testable import MartletRetrieval

@Suite("The numbers of an answer, and passages that have them")
struct AnswerNumbersTests {
  static let answers: [(answer: String, question: String, text: String, isHeld: Bool)] = [
    ("It keeps 500 lines.", "How many lines?", "The default is 500.", true),
    ("It keeps 500 lines.", "How many lines?", "The default is 5000.", false),
    ("After 1000 errors", "When?", "1,000 different ones", true),
    ("After 1,000 errors.", "When?", "1000 different ones", true),
    ("In release 3.13.", "When?", "remove=(3, 13)", true), ("In release 3.13.", "When?", "in 3.1", false),
    ("There were 4.", "How many?", "their four children", true),
    ("There were 4.", "How many?", "forty", false),
    // What the question says needs no source, nor do numbers within words.
    ("In 1904 it was lit.", "Was it lit in 1904?", "", true), ("Use base64.", "What?", "", true),
    ("None.", "How many?", "", true), ("", "", "", true),
  ]

  @Test("A number is held in figures, grouped or not, and as a word up to twelve", arguments: answers)
  func held(answer: String, question: String, text: String, isHeld: Bool) {
    #expect(AnswerNumbers(answer, beside: question).areHeld(by: text) == isHeld)
  }
}
