import MartletJSON
import MartletPrompting

/// A task of one's own: questions, and how they are asked.
struct OwnQuestions: Sendable {
  static let letters = (UInt8(ascii: "A")...UInt8(ascii: "Z")).map { String(UnicodeScalar($0)) }

  let questions: [OwnQuestion]
  /// Instructions for all questions that have none of their own.
  var system: String?
  /// What is asked; the question itself where there is none.
  var prompt: TaskTemplate?
  var shots = 0
  var generation = GenerationSettings(until: [])
  /// Whether the file says what ends a reply.
  var hasOwnStop = false

  /// Questions as the lines of a file.
  init(rows: [TaskRow]) throws(TaskError) {
    var questions: [OwnQuestion] = []
    for row in rows {
      var members = MemberReader(row.object) { row.error($0, $1) }
      questions.append(
        try OwnQuestion(
          &members, row: row, isCaseSensitive: false, needsQuestion: true, isRead: { _ in false }))
    }
    self.questions = questions
    try Self.requireDistinctIDs(questions)
  }

  /// Questions and settings as the members of a file.
  init(_ members: inout MemberReader) throws(TaskError) {
    system = try members.text("system")
    if let description = try members.text("description") {
      if system != nil { throw members.error("description", "means the same as system; give one of them") }
      system = description
    }
    prompt = try members.template("prompt")
    shots = try members.count("num_fewshot") ?? 0
    generation.maximumTokens = try members.count("max_tokens", atLeast: 1) ?? generation.maximumTokens
    if let temperature = try members.number("temperature"), temperature > 0 {
      generation.sampling = .temperatureAlone(temperature)
    }
    if let until = try members.texts("until") {
      if until.contains("") { throw members.error("until", "is empty, which would end every reply at once") }
      generation.until = until
      hasOwnStop = true
    }
    let isCaseSensitive = try members.flag("case_sensitive") ?? false
    guard let readers = try members.objects("questions"), !readers.isEmpty else {
      throw members.error("questions", "must be a list with at least one question")
    }
    let prompt = prompt
    var questions: [OwnQuestion] = []
    for (index, var reader) in readers.enumerated() {
      let row = TaskRow(reader.object, at: RowPlace(file: nil, line: index + 1))
      questions.append(
        try OwnQuestion(
          &reader, row: row, isCaseSensitive: isCaseSensitive, needsQuestion: prompt == nil,
          isRead: { prompt?.mentions($0) ?? false }))
    }
    self.questions = questions
    try Self.requireDistinctIDs(questions)
  }

  /// The text that is asked: the template or the question, with the choices below it as letters.
  func text(of question: OwnQuestion) throws(TaskError) -> String {
    let text =
      if let prompt { try prompt.string(in: question.row) } else {
        question.row.object["question"]?.stringValue ?? ""
      }
    guard case .choice(let choices, _) = question.answer else { return text }
    let lines = zip(Self.letters, choices).map { "\n\($0). \($1)" }
    return text + lines.joined() + "\nAnswer:"
  }

  private static func requireDistinctIDs(_ questions: [OwnQuestion]) throws(TaskError) {
    var seen: Set<String> = []
    for (index, question) in questions.enumerated() {
      // A question without an id has its number.
      let id = question.id ?? String(index + 1)
      if !seen.insert(id).inserted {
        throw question.row.error("id", "\(JSON.quoted(id)) is used twice")
      }
    }
  }
}
