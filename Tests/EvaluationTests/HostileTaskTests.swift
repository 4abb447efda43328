import MartletEvaluation
import MartletJSON
import MartletSeededRandom
import MartletTestScope
import Testing

@Suite struct HostileTaskTests {
  /// Values of other kinds in every place of a task's file: each is read, or an error of the module.
  @Test(.long) func anyValueInAnyPlaceIsReadOrRefused() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SplitMix64(seed: seed)
    let own: JSON = [
      "task": "a", "system": "s", "prompt": "{{question}}", "num_fewshot": 1, "max_tokens": 5,
      "temperature": 0.5,
      "until": ["x"], "case_sensitive": true, "metadata": ["version": 2],
      "questions": [
        ["question": "q", "equals": ["a", "b"], "id": "1"], ["question": "q", "number": 4, "tolerance": 1],
        ["question": "q", "choices": ["a", "b"], "answer": 1, "system": "t"],
        ["question": "q", "regex": "a|b"],
      ],
    ]
    let names = ["gsm8k", "mbpp", "truthfulqa_mc2", "humaneval_instruct", "hellaswag"]
    let definitions = try names.map { name in
      try PreparedTask(.builtIn(named: name), data: Self.rows, shots: 0, chat: false).recipe["definition"]
        ?? .null
    }
    let values: [JSON] = [
      nil, true, -1, 0, 3, 1.5, 1e300, "", "a", "{{ x", "{{ question }}", "(", [], ["a"], [[1]], [:],
      ["a": ["b": 1]],
      ["name": "x"],
    ]
    for _ in 0..<3000 {
      var task =
        Int.random(in: 0..<3, using: &random) == 0 ? own : definitions.randomElement(using: &random) ?? own
      for _ in 0..<Int.random(in: 1...2, using: &random) {
        task = Self.changed(task, to: values.randomElement(using: &random) ?? .null, &random)
      }
      do {
        let read = try EvaluationTask(yaml: Array(task.serialized().utf8), file: "x.yaml")
        _ = try PreparedTask(read, data: Self.rows, shots: 1, chat: Bool.random(using: &random)).recipe
          .serialized()
      } catch {
        // Its type is the module's own; here it is read as people read it.
        #expect(!error.description.isEmpty, "seed \(seed)")
      }
    }
  }

  static let rows: TaskData = {
    // One row with the members of all of them; an answer is a text in some and a number in others.
    let row: JSONObject = [
      "question": "q", "answer": "a #### 4", "text": "t", "code": "c", "test_list": ["1", "2", "3"],
      "task_id": "H/0", "prompt": "p", "test": "t", "entry_point": "e", "ctx": "A: b", "endings": ["x", "y"],
      "label": 1, "mc2_choices": ["a", "b"], "mc2_labels": [1, 0], "subject": "anatomy",
    ]
    return TaskData(["test": [row, row], "train": [row, row], "validation": [row, row], "prompt": [row]])
  }()

  /// The value with one of its parts replaced.
  private static func changed(_ value: JSON, to new: JSON, _ random: inout SplitMix64) -> JSON {
    guard Int.random(in: 0..<5, using: &random) > 0 else { return new }
    switch value {
    case .object(var object) where !object.isEmpty:
      let key = object.keys[Int.random(in: 0..<object.count, using: &random)]
      object[key] = changed(object[key] ?? .null, to: new, &random)
      return .object(object)
    case .array(var elements) where !elements.isEmpty:
      let index = Int.random(in: 0..<elements.count, using: &random)
      elements[index] = changed(elements[index], to: new, &random)
      return .array(elements)
    default: return new
    }
  }
}
