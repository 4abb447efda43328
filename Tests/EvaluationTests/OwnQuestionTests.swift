import MartletEvaluation
import MartletJSON
import MartletLanguageModels
import MartletPrompting
import Testing

@Suite struct OwnQuestionTests {
  private func task(_ yaml: String) throws -> EvaluationTask {
    try EvaluationTask(yaml: Array(yaml.utf8), file: "mine.yaml")
  }

  private func message(_ make: () throws -> EvaluationTask) -> String {
    do {
      _ = try make()
      return ""
    } catch { return "\(error)" }
  }

  /// Whether replies are right, question by question.
  private func judged(_ task: EvaluationTask, _ replies: [String]) async throws -> [Bool?] {
    let prepared = try PreparedTask(task, data: TaskData(), chat: true)
    var judged: [Bool?] = []
    for (item, reply) in zip(prepared.items, replies) {
      judged.append(try await prepared.result(of: item, reply: .outputs([reply])) { _ in false }.correct)
    }
    return judged
  }

  @Test func threeLinesAreATask() async throws {
    let task = try EvaluationTask(
      lines: """
        {"question": "2+2=?", "number": 4}
        {"question": "Capital of France?", "contains": "Paris"}

        {"question": "Who wrote Hamlet?", "contains": ["Shakespeare", "The Bard"], "id": "hamlet"}
        """, file: "three.jsonl")
    #expect(task.name == "three")
    #expect(try await judged(task, ["It is 4.", "paris!", "the bard"]) == [true, true, true])
    #expect(try await judged(task, ["It is 4 or 5.", "Lyon", "Marlowe"]) == [false, false, false])
    let prepared = try PreparedTask(task, data: TaskData(), chat: true)
    #expect(prepared.items.map(\.id) == ["1", "2", "hamlet"])
    #expect(prepared.items[0].expected == "4")
    guard case .generation(let prompt, let stop, let tokens, let sampling) = prepared.items[0].prompt else {
      Issue.record("no generation")
      return
    }
    #expect(prompt == .messages([.user("2+2=?")]))
    #expect(stop.isEmpty && tokens == 256 && sampling == .greedy)
  }

  @Test func answersAreComparedAsTheirKindSays() async throws {
    let task = try task(
      """
      - {question: a, equals: [Yes, "No way"]}
      - {question: b, equals: Yes, case_sensitive: true}
      - {question: c, regex: '^\\d{4}$'}
      - {question: d, number: [3.14, 22], tolerance: 0.01}
      - {question: e, number: -1234.5}
      - {question: f, equals: 4}
      """)
    #expect(
      try await judged(task, [" yes\n", "Yes", "1999\n", "about 3.149", "so −1,234.5.", "4"])
        == [true, true, true, true, true, true])
    #expect(
      try await judged(task, ["yes.", "yes", "19995", "3.16", "10-1234.5", "4."])
        == [false, false, false, false, false, false])
  }

  @Test func theLastNumberCounts() async throws {
    let task = try task("[{question: q, number: 1200}]")
    for right in ["1200", "1,200", "2 times 600 is 1200.", "$1,200.00", "1.2e3", "x = 1200!"] {
      #expect(try await judged(task, [right]) == [true], "\(right)")
    }
    for wrong in ["", "none", "1200 or 5", "1,2000", "12,00", "1200a1", "-1200"] {
      #expect(try await judged(task, [wrong]) == [false], "\(wrong)")
    }
  }

  @Test func thinkingIsNoPartOfTheAnswer() async throws {
    let task = try task("[{question: q, number: 4}, {question: r, equals: Paris}]")
    #expect(
      try await judged(task, ["<think>5?</think>It is 4", "<think>\nLyon?\n</think>\n\nParis"]) == [
        true, true,
      ])
    #expect(try await judged(task, ["4 <think>5</think>", "Lyon?</think>\nParis"]) == [true, true])
    // A thought that never ends has no answer, whatever it says.
    #expect(try await judged(task, ["<think>It is 4", "Paris<think>"]) == [false, false])
    #expect(Thinking.answer(in: "a <b> c") == "a <b> c")
    #expect(Thinking.answer(in: "<think>a</think> <think>b</think>c") == "c")
    #expect(Thinking.answer(in: "<think>a</think><think>b") == nil)
  }

  @Test func choicesAreLetters() async throws {
    let task = try task(
      """
      task: pick
      system: Answer with a letter.
      questions:
      - {question: "Largest?", choices: [3, "30"], answer: "30"}
      """.replacing("[3,", with: "[\"3\","))
    let chat = try PreparedTask(task, data: TaskData(), chat: true)
    let context = "Largest?\nA. 3\nB. 30\nAnswer:"
    #expect(
      chat.items[0].prompt
        == .choices(
          context: .messages([.system("Answer with a letter."), .user(context)]), continuations: ["A", "B"]))
    let text = try PreparedTask(task, data: TaskData(), chat: false)
    #expect(
      text.items[0].prompt
        == .choices(context: .text("Answer with a letter.\n\n" + context), continuations: [" A", " B"]))
    let scores = [-2.0, -1.0].map { ContinuationScore(logLikelihood: $0, tokenCount: 1, isGreedy: false) }
    let result = try await text.result(of: text.items[0], reply: .choices(scores)) { _ in false }
    #expect(result.choice == 1 && result.correct == true && result.expected == "B. 30")
    #expect(ItemResult(json: result.json) == result)
  }

  @Test func examplesLeaveOutTheQuestionItself() throws {
    let task = try task(
      """
      task: shots
      num_fewshot: 2
      prompt: "Q ({{level}}): {{question}}"
      max_tokens: 9
      questions:
      - {question: a, level: 1, equals: A}
      - {question: b, level: 2, contains: [B, BB]}
      - {question: c, level: 3, number: 3}
      - {question: d, level: 4, regex: D}
      """)
    let prepared = try PreparedTask(task, data: TaskData(), chat: false)
    for (item, own) in zip(prepared.items, ["a", "b", "c", "d"]) {
      guard case .generation(.text(let text), let stop, 9, _) = item.prompt else {
        Issue.record("no text")
        continue
      }
      #expect(stop == ["\n\n"])
      let parts = text.split(separator: "\n\n")
      #expect(parts.count == 3 && parts[2].hasSuffix(": \(own)"))
      #expect(parts.dropLast().allSatisfy { !$0.contains(": \(own) ") && !$0.contains(": d") })
    }
    #expect(try PreparedTask(task, data: TaskData(), chat: true).items.count == 4)
    #expect(throws: TaskError.tooFewExamples(task: "shots", asked: 3, available: 2)) {
      try PreparedTask(task, data: TaskData(), shots: 3, chat: true)
    }
  }

  @Test func errorsNameTheMember() {
    func yaml(_ text: String) -> String { message { try task(text) } }
    #expect(
      yaml("[{question: q, eqals: 1}]")
        == "mine.yaml: questions[0].equals: is missing: say what is right with one of equals, contains, regex, number, choices."
    )
    #expect(
      yaml("[{question: q, number: 1, hint: x}]").hasPrefix(
        "mine.yaml: questions[0].hint: is not known; known are"))
    #expect(
      yaml("{questions: [{question: q, number: 1}], promt: x}").hasPrefix("mine.yaml: promt: is not known"))
    #expect(
      yaml("[{question: q, number: 1, equals: 1}]")
        == "mine.yaml: questions[0].number: cannot be together with equals; give several values of one kind as a list."
    )
    #expect(
      yaml("[{question: q, number: four}]")
        == "mine.yaml: questions[0].number: must be a number or a list of numbers.")
    #expect(yaml("[{number: 4}]") == "mine.yaml: questions[0].question: is missing.")
    #expect(yaml("[{question: q, equals: a, tolerance: 1}]").contains("tolerance: is used with number alone"))
    #expect(
      yaml("[{question: q, choices: [a, b], answer: c}]").contains("answer: \"c\" is not one of the choices"))
    #expect(yaml("[{question: q, choices: [a, b], answer: 2}]").contains("its number from 0 to 1"))
    #expect(
      yaml("[{question: q, regex: '(?=x)'}]").contains(
        "questions[0].regex: the pattern \"(?=x)\" cannot be used"))
    #expect(yaml("[{question: q, regex: 'a$b'}]").contains("has a $ before its end"))
    #expect(
      yaml("[{id: 1, question: q, number: 1}, {id: 1, question: r, number: 1}]").contains(
        "id: \"1\" is used twice"))
    #expect(yaml("questions: []").contains("questions: must be a list with at least one question"))
    #expect(yaml("a: b: c").hasPrefix("mine.yaml: Not usable YAML at line 1, column 5"))
    #expect(yaml("prompt: '{{ x'\nquestions: [{number: 1}]").hasPrefix("mine.yaml: prompt: "))
    #expect(
      message {
        try EvaluationTask(
          lines: "{\"question\": \"q\", \"number\": 1}\n{\"question\": 2, \"number\": 1}", file: "a.jsonl")
      }
        == "Line 2 of a.jsonl: question: must be a string, but is a number.")
    #expect(
      message { try EvaluationTask(lines: "{\"question\": \"q\"", file: "a.jsonl") }.hasPrefix(
        "Line 1 of a.jsonl: "))
    #expect(
      message { try EvaluationTask.builtIn(named: "mmul") }.hasPrefix(
        "There is no task \"mmul\". Built in are arc_challenge"))
  }

  @Test func aPromptThatReadsWhatAQuestionLacksIsAnError() throws {
    let task = try task("{prompt: 'In {{place}}?', questions: [{number: 1}]}")
    #expect(throws: TaskError.self) { try PreparedTask(task, data: TaskData(), chat: true) }
  }
}
