import Foundation
import MartletJSON
import MartletPrompting
import MartletYAML

extension EvaluationTask {
  /// The names of the benchmarks that Martlet knows, in alphabetical order.
  public static let builtInNames: [String] = builtInFiles.keys.sorted()

  private static let builtInFiles: [String: @Sendable () -> [UInt8]] = [
    "arc_challenge": { PackageResources.arc_challenge_yaml }, "arc_easy": { PackageResources.arc_easy_yaml },
    "gsm8k": { PackageResources.gsm8k_yaml }, "hellaswag": { PackageResources.hellaswag_yaml },
    "humaneval": { PackageResources.humaneval_yaml },
    "humaneval_instruct": { PackageResources.humaneval_instruct_yaml },
    "mbpp": { PackageResources.mbpp_yaml }, "mmlu": { PackageResources.mmlu_yaml },
    "piqa": { PackageResources.piqa_yaml }, "truthfulqa_mc1": { PackageResources.truthfulqa_mc1_yaml },
    "truthfulqa_mc2": { PackageResources.truthfulqa_mc2_yaml },
  ]

  /// A benchmark that Martlet comes with.
  /// - Throws: ``TaskError/unknownTask(_:known:)``.
  public static func builtIn(named name: String) throws(TaskError) -> EvaluationTask {
    guard let bytes = builtInFiles[name]?() else { throw .unknownTask(name, known: builtInNames) }
    return try EvaluationTask(yaml: bytes, file: "\(name).yaml")
  }

  /// A task from its file: JSON lines of questions where the name ends in `.jsonl`, YAML or JSON where it ends in `.yaml`,
  /// `.yml` or `.json`.
  /// - Throws: ``TaskError`` that names the member and the place which are wrong.
  public init(file: URL) throws(TaskError) {
    let path = file.path(percentEncoded: false)
    let bytes: [UInt8]
    do { bytes = [UInt8](try Data(contentsOf: file)) } catch {
      let isMissing = (error as? CocoaError)?.code == .fileReadNoSuchFile
      throw .unreadable(file: path, reason: isMissing ? "there is no such file" : error.localizedDescription)
    }
    switch file.pathExtension.lowercased() {
    case "jsonl": try self.init(lines: bytes, file: file.lastPathComponent)
    case "yaml", "yml": try self.init(yaml: bytes, file: file.lastPathComponent)
    case "json":
      // Nearly all JSON is YAML, but not what is indented with tabs.
      let value: JSON
      do { value = try JSON(parsing: bytes) } catch { throw .unreadable(file: path, reason: "\(error)") }
      try self.init(value, file: file.lastPathComponent)
    default:
      throw .unreadable(file: path, reason: "a task's name ends in .jsonl, .yaml, .yml or .json")
    }
  }

  /// A task from its YAML.
  /// - Parameters:
  ///   - bytes: A benchmark's definition, or one's own questions with their settings.
  ///   - file: Its name in messages; without its ending it is the task's name where the text gives none.
  /// - Throws: ``TaskError``.
  public init(yaml bytes: [UInt8], file: String) throws(TaskError) {
    let value: JSON
    do { value = try JSON(parsingYAML: bytes) } catch { throw .notYAML(file: file, error) }
    try self.init(value, file: file)
  }

  private init(_ value: JSON, file: String) throws(TaskError) {
    if value.arrayValue != nil {
      try self.init(own: ["questions": value], file: file)
      return
    }
    guard let object = value.objectValue else {
      throw .definition(
        file: file, member: "",
        problem: "a task is a list of questions or a mapping, but this is \(value.kind)")
    }
    guard object["questions"] == nil, object["output_type"] != nil || object["doc_to_text"] != nil else {
      try self.init(own: object, file: file)
      return
    }
    var members = MemberReader(object) { .definition(file: file, member: $0, problem: $1) }
    let name = try members.requiredText("task")
    let version = try Self.version(&members)
    let definition = try TaskDefinition(&members)
    try members.finish()
    self.init(name: name, version: version, source: value, kind: .benchmark(definition))
  }

  /// A task of one's own from JSON lines, a question each.
  /// - Parameters:
  ///   - lines: The text of the file.
  ///   - file: Its name in messages; without its ending it is the task's name.
  /// - Throws: ``TaskError`` with the line that is wrong.
  public init(lines: String, file: String) throws(TaskError) {
    try self.init(lines: Array(lines.utf8), file: file)
  }

  /// The same from bytes, which have to be UTF-8.
  init(lines: [UInt8], file: String) throws(TaskError) {
    let rows = try TaskData.lines(lines, file)
    guard !rows.isEmpty else { throw .definition(file: file, member: "", problem: "there are no questions") }
    let questions = try OwnQuestions(rows: rows)
    self.init(name: Self.baseName(file), version: "1", source: [:], kind: .own(questions))
  }

  private init(own object: JSONObject, file: String) throws(TaskError) {
    var members = MemberReader(object) { .definition(file: file, member: $0, problem: $1) }
    let name = try members.text("task") ?? Self.baseName(file)
    let version = try Self.version(&members)
    let questions = try OwnQuestions(&members)
    try members.finish()
    var source = object
    source["questions"] = nil
    self.init(name: name, version: version, source: .object(source), kind: .own(questions))
  }

  /// `metadata.version` as lm-evaluation-harness has it; 1 where there is none.
  private static func version(_ members: inout MemberReader) throws(TaskError) -> String {
    guard var metadata = try members.object("metadata") else { return "1" }
    guard let version = metadata.value("version") else { throw metadata.error("version", "is missing") }
    try metadata.finish()
    switch version {
    case .string(let text): return text
    case .number(let number): return number.literal
    default: throw metadata.error("version", "must be a number or a string")
    }
  }

  static func baseName(_ file: String) -> String {
    let name = file.split(separator: "/").last ?? file[...]
    guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return String(name) }
    return String(name[..<dot])
  }
}
