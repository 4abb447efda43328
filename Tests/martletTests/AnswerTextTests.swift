import Foundation
import JSON
import Testing

@testable import martlet

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
  }

  @Test("A refusal with --show-prompt shows the passages, their scores and the threshold")
  func refusal() throws {
    try withLibraryPlace { place in
      try place.write("cats.txt", "Cats sleep by day.")
      _ = try place.object("index", place.documents.path)
      let question = "Who won the football match in Oslo?"
      let text = try place.run("ask", question, "--show-prompt").text
      #expect(text.contains("cats.txt") && text.contains("meaning #1"))
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

  @Test("An answer lists each source with its score, and --json --show-prompt says why", .needs(Models.small))
  func sources() throws {
    try withLibraryPlace { place in
      try place.write("tower.txt", "The gallery ladder is inspected every six months.")
      _ = try place.object("index", place.documents.path)
      let question = "How often is the gallery ladder inspected?"
      let text = try place.run("ask", question, "-m", Models.small, "-n", "8").text
      let source = try #require(text.split(separator: "\n").last)
      #expect(source.contains("[1]") && source.contains("meaning #1") && source.contains("words #1"))
      let answer = try place.object("ask", question, "-m", Models.small, "-n", "8", "--show-prompt")
      let passage = try #require(answer["passages"]?[0])
      #expect(passage["use"]?.stringValue == "shown")
      #expect(passage["words"]?["rank"]?.intValue == 1)
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
        "0=-inf", "--logit-bias", "2=-inf", "--store", place.store,
      ]
      let result = try place.program.interrupt(arguments) { output in
        (try? Data(contentsOf: output))?.isEmpty == false
      }
      #expect(result.status == 130, "\(result.errors)")
      #expect(!result.text.isEmpty && !result.text.contains("Sources"))
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
