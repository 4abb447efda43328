import MartletDatasets
import Testing

@Suite("Examples of the doc comments")
struct DocCommentExamples {
  @Test("A pulled data set is read row by row; one that is not there says how to get it")
  func folder() throws {
    switch Result(catching: read) {
    case .success(let names): #expect(names.count == 164 && names[0] == "HumanEval/0")
    case .failure(let error): #expect(error as? DatasetError == .notPulled("humaneval"))
    }
  }

  private func read() throws -> [String] {
    var names: [String] = []
    let data = try DatasetFolder.open("humaneval")
    var rows = try data.rows(split: "test")
    while let row = try rows.next() { names.append(row["task_id"]?.stringValue ?? "") }
    return names
  }
}
