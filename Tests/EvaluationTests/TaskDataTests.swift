import Foundation
import MartletEvaluation
import MartletJSON
import MartletLanguageModels
import Testing

@Suite struct TaskDataTests {
  private func folder(_ files: [String: String]) throws -> URL {
    let folder = FileManager.default.temporaryDirectory.appending(path: "task-data-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (name, text) in files { try Data(text.utf8).write(to: folder.appending(path: name)) }
    return folder
  }

  private func message(_ body: () throws -> Void) -> String {
    do {
      try body()
      return ""
    } catch { return "\(error)" }
  }

  private func contexts(_ task: String, _ splits: [String: [JSONObject]], shots: Int = 0) throws -> [String] {
    let prepared = try PreparedTask(
      EvaluationTask.builtIn(named: task), data: TaskData(splits), shots: shots, chat: false)
    return prepared.items.map {
      switch $0.prompt {
      case .choices(.text(let text), _), .generation(.text(let text), _, _, _): text
      default: ""
      }
    }
  }

  @Test func filesAreSplitsAndPartsAreJoined() throws {
    let folder = try folder([
      "test-00000-of-00002.jsonl": "{\"a\": 1}\n\n{\"a\": 2}\n", "test-00001-of-00002.jsonl": "{\"a\": 3}",
      "dev.json": "[{\"a\": 4}]", "train.json": #"{"rows": [{"row_idx": 0, "row": {"a": 5}}]}"#,
      "notes.txt": "x",
    ])
    defer { try? FileManager.default.removeItem(at: folder) }
    let data = try TaskData(contentsOf: folder)
    #expect(
      data.splits.mapValues { $0.compactMap { $0.object["a"]?.intValue } } == [
        "test": [1, 2, 3], "dev": [4], "train": [5],
      ])
    #expect(data.splits["test"]?[1].place == RowPlace(file: "test-00000-of-00002.jsonl", line: 3))
  }

  @Test func tasksAreReadFromFilesByTheirEnding() throws {
    let folder = try folder([
      "a.jsonl": #"{"question": "q", "number": 1}"#, "b.yaml": "[{question: q, number: 1}]",
      "c.json": "{\n\t\"task\": \"d\",\n\t\"questions\": [{\"question\": \"q\", \"number\": 1}]\n}",
      "e.txt": "",
      "f.json": "{",
    ])
    defer { try? FileManager.default.removeItem(at: folder) }
    func name(_ file: String) throws -> String { try EvaluationTask(file: folder.appending(path: file)).name }
    #expect(try [name("a.jsonl"), name("b.yaml"), name("c.json")] == ["a", "b", "d"])
    #expect(
      message { _ = try name("e.txt") }.hasSuffix("a task's name ends in .jsonl, .yaml, .yml or .json."))
    #expect(
      message { _ = try name("f.json") }.contains("f.json cannot be read: Not valid JSON at line 1, column 2")
    )
    #expect(throws: TaskError.self) { try name("none.yaml") }
  }

  @Test func aRowThatLacksAMemberIsAnErrorWithItsPlace() throws {
    let folder = try folder([
      "test.jsonl": #"{"question": "q", "answer": "a"}"# + "\n" + #"{"question": 5, "answer": "a"}"#,
      "validation.jsonl": #"{"question": "q", "mc1_targets": {"choices": ["a"]}}"#,
    ])
    defer { try? FileManager.default.removeItem(at: folder) }
    let data = try TaskData(contentsOf: folder)
    #expect(
      message { _ = try PreparedTask(.builtIn(named: "gsm8k"), data: data, shots: 0, chat: true) }
        == "Line 2 of test.jsonl: question: must be a string, but is a number.")
    #expect(
      message { _ = try PreparedTask(.builtIn(named: "truthfulqa_mc1"), data: data, chat: true) }
        == "Line 1 of validation.jsonl: mc1_targets.labels: is missing.")
    #expect(
      message { _ = try TaskData(contentsOf: folder.appending(path: "none")) }.hasSuffix(
        "there is no such file or folder."))
    try Data("{\"a\": 1}\n[1]\n".utf8).write(to: folder.appending(path: "test.jsonl"))
    #expect(
      message { _ = try TaskData(contentsOf: folder) }
        == "Line 2 of test.jsonl: a row must be an object, but this is an array.")
  }

  @Test func aMissingSplitIsAnErrorThatNamesItsFile() {
    let sound = TaskData(["test": [["question": "q", "answer": "a"]]])
    #expect(
      message { _ = try PreparedTask(.builtIn(named: "gsm8k"), data: sound, chat: true) }
        == "The task gsm8k needs the split \"train\", a file named train.jsonl; there are test.")
  }

  @Test func anUnknownSubjectIsAnError() {
    let row: JSONObject = [
      "question": "q", "subject": "cooking", "choices": ["a", "b", "c", "d"], "answer": 0,
    ]
    #expect(
      message { _ = try contexts("mmlu", ["test": [row]]) } == "Row 1: subject: \"cooking\" is not known.")
    var far = row
    (far["subject"], far["answer"]) = ("anatomy", 4)
    #expect(
      message { _ = try contexts("mmlu", ["test": [far]]) }
        == "Row 1: answer: does not name one of the 4 choices.")
  }

  @Test func rowsInBothFormsGiveTheSamePrompts() throws {
    let hub: JSONObject = [
      "question": "q", "mc2_targets": ["choices": ["a", "b"], "labels": [0, 1]],
      "mc1_targets": ["choices": ["a"], "labels": [1]],
    ]
    let flat: JSONObject = ["question": "q", "mc2_choices": ["a", "b"], "mc2_labels": [0, 1]]
    #expect(
      try contexts("truthfulqa_mc2", ["validation": [hub]]) == contexts("truthfulqa_mc2", ["mc": [flat]]))
    let scene: JSONObject = [
      "activity_label": "A", "ctx_a": "One.", "ctx_b": "", "endings": ["x", "y"], "label": "1",
    ]
    let joined: JSONObject = ["ctx": "A: One.", "endings": ["x", "y"], "label": 1]
    #expect(try contexts("hellaswag", ["validation": [scene]]) == contexts("hellaswag", ["val": [joined]]))
    let warned = try PreparedTask(
      .builtIn(named: "hellaswag"), data: TaskData(["val": [joined]]), chat: false)
    #expect(warned.warnings.count == 1)
    let text: JSONObject = ["text": "Add.", "code": "x", "test_list": ["a", "b", "c"], "task_id": 11]
    var prompt = text
    (prompt["prompt"], prompt["text"]) = ("Add.", nil)
    #expect(try contexts("mbpp", ["test": [text]]) == contexts("mbpp", ["test": [prompt]]))
    #expect(
      message { _ = try contexts("mbpp", ["test": [text], "prompt": [text]], shots: 3) }
        == "The task mbpp takes the row with task_id 2 as an example, and it is missing.")
  }

  @Test func limitsCountEachGroupAndRecipesTellWhatMovesTheScore() throws {
    func row(_ subject: String, _ answer: Int) -> JSONObject {
      [
        "question": .string("q\(answer)"), "subject": .string(subject), "choices": ["a", "b", "c", "d"],
        "answer": JSON(answer),
      ]
    }
    let rows = [row("virology", 0), row("anatomy", 1), row("virology", 2), row("anatomy", 3)]
    let prepared = try PreparedTask(
      .builtIn(named: "mmlu"), data: TaskData(["test": rows]), limit: 1, chat: true)
    #expect(prepared.items.map(\.id) == ["anatomy/0", "virology/0"])
    #expect(prepared.items.map(\.expected) == ["B", "A"])
    #expect(prepared.recipe["version"]?.stringValue == "2")
    #expect(prepared.recipe["limit"]?.intValue == 1)
    #expect(
      prepared.recipe["definition"]?["doc_to_text"]?.stringValue?.hasPrefix("{{question.strip()}}") == true)
    #expect(prepared.recipe["sampler"]?.stringValue == "first_n")
  }

  @Test func examplesForATaskWithoutAnyAreWarnedOf() throws {
    let row: JSONObject = ["question": "q", "mc1_targets": ["choices": ["a", "b"], "labels": [1, 0]]]
    var other = row
    other["question"] = "r"
    let prepared = try PreparedTask(
      .builtIn(named: "truthfulqa_mc1"), data: TaskData(["validation": [row, other]]), shots: 1, chat: false)
    #expect(prepared.warnings.first?.contains("is made for no examples") == true)
  }

  @Test func repliesThatDoNotFitAreErrors() async throws {
    let row: JSONObject = ["question": "q", "mc1_targets": ["choices": ["a", "b"], "labels": [1, 0]]]
    let prepared = try PreparedTask(
      .builtIn(named: "truthfulqa_mc1"), data: TaskData(["validation": [row]]), chat: false)
    let score = ContinuationScore(logLikelihood: -1, tokenCount: 1, isGreedy: false)
    for reply in [ItemReply.choices([score]), .outputs(["a"]), .outputs([])] {
      await #expect(throws: TaskError.self) {
        try await prepared.result(of: prepared.items[0], reply: reply) { _ in false }
      }
    }
  }

  @Test func aDefinitionWithAnUnknownMemberIsAnError() throws {
    let text = """
      task: mine
      dataset: {name: mine}
      output_type: generate_until
      test_split: test
      doc_to_text: question
      doc_to_target: answer
      metric_list: [{metric: exact_match}]
      """
    let task = try EvaluationTask(yaml: Array(text.utf8), file: "mine.yaml")
    #expect(task.scoreNames == ["exact_match"])
    func fault(_ more: String) -> String {
      message { _ = try EvaluationTask(yaml: Array((text + "\n" + more).utf8), file: "mine.yaml") }
    }
    #expect(fault("fewshot_spit: x").hasPrefix("mine.yaml: fewshot_spit: is not known; known are dataset, "))
    #expect(
      fault("fewshot_config: {sampler: all}")
        == "mine.yaml: fewshot_config.sampler: must be default or first_n.")
    #expect(
      fault("filter_list: [{name: a, filter: [{function: regexp}]}]").hasPrefix(
        "mine.yaml: filter_list[0].filter[0].function: must be regex"))
    #expect(
      fault("process_docs: !function utils.x").hasPrefix("mine.yaml: Not usable YAML at line 8, column 15"))
  }
}
