import Foundation
import MartletJSON
import MartletPrompting
import MartletYAML

extension Experiment {
  /// An experiment from its file, in YAML or JSON. Files that it names are looked for beside it.
  /// - Throws: ``TaskError`` with the member that is wrong.
  public init(file: URL) throws(TaskError) {
    let path = file.path(percentEncoded: false)
    let bytes: [UInt8]
    do { bytes = [UInt8](try Data(contentsOf: file)) } catch {
      let isMissing = (error as? CocoaError)?.code == .fileReadNoSuchFile
      throw .unreadable(file: path, reason: isMissing ? "there is no such file" : error.localizedDescription)
    }
    try self.init(
      yaml: bytes, file: file.lastPathComponent, folder: file.absoluteURL.deletingLastPathComponent())
  }

  /// An experiment from its YAML or JSON.
  /// - Parameters:
  ///   - bytes: The text.
  ///   - file: Its name in messages; without its ending it is the experiment's name where the text gives none.
  ///   - folder: Where the files are that it names.
  /// - Throws: ``TaskError`` with the member that is wrong.
  public init(yaml bytes: [UInt8], file: String, folder: URL) throws(TaskError) {
    let value: JSON
    do { value = try JSON(parsing: bytes) } catch {
      do { value = try JSON(parsingYAML: bytes) } catch { throw .notYAML(file: file, error) }
    }
    guard let object = value.objectValue else {
      throw .definition(
        file: file, member: "", problem: "an experiment must be a mapping, but this is \(value.kind)")
    }
    let fail: @Sendable (String, String) -> TaskError = { .definition(file: file, member: $0, problem: $1) }
    var members = MemberReader(object, fail: fail)
    let name = try members.text("experiment") ?? EvaluationTask.baseName(file)
    _ = try members.text("description")
    let version: String
    switch members.value("version") {
    case nil: version = "1"
    case .string(let text)?: version = text
    case .number(let number)?: version = number.literal
    case let other?: throw members.error("version", "must be a number or a string, but is \(other.kind)")
    }
    let models = try members.texts("models") ?? []
    let repeats = try members.count("repeats", atLeast: 1) ?? 1
    if repeats > 1000 { throw members.error("repeats", "must be at most 1000") }
    let seed = try members.count("seed") ?? 1234
    let generation = try PromptGeneration(&members, over: PromptGeneration())
    let prompts = try Self.prompts(&members, generation, folder: folder)
    let judge = try members.text("judge")
    let embedder = try members.text("embedder")
    let shared = members.value("assert")
    _ = try members.objects("assert")
    let rows = try Self.rows(&members, folder: folder)
    try members.finish()
    var tests: [ExperimentTest] = []
    var seen: Set<String> = []
    for (index, row) in rows.enumerated() {
      let test = try ExperimentTest(row, index: index, shared: shared, sharedError: fail)
      if !seen.insert(test.id).inserted {
        throw row.error("id", "\(JSON.quoted(test.id)) is used twice")
      }
      for prompt in prompts {
        do { try prompt.check(test.variables) } catch {
          throw row.error("variables", "the prompt \(prompt.name): \(error.reason)")
        }
      }
      tests.append(test)
    }
    self.init(
      name: name, version: version, models: models, repeats: repeats, seed: seed, judge: judge,
      embedder: embedder, prompts: prompts, tests: tests)
  }

  private static func prompts(
    _ members: inout MemberReader, _ generation: PromptGeneration, folder: URL
  ) throws(TaskError) -> [PromptVariant] {
    guard let readers = try members.objects("prompts"), !readers.isEmpty else {
      throw members.error("prompts", "must be a list with at least one prompt")
    }
    var prompts: [PromptVariant] = []
    for reader in readers {
      var reader = reader
      let prompt = try PromptVariant(&reader, over: generation, folder: folder)
      try reader.finish()
      if prompts.contains(where: { $0.name == prompt.name }) {
        throw reader.error("name", "\(JSON.quoted(prompt.name)) is used twice")
      }
      prompts.append(prompt)
    }
    return prompts
  }

  /// The tests: a list, or the name of a file with JSON lines or a list.
  private static func rows(_ members: inout MemberReader, folder: URL) throws(TaskError) -> [TaskRow] {
    let rows: [TaskRow]
    if let file = members.value("tests")?.stringValue {
      let data = try TaskData(contentsOf: folder.resolving(file))
      rows = data.splits.keys.sorted().flatMap { data.splits[$0] ?? [] }
    } else {
      rows = (try members.objects("tests") ?? []).enumerated().map { index, reader in
        TaskRow(reader.object, at: RowPlace(file: nil, line: index + 1))
      }
    }
    guard !rows.isEmpty else {
      throw members.error("tests", "must be a list with at least one test, or a file of JSON lines")
    }
    return rows
  }
}
