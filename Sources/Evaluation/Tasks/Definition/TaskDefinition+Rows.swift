import MartletJSON
import MartletPrompting

extension TaskDefinition {
  /// The texts of the choices.
  func choices(of row: TaskRow) throws(TaskError) -> [String] {
    switch choices {
    case .fixed(let texts)?: return texts
    case .template(let template)?: return try template.strings(in: row)
    case nil: return []
    }
  }

  /// The place of the right choice.
  func rightChoice(of row: TaskRow, among choices: [String]) throws(TaskError) -> Int {
    let index: Int?
    switch target {
    case .index(let value): index = value
    case .template(let template):
      let value = try template.value(in: row)
      if let text = value.stringValue {
        let isNumber = !text.isEmpty && text.utf8.allSatisfy { $0 &- 0x30 < 10 }
        index = isNumber ? Int(text) : choices.firstIndex { PlainText.equal($0, text) }
      } else {
        index = value.intValue
      }
    }
    guard let index, choices.indices.contains(index) else {
      let member = if case .template(let template) = target { template.text } else { "doc_to_target" }
      throw row.error(member, "does not name one of the \(choices.count) choices")
    }
    return index
  }

  /// The text of the right answer, as an example shows it and as replies are compared with.
  func answer(of row: TaskRow) throws(TaskError) -> String {
    if choices != nil {
      let choices = try choices(of: row)
      return choices[try rightChoice(of: row, among: choices)]
    }
    guard case .template(let template) = target else { return "" }
    return try template.string(in: row)
  }

  /// Which choices are true.
  func labels(_ template: TaskTemplate, of row: TaskRow, count: Int) throws(TaskError) -> [Bool] {
    let labels = try template.value(in: row).arrayValue?.map { $0.intValue == 1 } ?? []
    guard labels.count == count else {
      throw row.error(template.text, "has \(labels.count) labels for \(count) choices")
    }
    return labels
  }

  /// The reference as people read it: what is compared, or that programs are run.
  func shown(_ reference: String) -> String {
    for case .exactMatch(let match) in metrics { return match.cleaned(reference) }
    return "passes its tests"
  }
}
