import Foundation
import MartletJSON
import MartletPrompting
import MartletRetrieval

/// A question to documents: what its answer must be, where the answer stands, or that there is none.
///
/// As a line of a file: `{"question": "…", "contains": "…", "evidence": ["…"]}`. A question that the documents do not
/// answer has `"answerable": false`.
public struct CollectionQuestion: Sendable {
  /// What tells it from the others.
  public let id: String
  /// What is asked.
  public let question: String
  /// Whether the documents hold an answer.
  public let isAnswerable: Bool
  /// Pieces of the documents, word for word: a passage that has one of them holds the answer.
  public let evidence: [String]
  /// The ends of the paths of the documents that hold the answer, such as `manual.pdf`.
  public let documents: [String]
  let expectation: Expectation?

  /// The questions of a file of JSON lines.
  /// - Throws: ``TaskError``, with the line and the member.
  public static func questions(in bytes: [UInt8], file: String) throws(TaskError) -> [CollectionQuestion] {
    var questions: [CollectionQuestion] = []
    var ids: Set<String> = []
    for row in try TaskData.lines(bytes, file) {
      let question = try CollectionQuestion(row, number: questions.count + 1)
      guard ids.insert(question.id).inserted else {
        throw row.error("id", "\(JSON.quoted(question.id)) is the id of an earlier question, too")
      }
      questions.append(question)
    }
    guard !questions.isEmpty else {
      throw .definition(file: file, member: "", problem: "there are no questions")
    }
    return questions
  }

  private init(_ row: TaskRow, number: Int) throws(TaskError) {
    var members = MemberReader(row.object) { row.error($0, $1) }
    question = try members.requiredText("question")
    isAnswerable = try members.flag("answerable") ?? true
    evidence = try members.texts("evidence") ?? []
    documents = try (members.texts("documents") ?? []) + (members.texts("document") ?? [])
    // Remarks of the author.
    for name in ["why", "absent"] { _ = members.value(name) }
    switch members.value("id") {
    case nil: id = "\(number)"
    case .string(let text)?: id = text
    case let other?: id = other.serialized()
    }
    let expectation = try Expectation(optional: &members, isCaseSensitive: false)
    try members.finish()
    if !isAnswerable {
      guard expectation == nil, evidence.isEmpty, documents.isEmpty else {
        throw row.error(
          "answerable", "is false, but the question has an expected answer, evidence or a document")
      }
    }
    self.expectation = expectation
  }

  /// Whether anything says where the answer stands.
  var hasPlace: Bool { !evidence.isEmpty || !documents.isEmpty }

  /// Whether a passage holds the answer. White space does not matter, nor does a hyphen at the end of a line.
  func isHeld(by passage: SearchResult) -> Bool {
    if !evidence.isEmpty {
      let text = Self.bare(passage.text)
      return evidence.contains { text.contains(Self.bare($0)) }
    }
    return documents.contains { passage.path == $0 || passage.path.hasSuffix("/" + $0) }
  }

  private static func bare(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.filter { !$0.properties.isWhitespace && $0 != "-" }))
      .lowercased()
  }
}
