import Testing

@testable import MartletRetrieval

@Suite("Names in a question, and texts that have them")
struct QuestionNamesTests {
  static let questions: [(question: String, names: [String])] = [
    ("What is the default of Memcheck's --leak-graph option?", ["--leak-graph"]),
    ("By how much can --delta-stacktrace=yes speed it up?", ["--delta-stacktrace"]),
    ("What does read -z do?", ["-z"]),
    ("What does Queue.get raise after Queue.shutdown() was called?", ["Queue.get", "Queue.shutdown()"]),
    ("What is ArgumentParser's suggest_on_error?", ["ArgumentParser", "suggest_on_error"]),
    ("How do I write an iCalendar file, or `ics`?", ["iCalendar", "ics"]),
    ("Does it run on RISC-V? On CPUs?", ["RISC-V", "CPU"]),
    ("Which asn1Decoding option prints XML?", ["asn1Decoding", "XML"]),
    // Ordinary words, names of people, abbreviations with stops, figures, and numbers of kings.
    ("What did Mr. Bingley's well-known friend say, e.g. to Jane?", []),
    ("How old was Louis XIV in 1643, the 5th year?", []),
    ("Is it - or was it — done (2-3 times)?", []),
    ("Wie groß ist der Überlauf?", []),
    // Capitals throughout say nothing.
    ("WHAT IS THE DEFAULT?", []),
    ("", []), ("-- ? ()", []),
  ]

  @Test("Options, identifiers and acronyms are names; other words are not", arguments: questions)
  func names(question: String, names: [String]) {
    #expect(QuestionNames(question).names == names)
  }

  static let texts: [(name: String, text: String, isThere: Bool)] = [
    ("auto_cd", "the autocd option", true), ("AutoCD", "set auto-cd", true), ("auto_cd", "an autocdr", false),
    ("--leak-graph", "use --leak-graph=yes", true), ("--leak-graph", "the leak graph", true),
    ("--leak-graph", "--leak-check", false),
    ("-z", "read −z reads", true), ("-z", "z is a letter", false), ("-z", "-zap", false),
    ("Queue.get", "class Queue:\n  def get(self)", true), ("Queue.shutdown()", "class Queue", false),
    ("SVG", "svg", false), ("JSON", "import json", true), ("PER", "ten per cent", false),
    ("PER", "PERs", true),
    ("US", "the U.S. Senate", true), ("US", "the United States", true), ("US", "tell us more", false),
    ("WHO", "the World Health Organization", true), ("BBC", "the Bank of Canada", false), ("SVG", "", false),
  ]

  @Test(
    "A name is found however its parts are joined, and an acronym by the words it is made of",
    arguments: texts)
  func found(name: String, text: String, isThere: Bool) {
    #expect(SpelledText(text).has(name) == isThere)
  }

  @Test("A name is missing where no text has it")
  func missing() {
    let names = QuestionNames("Does ms_print write SVG?")
    let texts = ["ms_print draws a graph", "of letters"].map { SpelledText($0) }
    #expect(names.missing(from: texts) == ["SVG"] && names.missing(from: []) == ["ms_print", "SVG"])
  }
}
