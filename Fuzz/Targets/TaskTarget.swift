import MartletEvaluation
import MartletJSON

/// The file of a task. Its prompts are made, for a definition with a row of members that many tasks read.
func readTask(_ input: [UInt8]) {
  if let task = try? EvaluationTask(lines: String(decoding: input, as: UTF8.self), file: "task.jsonl") {
    prepare(task)
  }
  if let task = try? EvaluationTask(yaml: input, file: "task.yaml") { prepare(task) }
}

private func prepare(_ task: EvaluationTask) {
  let row: JSONObject = [
    "question": "a [b] <think>", "choices": ["x", "y", "z", "é"], "answer": 1, "label": "1", "text": "t",
  ]
  let data = TaskData(["test": [row, row], "train": [row, row, row], "validation": [row], "dev": [row]])
  for isChat in [false, true] {
    guard let prepared = try? PreparedTask(task, data: data, shots: 1, chat: isChat) else { continue }
    precondition(!prepared.recipe.serialized().isEmpty, "a task without a recipe")
  }
}
