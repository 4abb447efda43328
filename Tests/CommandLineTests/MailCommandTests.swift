import Foundation
import MartletDocuments
import MartletJSON
import Testing

@testable import MartletCommandLine

@Suite("Mail on the command line")
struct MailCommandTests {
  @Test(
    "A date is all of the year, month, day, minute or second that it names",
    arguments: [
      ("2024", 1_704_067_200.0, 1_735_689_600.0), ("2024-02", 1_706_745_600, 1_709_251_200),
      ("2024-02-29", 1_709_164_800, 1_709_251_200), ("2024-02-29T09:30", 1_709_199_000, 1_709_199_060),
      ("2024-02-29 09:30:05", 1_709_199_005, 1_709_199_006),
      ("2024-02-29T09:30:05+01:30", 1_709_193_605, 1_709_193_606),
      ("2024-02-29T09:30Z", 1_709_199_000, 1_709_199_060),
    ])
  func dates(text: String, start: Double, end: Double) throws {
    let (utc, east) = (
      try #require(TimeZone(secondsFromGMT: 0)), try #require(TimeZone(secondsFromGMT: 7200))
    )
    let period = try #require(DatePeriod(text, in: utc))
    #expect((period.start, period.end) == (start, end))
    let eastern = try #require(DatePeriod(text, in: east))
    let isFixed = text.hasSuffix("Z") || text.contains("+")
    #expect(eastern.start == (isFixed ? start : start - 7200))
  }

  @Test(
    "What is no date is none",
    arguments: ["", "20", "2024-13", "2023-02-29", "2024-02-30", "2024-1-1", "2024-02-29T25:00", "tomorrow"])
  func noDates(text: String) { #expect(DatePeriod(text) == nil) }

  @Test("A place is said with what is known of the message")
  func places() {
    let mail: [String: Attribute] = [
      "from": .text("Carl Worth <cworth@example.org>"), "subject": .text("Tags"),
      "date": .number(1_709_208_000),
    ]
    #expect(
      ShownPlace.details(.message(12), mail).hasPrefix("message 12 (2024-02-")
        && ShownPlace.details(.message(12), mail).hasSuffix(", Carl Worth, “Tags”)"))
    #expect(
      ShownPlace.details(nil, ["from": .text("a@b.c"), "attachment": .text("x.pdf")])
        == "(a@b.c), attachment x.pdf")
    #expect(ShownPlace.details(.slide(3), [:]) == "slide 3")
    #expect(ShownPlace.details(.sheet("Budget"), [:]) == "sheet Budget")
    #expect(ShownPlace.details(.time(3723.4...3730), [:]) == "1:02:03–1:02:10")
    #expect(ShownPlace.details(nil, [:]) == "")
    #expect(ShownPlace(path: "/a/b.pdf", page: 2).text == "/a/b.pdf, page 2")
  }

  @Test(
    "search finds mail by sender, date and subject, and says which message it is", .needs(Models.embedder))
  func search() throws {
    try withLibraryPlace { place in
      let messages = [("Ada <ada@example.org>", "01", "ladder"), ("Carl <carl@example.com>", "08", "crane")]
      let mailbox = messages.map { from, day, thing in
        "From x Fri Mar  1 09:30:00 2024\nFrom: \(from)\nTo: office@example.net\nSubject: The \(thing)\n"
          + "Date: Fri, \(day) Mar 2024 12:00:00 +0000\nMessage-ID: <\(thing)@example.org>\n\n"
          + "The \(thing) was inspected.\n\n"
      }
      try place.write("inbox", mailbox.joined())
      #expect(try place.run("index", place.documents.path).status == 0)
      func found(_ arguments: String...) throws -> [Int?] {
        let result = try place.program.run(
          ["search", "inspected", "--store", place.store, "--by", "keyword", "--json"] + arguments)
        let results = try JSON(parsing: result.text)["results"]?.arrayValue ?? []
        return results.map { $0["place"]?["message"]?.intValue }.sorted { ($0 ?? 0) < ($1 ?? 0) }
      }
      #expect(try found() == [1, 2])
      #expect(try found("--from", "carl@example.com") == [2])
      #expect(try found("--to", "office", "--subject", "LADDER") == [1])
      #expect(try found("--since", "2024-03-05") == [2])
      #expect(try found("--until", "2024-03-05") == [1])
      #expect(try found("--where", #"{"message": {"$lt": 2}}"#) == [1])
      let shown = try place.run("search", "inspected", "--by", "keyword", "--from", "Ada")
      #expect(shown.text.contains("message 1 (2024-03-01, Ada, “The ladder”)"))
      let wrong = try place.run("search", "inspected", "--where", "{")
      #expect(wrong.status == 64 && wrong.errors.contains("--where"))
      let empty = try place.run("search", "inspected", "--from", "…")
      #expect(empty.status == 64 && empty.errors.contains("--from"))
      let preview = try place.run("index", "--preview", "--json", place.documents.path)
      let chunk = try #require(try JSON(parsing: preview.text)["chunks"]?.arrayValue?.last)
      #expect(chunk["place"] == ["message": 2] && chunk["attributes"]?["subject"] == "The crane")
    }
  }
}
