import Foundation
import Testing

@testable import MartletDocuments

@Suite("A mailbox is read message by message")
struct MailboxReaderTests {
  private let mark = "From ada@example.org Fri Mar  1 09:30:00 2024\n"

  private func messages(_ path: String) throws -> [MailMessage] {
    var reader = try MailboxReader(path)
    var messages: [MailMessage] = []
    while let message = try reader.next() { messages.append(message) }
    return messages
  }

  private func mailbox(_ subjects: [String]) -> String {
    subjects.map { mark + messageText($0, body: "About \($0).") + "\n" }.joined()
  }

  @Test("Messages are told apart by their From lines, and have their position as place")
  func splits() throws {
    let folder = try TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    let path = try folder.write("inbox", mailbox(["one", "two", "three"]))
    let found = try messages(path)
    #expect(found.map(\.number) == [1, 2, 3])
    #expect(found.map { $0.sections.last?.text } == ["About one.", "About two.", "About three."])
    for message in found { #expect(message.sections.allSatisfy { $0.place == .message(message.number) }) }
    let document = try DocumentLoader().load(path)
    #expect(document.kind == .mailbox && document.sections == found.flatMap(\.sections))
    let windows = try folder.write("crlf", mailbox(["one", "two"]).replacing("\n", with: "\r\n"))
    #expect(try messages(windows).map { $0.sections.last?.text } == ["About one.", "About two."])
  }

  @Test("A line of a text that begins with From is no message, and one that was marked is read back")
  func fromLines() throws {
    let folder = try TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    let body = "One.\n\nFrom here on the path is steep.\n>From below it looks easy.\n>>From above, too."
    let path = try folder.write("inbox", mark + messageText("a", body: body) + "\n" + mailbox(["b"]))
    let found = try messages(path)
    #expect(found.count == 2)
    let text = found[0].sections.map(\.text).joined(separator: "\n")
    #expect(text.contains("steep.\nFrom below it looks easy.\n>From above, too."))
  }

  @Test("A mailbox is known by its content, whatever its name, and other texts are none")
  func detection() {
    let head = Array(mailbox(["a"]).utf8)
    for name in ["INBOX", "Sent Items", "2024-03", "archive.mbox", "list.txt"] {
      #expect(DocumentKind.detect(path: name, head: head) == .mailbox)
    }
    #expect(DocumentKind.detect(path: "a.eml", head: Array(messageText("a").utf8)) == .mail)
    for text in ["From here on\nwe walked.\n", "From a\n", "from a b\nSubject: x\n", " From a\nSubject: x\n"]
    {
      #expect(DocumentKind.detect(path: "notes", head: Array(text.utf8)) == .text, "\(text)")
    }
  }

  @Test("Pieces of any size of a large mailbox give the same messages, those larger than a piece, too")
  func largeMessages() throws {
    let folder = try TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    let long = String(repeating: "A line of a long text.\n", count: 100_000)
    let path = try folder.write("inbox", mark + messageText("long", body: long) + "\n" + mailbox(["b", "c"]))
    let found = try messages(path)
    #expect(found.map(\.number) == [1, 2, 3])
    #expect(found[2].sections.last?.text == "About c.")
    #expect(found[0].sections.map(\.text.count).reduce(0, +) >= long.utf8.count - 2)
  }

  @Test("Reading goes on where it ended, unless what was read is no longer there")
  func resumes() throws {
    let folder = try TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    let first = mailbox(["one", "two"])
    let path = try folder.write("inbox", first)
    var reader = try MailboxReader(path)
    var middle: MailboxPosition?
    while let message = try reader.next() { if message.number == 1 { middle = reader.position } }
    let end = reader.position
    #expect(end.byteCount == first.utf8.count && end.messageCount == 2)

    try folder.write("inbox", first + mailbox(["three"]))
    for (position, subjects) in [
      (try #require(middle), ["About two.", "About three."]), (end, ["About three."]),
    ] {
      var again = try MailboxReader(path)
      #expect(try again.resume(at: position))
      var texts: [String?] = []
      while let message = try again.next() { texts.append(message.sections.last?.text) }
      #expect(texts == subjects)
      #expect(again.position.messageCount == 3)
    }
    // The first message was changed, or the last one went on.
    for changed in [
      "X" + first.dropFirst() + mailbox(["three"]), first + "and more.\n", String(first.dropLast(5)),
    ] {
      try folder.write("inbox", changed)
      var again = try MailboxReader(path)
      #expect(try again.resume(at: end) == false)
    }
  }

  @Test("What is added while a mailbox is read is left for the next time")
  func bounded() throws {
    let folder = try TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    let first = mailbox(["one"])
    let path = try folder.write("inbox", first + mailbox(["two"]))
    var reader = try MailboxReader(path, byteCount: first.utf8.count)
    #expect(try reader.next()?.sections.last?.text == "About one.")
    #expect(try reader.next() == nil)
    #expect(reader.position.byteCount == first.utf8.count)
  }

  @Test("Copies of a message have one digest, however they were delivered; others have others")
  func digests() throws {
    let folder = try TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    let message = messageText("a", body: "From the tower.")
    let copies = [
      message, "Return-Path: <x@y>\nReceived: by z\n" + message, message + "\n\n",
      message.replacing("\n", with: "\r\n"),
    ]
    var digests = Set<String>()
    for (index, copy) in copies.enumerated() {
      var reader = try MailboxReader(folder.write("\(index).eml", copy), as: .mail)
      digests.insert(try #require(try reader.next()).digest)
    }
    let path = try folder.write("inbox", mark + message.replacing("\nFrom the", with: "\n>From the") + "\n")
    digests.insert(try #require(messages(path).first).digest)
    #expect(digests.count == 1 && digests.first?.count == 16)
    let other = try messages(folder.write("other", mark + messageText("a", body: "From the towers.")))
    #expect(!digests.contains(try #require(other.first).digest))
  }

  @Test("In a Maildir each file is a message, and what is being delivered is passed over")
  func maildir() throws {
    let folder = try TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    for name in [
      "cur/1.M1:2,S", "new/2.M2", ".Sent/cur/3.M3:2,S", "tmp/4.M4", ".Sent/new/x", ".Sent/tmp/y", "cur/.z",
    ] {
      try folder.write("Mail/" + name, messageText(name))
    }
    try folder.write("Mail/notes/cur/plain", "Text.")
    try folder.write("Mail/.hidden/a", "Text.")
    let root = folder.path + "/Mail"
    var kinds: [String: DocumentKind] = [:]
    var skipped: [String: FileWalker.Reason] = [:]
    FileWalker().walk([root]) { entry in
      switch entry {
      case .file(let file): kinds[String(file.path.dropFirst(root.count + 1))] = file.kind
      case .skipped(let path, let reason): skipped[String(path.dropFirst(root.count + 1))] = reason
      }
    }
    #expect(
      kinds == [
        "cur/1.M1:2,S": .mail, "new/2.M2": .mail, ".Sent/cur/3.M3:2,S": .mail, ".Sent/new/x": .mail,
        "notes/cur/plain": .text,
      ])
    #expect(
      skipped == [
        "tmp": .beingDelivered, ".Sent/tmp": .beingDelivered, ".hidden": .hidden, "cur/.z": .hidden,
      ])
    #expect(FileWalker().entries([root + "/cur/1.M1:2,S"]).count == 1)
  }
}
