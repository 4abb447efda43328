import Foundation
import MartletJSON
import Testing

@testable import MartletCommandLine

@Suite("Documents through index, search and ask", .needs(Models.embedder))
struct IndexDocumentsTests {
  private func copyFixture(_ name: String, to place: LibraryPlace) throws -> String {
    let target = place.documents.appending(path: name)
    try FileManager.default.copyItem(
      at: MartletProcess.packageRoot.appending(path: "Tests/DocumentsTests/Fixtures/\(name)"), to: target)
    return target.path
  }

  @Test("A scanned PDF ends with 65 where it is named, and is reported among others; scanned pages are named")
  func scans() throws {
    try withLibraryPlace { place in
      for name in ["scan.pdf", "stamped-scan.pdf"] {
        let alone = try place.run("index", try copyFixture(name, to: place))
        #expect(alone.status == 65)
        #expect(alone.errors.contains("\(name): has no text layer on any of its 3 pages"), "\(alone.errors)")
      }
      try place.write("swift.txt", "The swift sleeps on the wing.")
      _ = try copyFixture("partly-scanned.pdf", to: place)
      let all = try place.run("index", place.documents.path)
      #expect(all.status == 0)
      #expect(all.text.contains("2 added") && all.text.contains("2 not read"))
      for name in ["scan.pdf", "stamped-scan.pdf"] {
        #expect(all.errors.contains("/\(name) has no text layer on any of its 3 pages"), "\(all.errors)")
      }
      #expect(all.errors.contains("/partly-scanned.pdf 4 of 9 pages have no text layer: 3–5, 8."))
      #expect(try place.files(with: "swift") == ["swift.txt"])
    }
  }

  @Test("A row of a PDF's table is found with all of its cells")
  func table() throws {
    try withLibraryPlace { place in
      _ = try place.object("index", try copyFixture("table.pdf", to: place))
      let best = try #require(try place.object("search", "Who inspects the weather mast?")["results"]?[0])
      #expect(best["text"]?.stringValue?.contains("\nWeather mast | Jon Dahl | once a year in May\n") == true)
      #expect(best["page"]?.intValue == 1)
    }
  }

  private static let page = """
    <!doctype html>
    <html><head><title>Swifts &amp; towers</title>
    <script>var password = "zanzibar";</script>
    <style>.quokka { color: red }</style></head>
    <body><nav><a href="/">Homeward</a></nav>
    <h1>The tower</h1>
    <p>The swifts nest under the roof, above the caf&eacute;.
    They come back in the last days of April.</p>
    <h2>Inspections</h2>
    <p>The gallery ladder is inspected every six months.</p>
    <p>Whoever looks after a part of the building writes down what was found, and signs it with a full name.</p>
    <table><tr><th>Part</th><th>Keeper</th></tr>
    <tr><td>Weather mast</td><td>Jon&nbsp;Dahl</td></tr></table>
    <p>The bell is never rung, as its beam has been rotten since the fire of 1911 &ndash; nobody repaired it.</p>
    </body></html>
    """

  @Test(
    "An HTML page is found by its text, headings and table, with its lines, and not by scripts or navigation")
  func html() throws {
    try withLibraryPlace { place in
      try place.write("page.html", Self.page)
      _ = try place.object("index", place.documents.path, "--chunk-tokens", "40")
      for word in ["zanzibar", "password", "quokka", "Homeward"] {
        #expect(try place.files(with: word).isEmpty, "\(word)")
      }
      let roof = try #require(try place.object("search", "café roof", "--by", "words")["results"]?[0])
      #expect(roof["text"]?.stringValue?.contains("under the roof, above the café. They come back") == true)
      let mast = try #require(try place.object("search", "weather mast", "--by", "words")["results"]?[0])
      #expect(mast["text"]?.stringValue?.contains("Part | Keeper\nWeather mast | Jon\u{A0}Dahl") == true)
      let lines = try #require(mast["start_line"]?.intValue)...(try #require(mast["end_line"]?.intValue))
      #expect(lines.contains(12) && lines.contains(13) && mast["page"]?.isNull == true)
      // Every passage below a heading is found by it, also those that do not hold it.
      let found = try place.object("search", "inspections", "--by", "words")["results"]?.arrayValue ?? []
      let texts = found.compactMap { $0["text"]?.stringValue }
      #expect(texts.contains { $0.hasPrefix("Inspections") } && texts.contains { $0.contains("bell") })
      #expect(texts.contains { !$0.contains("Inspections") })
    }
  }

  @Test(
    "A question to an HTML page is answered with a quote and its line", .needs("qwen2.5-coder-0.5b-instruct"))
  func askHTML() throws {
    try withLibraryPlace { place in
      try place.write("page.html", Self.page)
      _ = try place.object("index", place.documents.path)
      let answer = try place.object("ask", "How often is the gallery ladder inspected?")
      #expect(answer["answer"]?.stringValue?.contains("six months") == true)
      let quote = try #require(answer["quotes"]?[0])
      #expect(quote["text"]?.stringValue == "The gallery ladder is inspected every six months.")
      #expect((quote["start_line"]?.intValue ?? 99) <= 10 && (quote["end_line"]?.intValue ?? 0) >= 10)
    }
  }

  @Test("What is named and gone is dropped with 0, or refused with 66 where its disk may not be mounted")
  func gone() throws {
    try withLibraryPlace { place in
      try place.write("disk/swift.txt", "The swift sleeps on the wing.")
      try place.write("owl.txt", "The owl hunts voles, as no swift does.")
      let (owl, disk) = (place.documents.path + "/owl.txt", place.documents.path + "/disk")
      _ = try place.object("index", place.documents.path)
      try FileManager.default.removeItem(atPath: owl)
      let dropped = try place.run("index", owl)
      #expect(dropped.status == 0 && dropped.text.contains("1 removed"))
      #expect(dropped.errors.contains("Removed, as they are gone: \(owl)"))
      #expect(try place.files(with: "swift") == ["swift.txt"])

      try FileManager.default.removeItem(atPath: disk + "/swift.txt")
      let refused = try place.run("index", disk + "/swift.txt")
      #expect(refused.status == 66 && refused.errors.contains("not mounted"), "\(refused.errors)")
      #expect(try place.files(with: "swift") == ["swift.txt"])
      #expect(try place.run("index", disk + "/swift.txt", "--force").status == 0)
      #expect(try place.files(with: "swift").isEmpty)
    }
  }
}
