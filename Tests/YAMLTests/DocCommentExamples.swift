import MartletJSON
import MartletYAML

/// The code in doc comments of the module, which lint compares with these lines: it compiles.
private enum DocCommentExamples {
  static func reading() throws -> Int? {
    let task = try JSON(parsingYAML: "task: sums\nquestions: [{question: 2+2=?, number: 4}]")
    let answer = task["questions"]?[0]?["number"]?.intValue
    return answer
  }
}
