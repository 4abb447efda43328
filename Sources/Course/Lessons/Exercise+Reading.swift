import Foundation
import MartletJSON
import MartletYAML

extension Exercise {
  /// Reads an exercise's `lesson.md`.
  ///
  /// - Parameters:
  ///   - text: The file's text.
  ///   - folder: Its folder within the course, such as `1-transformers/04-cosine-similarity`.
  ///   - skill: The skill's id.
  ///   - skillNumber: The skill's place in the course, from 0.
  ///   - projects: The ids of the practice projects.
  /// - Throws: ``CourseError`` with what the form of lessons does not allow.
  init(
    text: String, folder: String, skill: String, skillNumber: Int, projects: [String]
  ) throws(CourseError) {
    let path = folder + "/lesson.md"
    let (front, body) = try Self.parts(of: text, path: path)
    let value: JSON
    do throws(YAMLError) {
      value = try JSON(parsingYAML: front)
    } catch {
      throw .lesson(path: path, problem: "In the header (which begins on line 2): \(error)")
    }
    var header = try Header(value, path: path)
    let number = (folder.split(separator: "/").last ?? "").prefix { $0.isNumber }
    id = String((folder.split(separator: "/").last ?? "").dropFirst(number.count + 1))
    guard !number.isEmpty, !id.isEmpty, id.allSatisfy({ $0.isLowercase || $0.isNumber || $0 == "-" }) else {
      throw .lesson(path: path, problem: "A folder's name is a number, a hyphen and an id in lower case.")
    }
    self.skill = skill
    self.folder = folder
    title = try header.text("title")
    guard let day = try header.integer("day", in: 1...12) else { throw header.fault("‘day’ is missing.") }
    dayOfSkill = day
    self.day = skillNumber * 12 + day
    let kindName = try header.text("kind")
    guard let kind = Kind(rawValue: kindName) else {
      throw header.fault(
        "‘kind’ is ‘\(kindName)’, not \(Kind.allCases.map(\.rawValue).joined(separator: ", ")).")
    }
    self.kind = kind
    learn = try header.text("learn")
    why = try header.text("why")
    insight = try header.text("insight")
    hints = try header.texts("hints")
    guard hints.count >= 3, hints.allSatisfy({ !$0.trimmed.isEmpty }) else {
      throw header.fault("‘hints’ needs at least three hints.")
    }
    formula = try header.mapping("formula") { (header) throws(CourseError) in
      Formula(
        words: try header.text("words"), notation: try header.text("notation"),
        numbers: try header.text("numbers"))
    }
    models = try header.texts("models")
    reading = try header.texts("reading")
    let project = try header.optionalText("project")
    let milestoneNumber = try header.integer("milestone", in: 1...20)
    if let project, !projects.contains(project) { throw header.fault("There is no project ‘\(project)’.") }
    guard (project == nil) == (milestoneNumber == nil) else {
      throw header.fault("‘project’ and ‘milestone’ go together.")
    }
    if let project, let milestoneNumber {
      milestone = Milestone(project: project, number: milestoneNumber)
    } else {
      milestone = nil
    }
    switch kind {
    case .predict, .experiment, .build: task = .values(try ValueTask(&header, kind: kind))
    case .code:
      let program = try header.mapping("program") { (header) throws(CourseError) in try ProgramTask(&header) }
      guard let program else { throw header.fault("‘program’ is missing.") }
      task = .program(program)
    case .explain: task = .explanation(try ExplanationTask(&header))
    }
    try header.finish()
    self.text = body.trimmed
    guard !self.text.isEmpty else { throw header.fault("The lesson has no text.") }
  }

  /// The header and what follows it.
  private static func parts(of text: String, path: String) throws(CourseError) -> (
    header: String, body: String
  ) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.first == "---", let end = lines.dropFirst().firstIndex(of: "---") else {
      throw .lesson(path: path, problem: "The file does not begin with a header between two lines of ‘---’.")
    }
    return (
      lines[1..<end].joined(separator: "\n"), lines[(end + 1)...].joined(separator: "\n")
    )
  }
}

extension ValueTask {
  fileprivate init(_ header: inout Header, kind: Exercise.Kind) throws(CourseError) {
    runs = try header.list("runs") { (header) throws(CourseError) in
      RunPattern(
        name: try header.text("name"),
        command: try header.text("command").split(separator: " ").map(String.init),
        contains: try header.texts("contains"), without: try header.texts("without"),
        says: try header.optionalText("says") ?? "")
    }
    files = try header.list("files") { (header) throws(CourseError) in
      let file = EvidenceFile(name: try header.text("name"), path: try header.text("path"))
      guard !file.path.hasPrefix("/"), !file.path.split(separator: "/").contains("..") else {
        throw header.fault("The path leaves the exercise's folder.")
      }
      return file
    }
    requirements = try header.list("require") { (header) throws(CourseError) in
      Requirement(check: try header.expression("check"), message: try header.text("message"))
    }
    fields = try header.list("answer") { (header) throws(CourseError) in try AnswerField(&header) }
    guard !fields.isEmpty else { throw header.fault("‘answer’ is missing.") }
    guard !runs.isEmpty || !files.isEmpty else {
      throw header.fault("There is no evidence: ‘runs’ is missing.")
    }
    guard Set(fields.map(\.name)).count == fields.count else {
      throw header.fault("Two fields of ‘answer’ have one name.")
    }
    guard fields.contains(where: \.isPredicted) == (kind == .predict) else {
      throw header.fault("A field with ‘predict: true’ and ‘kind: predict’ go together.")
    }
  }
}

extension AnswerField {
  fileprivate init(_ header: inout Header) throws(CourseError) {
    name = try header.text("name")
    question = try header.text("question")
    let typeName = try header.text("type")
    guard let type = AnswerType(rawValue: typeName) else {
      throw header.fault(
        "‘type’ is ‘\(typeName)’, not \(AnswerType.allCases.map(\.rawValue).joined(separator: ", ")).")
    }
    self.type = type
    isPredicted = try header.flag("predict")
    tolerance = try header.number("tolerance") ?? 0.001
    message = try header.text("message")
    let measureName = try header.optionalText("measure")
    let expect = try header.optionalExpression("expect")
    let check = try header.optionalExpression("check")
    var measure: Measure?
    if let measureName {
      measure = Measure.named(measureName)
      guard measure != nil else { throw header.fault("There is no measure ‘\(measureName)’.") }
    }
    switch (expect, check) {
    case (let expect?, nil): expectation = .value(expect, measure)
    case (nil, let check?):
      guard measure == nil else { throw header.fault("‘measure’ goes with ‘expect’.") }
      expectation = .check(check)
    default: throw header.fault("A field has either ‘expect’ or ‘check’.")
    }
    wrong = try header.list("wrong") { (header) throws(CourseError) in
      Wrong(when: try header.expression("when"), message: try header.text("message"))
    }
  }
}

extension ProgramTask {
  fileprivate init(_ header: inout Header) throws(CourseError) {
    let name = try header.text("oracle")
    guard let oracle = Oracle.named(name) else { throw header.fault("There is no oracle ‘\(name)’.") }
    self.oracle = oracle
    tolerance = try header.number("tolerance") ?? 1e-6
    seconds = try header.number("seconds") ?? 10
    input = try header.text("input")
    output = try header.text("output")
    examples = try header.list("examples") { (header) throws(CourseError) in
      guard let input = header.value("in"), let output = header.value("out") else {
        throw header.fault("An example has ‘in’ and ‘out’.")
      }
      return (input, output)
    }
    guard !examples.isEmpty else { throw header.fault("‘examples’ is missing.") }
  }
}

extension ExplanationTask {
  fileprivate init(_ header: inout Header) throws(CourseError) {
    rubric = try header.list("rubric") { (header) throws(CourseError) in
      let point = Point(
        point: try header.text("point"), question: try header.text("question"),
        mentions: try header.texts("mentions"))
      guard !point.mentions.isEmpty else { throw header.fault("‘mentions’ is missing.") }
      for pattern in point.mentions where (try? Regex(pattern)) == nil {
        throw header.fault("‘\(pattern)’ is no regular expression.")
      }
      return point
    }
    guard !rubric.isEmpty else { throw header.fault("‘rubric’ is missing.") }
    minimumWords = try header.integer("minimum_words", in: 1...1000) ?? 20
  }
}

extension Header {
  fileprivate mutating func expression(_ name: String) throws(CourseError) -> Expression {
    guard let expression = try optionalExpression(name) else { throw fault("‘\(name)’ is missing.") }
    return expression
  }

  fileprivate mutating func optionalExpression(_ name: String) throws(CourseError) -> Expression? {
    guard let text = try optionalText(name) else { return nil }
    do throws(ExpressionError) {
      return try Expression(text)
    } catch {
      throw fault("‘\(name)’: \(error.problem)")
    }
  }
}
