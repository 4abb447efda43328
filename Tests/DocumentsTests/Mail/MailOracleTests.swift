import Foundation
import MartletTestScope
import Testing

@testable import MartletDocuments

/// What Python's email package reads of a message (Fixtures/mail/read_mail.py).
struct ReferenceMessage: Decodable {
  var path: String
  var number: Int
  var subject: String
  var name: String
  var address: String
  var date: Double?
  var body: String
  var attachments: [String: String]

  static func parse(_ lines: String) throws -> [ReferenceMessage] {
    try lines.split(separator: "\n").map {
      try JSONDecoder().decode(ReferenceMessage.self, from: Data($0.utf8))
    }
  }
}

enum MailFixtures {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures/mail").path

  static func sections(_ name: String) throws -> [Section] {
    try DocumentLoader().load("\(folder)/\(name)").sections
  }
}

extension [Section] {
  /// The words of the message's own text: neither those of the header nor those of attachments.
  fileprivate var body: String {
    // The first sections are the subject, the sender and the date of the message itself.
    let own = drop { $0.role == .heading && $0.headings.count == 1 && $0.headings[0] == $0.text }
      .drop { $0.role == .metadata }
    return own.filter { $0.attributes["attachment"] == nil && $0.role != .metadata }.map(\.text)
      .joined(separator: "\n")
  }

  fileprivate func attachment(_ name: String) -> String {
    filter { $0.attributes["attachment"] == .text(name) }.map(\.text).joined(separator: "\n")
  }
}

private func words(_ text: String) -> [String] {
  text.split { !$0.isLetter && !$0.isNumber }.map { $0.precomposedStringWithCanonicalMapping }
}

private func oneLine(_ text: String) -> String {
  text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
}

/// Compares what was read of a message with the reference.
private func check(_ sections: [Section], _ reference: ReferenceMessage) throws {
  let comment = Comment("\(reference.path), message \(reference.number)")
  let attributes = try #require(sections.first?.attributes, comment)
  if !reference.subject.contains("\u{FFFD}") {
    #expect((attributes["subject"] ?? .text("")) == .text(oneLine(reference.subject)), comment)
  }
  #expect(attributes["date"] == reference.date.map { .number($0) }, comment)
  guard case .text(let from)? = attributes["from"] else {
    return #expect(reference.address.isEmpty, comment)
  }
  #expect(
    from.contains(reference.address) && (reference.name.isEmpty || from.contains(oneLine(reference.name))),
    comment)
  #expect(words(sections.body) == words(reference.body), comment)
  for (name, text) in reference.attachments {
    #expect(Set(words(text)).subtracting(words(sections.attachment(name))).isEmpty, "\(comment), \(name)")
  }
}

@Suite("Mail is read as Python's email package reads it")
struct MailOracleTests {
  @Test("Subject, sender, date, words and attachments of messages in many charsets and forms")
  func fixtures() throws {
    let expected = try String(contentsOfFile: MailFixtures.folder + "/expected.jsonl", encoding: .utf8)
    let references = try ReferenceMessage.parse(expected)
    #expect(references.count == 19)
    for reference in references { try check(MailFixtures.sections(reference.path), reference) }
  }

  private static let data = SharedData.folder + "/email"
  private static let canCompare = FileManager.default.fileExists(atPath: data) && hasProgram("python3")

  @Test(
    "The same of real mail, beside the package, by the Python at hand",
    .enabled(if: canCompare, "needs ../shared/data/email and python3"),
    arguments: ["notmuch-list.mbox", "lkml-part1.mbox", "raw", "html"])
  func realMail(name: String) throws {
    let path = "\(Self.data)/\(name)"
    let files =
      name.hasSuffix(".mbox")
      ? [path] : try FileManager.default.contentsOfDirectory(atPath: path).sorted().map { "\(path)/\($0)" }
    let output = try #require(try runProgram(["python3", MailFixtures.folder + "/read_mail.py"] + files))
    let references = try ReferenceMessage.parse(output)
    var read: [MailMessage] = []
    for file in files {
      var reader = try MailboxReader(file, as: name.hasSuffix(".mbox") ? .mailbox : .mail)
      while let message = try reader.next() { read.append(message) }
    }
    #expect(read.count == references.count)
    for (message, reference) in zip(read, references) {
      #expect(message.number == reference.number)
      try check(message.sections, reference)
    }
  }
}
