import Foundation
import MartletJSON
import Testing

@testable import MartletCommandLine

@Suite("What search and ask show", .needs(Models.embedder))
struct AnswerTextTests {
  @Test("Control characters of documents and names never reach the terminal, and stop no search")
  func controlCharacters() throws {
    try withLibraryPlace { place in
      try place.write("red\u{1B}[31m.txt", "The \u{2}swift\u{1} sleeps \u{1B}[2Jon the\u{2} wing.\u{7}")
      let index = try place.run("index", place.documents.path, "--exclude", "nothing")
      #expect(index.status == 0)
      let result = try place.run("search", "swift wing", "--by", "words")
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.text.contains("␛[2Jon the") && result.text.contains("red␛[31m.txt"))
      let ask = try place.run("ask", "Who won the football match in Oslo?", "--show-prompt")
      for text in [result.text, ask.text, index.errors] {
        #expect(!text.unicodeScalars.contains { $0.properties.generalCategory == .control && $0 != "\n" })
      }
      // For programs the text is what stands in the file.
      let found = try place.object("search", "swift wing", "--by", "words")
      #expect(found["results"]?[0]?["text"]?.stringValue?.contains("\u{1B}[2Jon") == true)
    }
  }

  @Test("Control characters become pictures; line breaks and tabs stay")
  func pictures() {
    #expect(printable("a\tb\nc é") == "a\tb\nc é")
    #expect(printable("\u{1B}[0m\u{7F}\u{9B}\u{0}") == "␛[0m␡\u{FFFD}␀")
    #expect(printable("one\r\ntwo\rthree") == "one \ntwo three")
    #expect(printable("a\u{202E}gpj.b\u{2066}c\u{200F}") == "a<U+202E>gpj.b<U+2066>c<U+200F>")
    #expect(printable("one\u{2028}two") == "one two")
    // Joiners are a part of words and of pictures.
    let joined = "می\u{200C}خواهم 👩\u{200D}🚀 co\u{AD}op"
    #expect(printable(joined) == joined)
  }

  @Test("A refusal with --show-prompt shows the passages, their scores and the threshold")
  func refusal() throws {
    try withLibraryPlace { place in
      try place.write("cats.txt", "Cats sleep by day.")
      _ = try place.object("index", place.documents.path)
      let question = "Who won the football match in Oslo?"
      let text = try place.run("ask", question, "--show-prompt").text
      #expect(text.contains("cats.txt") && text.contains("semantic #1"))
      #expect(text.contains("below the threshold of 0.760"))
      let answer = try place.object("ask", question, "--show-prompt")
      #expect(answer["answered"]?.boolValue == false && answer["prompt"]?.isNull == true)
      #expect(answer["threshold"]?.doubleValue == 0.76)
      #expect(answer["strength"]?.doubleValue ?? 1 < 0.76)
      let passage = try #require(answer["passages"]?[0])
      #expect(passage["meaning"]?["rank"]?.intValue == 1 && passage["words"]?.isNull == true)
      #expect(passage["use"]?.stringValue == "quotes")
      #expect(try place.object("ask", question)["passages"] == nil)
    }
  }

  @Test("A refusal says which name of the question no passage has", .needs(Models.embedder))
  func unmentioned() throws {
    try withLibraryPlace { place in
      try place.write("print.txt", "The program ms_print draws the heap of Massif as a graph in a text file.")
      _ = try place.object("index", place.documents.path)
      let question = "Can ms_print draw the graph of the heap as SVG?"
      let text = try place.run("ask", question, "--show-prompt").text
      #expect(text.contains("No passage found has “SVG”; --anyway answers nevertheless."))
      #expect(text.contains("but no passage has “SVG”: the model was not asked."))
      let refused = try place.object("ask", question)
      #expect(refused["refusal"]?.stringValue == "weak_evidence" && refused["unmentioned"] == ["SVG"])
    }
  }

  @Test(
    "A refusal shows the nearest passages, the strength and what is missing; --anyway answers",
    .needs(Models.small))
  func nearest() throws {
    try withLibraryPlace { place in
      try place.write("cats.txt", "Cats sleep by day.")
      _ = try place.object("index", place.documents.path)
      let question = "Who won the football match in Oslo?"
      let text = try place.run("ask", question).text
      #expect(text.contains("do not seem to hold an answer") && text.contains("an answer needs 0.760"))
      #expect(
        text.contains("--anyway") && text.contains("cats.txt, line 1") && text.contains("Cats sleep by day."))
      let refused = try place.object("ask", question)
      #expect(refused["refusal"]?.stringValue == "weak_evidence" && refused["supported"]?.isNull == true)
      #expect(refused["threshold"]?.doubleValue == 0.76 && refused["quotes"]?.arrayValue?.isEmpty == true)
      #expect(try place.run("ask", question, "--strict").status == 1)

      let answer = try place.run("ask", question, "--anyway", "-m", Models.small, "-n", "8")
      #expect(answer.status == 0 && answer.text.contains("Sources") && answer.errors.contains("below 0.760"))
    }
  }

  @Test("A model that is not there ends with 66, whatever the documents hold, and leaves no store behind")
  func misspelt() throws {
    try withLibraryPlace { place in
      try place.write("cats.txt", "Cats sleep by day.")
      let index = try place.run("index", place.documents.path, "--embedder", "nosuch")
      #expect(index.status == 66 && !FileManager.default.fileExists(atPath: place.store))
      _ = try place.object("index", place.documents.path)
      let ask = try place.run("ask", "Who won the football match in Oslo?", "-m", "nosuch")
      #expect(ask.status == 66 && ask.text.isEmpty && ask.errors.contains("nosuch"))
    }
  }

  @Test(
    "The number of a person in a table is found in the row of that person, which is the quote",
    .needs(Models.small))
  func table() throws {
    try withLibraryPlace { place in
      let rows = (1...90).map { "Keeper \($0),\($0) Mill Road,Village\($0 % 7),0\($0)-77\($0 + 100)" }
      try place.write("keepers.csv", (["keeper,street,village,telephone"] + rows).joined(separator: "\n"))
      _ = try place.object("index", place.documents.path)
      for number in [2, 13, 57, 88] {
        let answer = try place.object(
          "ask", "What is the telephone number of Keeper \(number)?", "-m", Models.small, "-n", "1")
        let quote = try #require(answer["quotes"]?[0])
        #expect(quote["text"]?.stringValue == rows[number - 1])
        #expect((quote["start_line"]?.intValue, quote["end_line"]?.intValue) == (number + 1, number + 1))
        #expect(quote["header"]?.stringValue == "keeper,street,village,telephone")
        let rank = try #require(quote["number"]?.intValue)
        #expect(answer["sources"]?[0]?["number"]?.intValue == rank)
        let passage = try #require(answer["results"]?[rank - 1])
        #expect(passage["text"]?.stringValue?.hasPrefix("keeper,street,village,telephone\n") == true)
      }
    }
  }

  @Test("An answer lists each source with its score, and --json --show-prompt says why", .needs(Models.small))
  func sources() throws {
    try withLibraryPlace { place in
      try place.write("tower.txt", "The gallery ladder is inspected every six months.")
      _ = try place.object("index", place.documents.path)
      let question = "How often is the gallery ladder inspected?"
      let text = try place.run("ask", question, "-m", Models.small, "-n", "8").text
      let source = try #require(text.split(separator: "\n").last)
      #expect(source.contains("[1]") && source.contains("semantic #1") && source.contains("keyword #1"))
      let answer = try place.object("ask", question, "-m", Models.small, "-n", "8", "--show-prompt")
      let passage = try #require(answer["passages"]?[0])
      #expect(passage["use"]?.stringValue == "shown")
      #expect(passage["words"]?["rank"]?.intValue == 1)
    }
  }

  @Test(
    "Words that no source has are flagged for people and for programs, and each number stands in the list",
    .needs(Models.small))
  func unsupported() throws {
    try withLibraryPlace { place in
      for number in 1...5 {
        try place.write(
          "tower-\(number).txt", "The ladder of tower \(number) is inspected every \(number + 5) months.")
      }
      try place.write("list.txt", "The ladder of tower 1 has a list. The ladder of tower 1 is inspected.")
      _ = try place.object("index", place.documents.path)
      let token = try place.program.run("tokens", "-m", Models.small, " banana").text
      let id = try #require(token.split(separator: "\t").first)
      // The model says nothing but this word.
      let question = [
        "How often is the ladder of tower 1 inspected?", "-m", Models.small, "-n", "4", "--logit-bias",
        "\(id)=1000",
        "--passages", "1", "--quotes", "8", "--store", place.store,
      ]
      let result = try place.program.run(["ask"] + question)
      #expect(result.status == 0 && result.text.contains("No passage supports this answer:\n banana banana"))
      #expect(
        result.errors.contains("None of the sources has the words and numbers of this answer"),
        "\(result.errors)")
      let parts = result.text.components(separatedBy: "\nSources\n")
      try #require(parts.count == 2, "\(result.text)")
      func numbers(_ text: String) -> Set<Substring> { Set(text.matches(of: /\[(\d+)\]/).map(\.1)) }
      #expect(
        numbers(parts[0]).count > 1 && numbers(parts[0]).isSubset(of: numbers(parts[1])), "\(result.text)")
      #expect(parts[1].contains("quoted, not shown to the model"))

      let answer = try JSON(parsing: place.program.run(["ask"] + question + ["--json"]).text)
      #expect(answer["answered"]?.boolValue == true && answer["supported_by"]?.arrayValue?.isEmpty == true)
      #expect(answer["supported"]?.boolValue == false && answer["refusal"]?.isNull == true)

      let strict = try place.program.run(["ask", "--strict"] + question)
      #expect(strict.status == 1 && !strict.text.contains("banana"))
      #expect(strict.errors.contains("--strict refuses such answers"))
      let refused = try place.program.run(["ask", "--strict", "--json"] + question)
      let object = try JSON(parsing: refused.text)
      #expect(refused.status == 1 && object["answered"]?.boolValue == false)
      #expect(object["refusal"]?.stringValue == "unsupported" && object["answer"]?.stringValue == "")

      #expect(answer["finish_reason"]?.stringValue == "length" && answer["unknown_citations"] == [])
      let warnings = answer["warnings"]?.arrayValue?.compactMap(\.stringValue) ?? []
      #expect(
        warnings.contains { $0.hasPrefix("None of the sources") }
          && warnings.contains { $0.contains("cut at 4") })
      let results = answer["results"]?.arrayValue ?? []
      for quote in answer["quotes"]?.arrayValue ?? [] {
        let number = try #require(quote["number"]?.intValue)
        #expect(results[number - 1]["id"] == quote["id"])
      }
    }
  }

  @Test(
    "A question about a document as a whole is answered from its beginning, with its sources",
    .needs(Models.small))
  func whole() throws {
    try withLibraryPlace { place in
      try place.write("tower.txt", "The tower of Saint Aldhelm is a station for swifts. It has ninety boxes.")
      _ = try place.object("index", place.documents.path)
      let text = try place.run("ask", "What is this document about?", "-m", Models.small, "-n", "8").text
      #expect(text.contains("Sources") && text.contains("tower.txt, line 1  from the beginning"), "\(text)")
      let shown = try place.run(
        "ask", "Summarize tower.txt", "-m", Models.small, "-n", "8", "--show-prompt")
      #expect(shown.text.contains("about whole documents") && shown.text.contains("ninety boxes"))
      let answer = try place.object("ask", "Summarize this", "-m", Models.small, "-n", "8", "--show-prompt")
      #expect(answer["answered"]?.boolValue == true && answer["sources"]?.arrayValue?.count == 1)
      #expect(answer["passages"]?[0]?["meaning"]?.isNull == true)
    }
  }

  @Test("Ctrl-C in the midst of an answer ends with 130", .needs(Models.small))
  func interrupted() throws {
    try withLibraryPlace { place in
      try place.write("tower.txt", "The gallery ladder is inspected every six months.")
      _ = try place.object("index", place.documents.path)
      // Without its end tokens the model would go on for long.
      let arguments = [
        "ask", "How often is the gallery ladder inspected?", "-m", Models.small, "-n", "1500", "--logit-bias",
        "0=-inf", "--logit-bias", "2=-inf", "--show-prompt", "--store", place.store,
      ]
      let result = try place.program.interrupt(arguments) { output in
        (try? Data(contentsOf: output))?.isEmpty == false
      }
      #expect(result.status == 130, "\(result.errors)")
      // What was said by then is printed below the prompt.
      #expect(result.text.contains("\nAnswer\n") && !result.text.contains("Sources"))
      #expect(result.errors.contains("Interrupted"))
    }
  }

  @Test("A store whose making was broken off at once is none: 66")
  func emptyStore() throws {
    try withLibraryPlace { place in
      try FileManager.default.createDirectory(atPath: place.store, withIntermediateDirectories: true)
      try Data().write(to: URL(filePath: place.store + "/martlet.sqlite"))
      let result = try place.run("search", "anything")
      #expect(result.status == 66)
      #expect(result.errors.contains("martlet index"))
    }
  }
}
