import Foundation
import MartletEvaluation
import MartletJSON
import Testing

/// A folder with questions and a file of runs of its own, and the program on them.
struct EvaluatePlace {
  let folder: URL
  /// Whether the models of the user's cache are there; otherwise there are none, nor data.
  var hasModels = false

  var runs: String { folder.appending(path: "runs.sqlite").path }
  var program: MartletProcess {
    var environment = ["MARTLET_RUNS": runs, "HF_HUB_OFFLINE": "1"]
    if !hasModels { environment["MARTLET_HOME"] = folder.appending(path: "home").path }
    return MartletProcess(environment: environment)
  }

  /// Questions, one of each kind, that the tiny model gets wrong or right by chance.
  static let mixed = """
    {"question": "2+2=?", "number": 4}
    {"question": "Who wrote Hamlet?", "contains": ["Shakespeare", "the Bard"], "id": "hamlet"}
    {"question": "Which is the largest?", "choices": ["3", "30", "13"], "answer": "30"}
    {"question": "Say something.", "regex": ".", "id": "any"}

    """

  /// So many questions that ask for a text, as YAML.
  static func texts(_ count: Int, maximumTokens: Int) -> String {
    "max_tokens: \(maximumTokens)\nquestions:\n"
      + (0..<count).map { "  - {question: \"What is \($0) + 1?\", contains: \"\("en"[$0 % 2])\"}\n" }.joined()
  }

  @discardableResult
  func write(_ name: String, _ text: String) throws -> String {
    let url = folder.appending(path: name)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
    return url.path
  }

  func run(_ command: String, _ arguments: String...) throws -> MartletProcess.Result {
    try program.run(["eval", command] + arguments)
  }

  /// A run of the tiny model, which succeeds.
  @discardableResult
  func measure(_ task: String, _ arguments: String..., model: String = TinyFolder.path) throws -> JSON {
    let result = try program.run(["eval", "run", task, "-m", model, "--json"] + arguments)
    try #require(result.status == 0, "\(result.errors)")
    return try JSON(parsing: result.text)
  }

  func object(_ command: String, _ arguments: String...) throws -> JSON {
    let result = try program.run(["eval", command] + arguments + ["--json"])
    try #require(result.status == 0, "\(result.errors)")
    return try JSON(parsing: result.text)
  }

  /// How many results of a run are kept; none while it is not there.
  func keptResults(ofRun number: Int = 1) -> Int {
    guard FileManager.default.fileExists(atPath: runs) else { return 0 }
    return (try? RunStore(at: runs).run(number).resultCount) ?? 0
  }
}

/// A place that is removed after `body`.
func withEvaluatePlace<Result>(
  hasModels: Bool = false, _ body: (EvaluatePlace) throws -> Result
) throws -> Result {
  try withTemporaryFolder { folder in
    try body(EvaluatePlace(folder: folder.resolvingSymlinksInPath(), hasModels: hasModels))
  }
}

/// The words of a text with single spaces, however its lines are broken.
func words(of text: String) -> String {
  text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
}

extension String {
  /// The character at a place.
  fileprivate subscript(_ index: Int) -> Character { self[self.index(startIndex, offsetBy: index)] }
}
