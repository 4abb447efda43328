import Foundation
import Testing

@testable import MartletDocuments

/// A message in plain text.
func messageText(
  _ subject: String, from: String = "Ada <ada@example.org>", id: String = "", header: String = "",
  body: String = "Text."
) -> String {
  "From: \(from)\nTo: list@example.net\nSubject: \(subject)\nDate: Fri, 01 Mar 2024 09:30:00 +0100\n"
    + "Message-ID: <\(id.isEmpty ? subject : id)@example.org>\n\(header)\n\(body)\n"
}

@Suite("Messages become passages")
struct MailReaderTests {
  private func read(_ text: String) throws -> (sections: [Section], warnings: [String]) {
    let folder = try TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    let document = try DocumentLoader().load(folder.write("message.eml", text))
    return (document.sections, document.warnings)
  }

  @Test("Each passage has the sender, the recipients, the date, the subject, the id and the conversation")
  func attributes() throws {
    let (sections, warnings) = try read(
      messageText("Re: Tags", header: "References: <first@example.org> <second@example.org>\n"))
    #expect(warnings.isEmpty && sections.count == 3)
    for section in sections {
      #expect(
        section.attributes == [
          "from": .text("Ada <ada@example.org>"), "to": .text("list@example.net"),
          "subject": .text("Re: Tags"),
          "date": .number(1_709_281_800), "message_id": .text("Re: Tags@example.org"),
          "thread": .text("first@example.org"),
        ])
      #expect(section.place == nil && section.startLine == nil)
    }
    #expect(sections.map(\.role) == [.heading, .metadata, .prose])
    #expect(sections.map(\.headings) == [["Re: Tags"], ["Re: Tags"], ["Re: Tags"]])
  }

  @Test(
    "The conversation is that of the first reference, else of what is answered, else of the message itself",
    arguments: [
      ("References: <a@x> <b@x>\nIn-Reply-To: <b@x>\n", "a@x"), ("In-Reply-To: <b@x>\n", "b@x"),
      ("", "own@example.org"),
    ])
  func thread(header: String, thread: String) throws {
    let sections = try read(messageText("Tags", id: "own", header: header)).sections
    #expect(sections.first?.attributes["thread"] == .text(thread))
    let bare = try read("From: a@x\nSubject: Re: Fwd: Tags\n\nText.\n").sections
    #expect(bare.first?.attributes["thread"] == .text("Tags"))
  }

  @Test("What is quoted is kept and marked, with the line that says whom it quotes")
  func quoted() throws {
    let sections = try MailFixtures.sections("quoted.eml").filter { $0.role == .prose }
    let quoted = sections.filter { $0.attributes["quoted"] == .number(1) }.map(\.text)
    #expect(
      quoted == [
        "On Monday Carl wrote:", "> When is the ladder inspected?\n> And who does it?",
        "-----Original Message-----\nFrom: Carl", "Please tell me about the ladder.",
      ])
    #expect(
      sections.filter { $0.attributes["quoted"] == nil }.map(\.text) == ["Every six months, by Ada."])
  }

  @Test("A chunk is marked as quoted where all of it is")
  func quotedChunks() throws {
    let chunker = Chunker(maximumTokens: 1000, overlapTokens: 0) { $0.utf8.count / 4 }
    let whole = try chunker.chunks(of: MailFixtures.sections("quoted.eml"), from: 0)
    #expect(whole.count == 1 && whole[0].attributes["quoted"] == nil)
    #expect(whole[0].attributes["from"] == .text("Ada Müller <ada@example.org>"))
    let quotation = try read(messageText("Re: x", body: "> One.\n> Two."))
    let small = Chunker(maximumTokens: 4, overlapTokens: 0) { $0.split(separator: " ").count }
    let chunks = small.chunks(of: quotation.sections, from: 7)
    #expect(chunks.first?.ordinal == 7)
    #expect(chunks.filter { $0.text.hasPrefix(">") }.allSatisfy { $0.attributes["quoted"] == .number(1) })
  }

  @Test("Attachments are read by the loaders for their kinds, under their names")
  func attachments() throws {
    let sections = try MailFixtures.sections("nested.eml")
    func attached(_ name: String) -> [Section] {
      sections.filter { $0.attributes["attachment"] == .text(name) }
    }
    #expect(attached("stock.csv").first?.table?.ownRows.count == 3)
    #expect(attached("Vertäuung, Übersicht.md").map(\.role) == [.heading, .prose])
    #expect(
      attached("Vertäuung, Übersicht.md").last?.headings == [
        "Nested parts", "Vertäuung, Übersicht.md", "Mooring",
      ])
    #expect(attached("hello.txt").map(\.text) == ["Grüße aus dem Hafen"])
    #expect(attached("hello.txt").first?.attributes["from"] == .text("Ada Müller <ada@example.org>"))
    // The text is there once, though two parts say it.
    #expect(sections.filter { $0.text.contains("Three files") }.count == 1)
    if hasProgram("pdftotext") { #expect(attached("heading.pdf").allSatisfy { $0.page == 1 }) }
    let warnings = try DocumentLoader().load(MailFixtures.folder + "/nested.eml").warnings
    #expect(
      warnings == [
        "has an attachment of type application/octet-stream that cannot be read",
        "has an attachment of type image/png that cannot be read",
      ])
  }

  @Test("A forwarded message is read with its own subject and sender, and the attributes of the outer one")
  func forwarded() throws {
    let sections = try MailFixtures.sections("forwarded.eml")
    #expect(sections.contains { $0.text == "Inspection of the crane" && $0.role == .heading })
    #expect(sections.contains { $0.text.contains("From: Carl <carl@example.com>") })
    #expect(sections.last?.text == "The crane was inspected on Monday.")
    #expect(sections.last?.headings == ["Fwd: Inspection of the crane", "Inspection of the crane"])
    #expect(sections.allSatisfy { $0.attributes["subject"] == .text("Fwd: Inspection of the crane") })
  }

  @Test(
    "What cannot be decoded is said",
    arguments: [
      ("unknown-charset.eml", "has the unknown charset x-martian"), ("raw-8bit.eml", "Windows-1252"),
    ])
  func guessedCharset(name: String, words: String) throws {
    let warnings = try DocumentLoader().load(MailFixtures.folder + "/" + name).warnings
    #expect(warnings.count == 1 && warnings[0].contains(words))
  }

  @Test("What is not valid in its charset is replaced, and said")
  func invalid() throws {
    let folder = try TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    let head = "Subject: x\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\nab"
    let path = try folder.write("a.eml", Array(head.utf8) + [0xFF, 0x63, 0x0A])
    let document = try DocumentLoader().load(path)
    #expect(document.sections.last?.text == "ab\u{FFFD}c")
    #expect(document.warnings == ["has a text that is not all valid UTF-8; 1 byte was replaced by U+FFFD"])
    // Shift JIS: the second byte of a character is missing.
    let japanese = Array("Subject: x\nContent-Type: text/plain; charset=shift_jis\n\n".utf8)
    let cut = try DocumentLoader().load(folder.write("b.eml", japanese + [0x8B, 0xB4, 0x83]))
    #expect(cut.sections.last?.text == "橋\u{FFFD}" && cut.warnings.count == 1)
  }

  @Test("Parts that nest without end, and boundaries without end, are refused by name")
  func nesting() throws {
    let head = "From: a@x\nSubject: deep\nMIME-Version: 1.0\n"
    func nested(_ count: Int) -> String {
      head + (0..<count).map { "Content-Type: multipart/mixed; boundary=b\($0)\n\n--b\($0)\n" }.joined()
        + "Content-Type: text/plain\n\nhello\n"
    }
    #expect(try read(nested(20)).sections.last?.text == "hello")
    let deep = try read(nested(100))
    #expect(deep.warnings == ["nests parts more than 64 deep; what lies deeper was not read"])
    #expect(deep.sections.map(\.role) == [.heading, .metadata])
    let deepest = try read(nested(100_000))
    #expect(
      deepest.warnings
        == ["names more than 4096 boundaries of parts and was not read", "has no text"].dropLast())
    let messages = head + String(repeating: "Content-Type: message/rfc822\n\n", count: 100_000) + "\nhello\n"
    #expect(try read(messages).warnings == ["nests parts more than 64 deep; what lies deeper was not read"])
    let wide =
      head + "Content-Type: multipart/mixed; boundary=b\n\n"
      + String(repeating: "--b\nContent-Type: text/plain\n\nx\n", count: 11_000)
    #expect(try read(wide).warnings == ["has more than 10000 parts; the others were not read"])
  }

  @Test("An encrypted message is said to be one")
  func encrypted() throws {
    let text =
      "Subject: x\nMIME-Version: 1.0\nContent-Type: multipart/encrypted; boundary=b; "
      + "protocol=\"application/pgp-encrypted\"\n\n--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n"
      + "--b\nContent-Type: application/octet-stream\n\nxyz\n--b--\n"
    #expect(try read(text).warnings == ["is encrypted"])
  }

  @Test("A name of an attachment is no path")
  func fileNames() throws {
    let text =
      "Subject: x\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n"
      + "Content-Type: text/plain\nContent-Disposition: attachment; filename=\"../../etc/motd.txt\"\n\nhello\n--b--\n"
    #expect(try read(text).sections.last?.attributes["attachment"] == .text("motd.txt"))
  }

  @Test("Bytes that are no message, and messages cut anywhere, are read without a crash")
  func malformed() throws {
    #expect(try read("").sections.isEmpty)
    #expect(try read("\n\n\n").sections.isEmpty)
    _ = try read(String(repeating: "x", count: 10_000))
    let whole = try Data(contentsOf: URL(filePath: MailFixtures.folder + "/nested.eml"))
    let folder = try TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    for end in stride(from: 0, to: min(whole.count, 1200), by: 37) {
      let path = try folder.write("cut.eml", Array(whole.prefix(end)))
      _ = try DocumentLoader().load(path)
    }
  }
}
