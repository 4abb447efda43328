import Foundation
import MartletJSON
import MartletSeededRandom
import MartletTestScope
import Testing

@testable import MartletCommandLine

@Suite("index, search and ask", .needs(Models.embedder))
struct LibraryTests {
  @Test("A search for programs has the promised members, best first")
  func searchJSON() throws {
    try withLibraryPlace { place in
      try place.write(
        "swift.md", "# Swifts\n\nThe swift sleeps on the wing.\n\n# Owls\n\nThe owl sleeps by day.\n")
      _ = try place.object("index", place.documents.path)
      for way in ["semantic", "keyword", "hybrid", "meaning", "words", "both"] {
        let found = try place.object("search", "sleeps on the wing", "-k", "3", "--by", way)
        let results = try #require(found["results"]?.arrayValue)
        let best = try #require(results.first?.objectValue)
        #expect(
          best.keys.map { $0 } == [
            "id", "score", "path", "page", "start_line", "end_line", "place", "attributes", "text",
          ])
        #expect(best["path"]?.stringValue == place.documents.appending(path: "swift.md").path)
        #expect(best["page"]?.isNull == true)
        #expect(best["start_line"]?.intValue == 1)
        #expect(best["text"]?.stringValue?.contains("on the wing") == true)
        let scores = results.compactMap { $0["score"]?.doubleValue }
        #expect(scores == scores.sorted(by: >))
      }
    }
  }

  @Test("A PDF's passages have pages and no lines")
  func pages() throws {
    try withLibraryPlace { place in
      let sample = MartletProcess.packageRoot.appending(path: "Examples/documents/handbook.pdf").path
      _ = try place.object("index", sample)
      let found = try place.object("search", "swifts come back in April")
      let best = try #require(found["results"]?[0])
      #expect(best["page"]?.intValue == 1)
      #expect(best["start_line"]?.isNull == true && best["end_line"]?.isNull == true)
    }
  }

  @Test(
    "What `make demo` asks the sample documents is answered rightly, with the page that says so",
    .needs("qwen2.5-coder-0.5b-instruct"))
  func demo() throws {
    let root = MartletProcess.packageRoot
    let script = try String(contentsOf: root.appending(path: "Scripts/demo.sh"), encoding: .utf8)
    let question = try #require(script.firstMatch(of: /question="(.+)"/)).output.1
    try withLibraryPlace { place in
      _ = try place.object("index", root.appending(path: "Examples/documents").path)
      let answer = try place.object("ask", String(question))
      let text = try #require(answer["answer"]?.stringValue)
      #expect(text.contains("April") && text.contains("August"), "\(text)")
      let quotes = (answer["quotes"]?.arrayValue ?? []).filter {
        $0["path"]?.stringValue?.hasSuffix("handbook.pdf") == true && $0["page"]?.intValue == 1
      }
      #expect(!quotes.isEmpty)
      #expect(answer["sources"]?[0]?["path"]?.stringValue?.hasSuffix("handbook.pdf") == true)
    }
  }

  @Test(
    "An answer for programs has the model's words, numbered sources, quotes and results",
    .needs("qwen2.5-coder-0.5b-instruct"))
  func askJSON() throws {
    try withLibraryPlace { place in
      try place.write(
        "tower.txt",
        "The gallery ladder is inspected every six months.\nThe swifts leave in the middle of August.")
      try place.write("cats.txt", "Cats sleep for most of the day.")
      _ = try place.object("index", place.documents.path)
      let answer = try place.object("ask", "How often is the gallery ladder inspected?", "--show-prompt")
      #expect(answer["answered"]?.boolValue == true)
      #expect(answer["answer"]?.stringValue?.contains("six months") == true)
      let source = try #require(answer["sources"]?[0]?.objectValue)
      #expect(
        source.keys.map { $0 } == [
          "number", "id", "path", "page", "start_line", "end_line", "place", "attributes",
        ])
      #expect(source["number"]?.intValue == 1)
      let quote = try #require(answer["quotes"]?[0])
      #expect(quote["text"]?.stringValue == "The gallery ladder is inspected every six months.")
      #expect((quote["start_line"]?.intValue, quote["end_line"]?.intValue) == (1, 1))
      #expect(answer["results"]?.arrayValue?.isEmpty == false)
      #expect(answer["prompt"]?.stringValue?.contains("<|im_start|>system") == true)
    }
  }

  @Test("A question that the documents do not answer is refused with exit code 0, without a model")
  func refusal() throws {
    try withLibraryPlace { place in
      try place.write("cats.txt", "Cats sleep for most of the day.")
      _ = try place.object("index", place.documents.path)
      let answer = try place.object("ask", "Who won the football match in Oslo?")
      #expect(answer["answered"]?.boolValue == false)
      #expect(answer["answer"]?.stringValue == "")
      #expect(answer["sources"]?.arrayValue?.isEmpty == true)
      let text = try place.run("ask", "Who won the football match in Oslo?")
      #expect(text.status == 0)
      #expect(text.text.contains("do not seem to hold an answer"))
    }
  }

  @Test("What is missing ends with 66 and says what to do")
  func missing() throws {
    try withLibraryPlace { place in
      let search = try place.run("search", "anything")
      #expect(search.status == 66)
      #expect(search.errors.contains("martlet index"))
      let index = try place.run("index", place.folder.appending(path: "nothing").path)
      #expect(index.status == 66)
      try place.write("a.txt", "A martlet never lands.")
      _ = try place.object("index", place.documents.path)
      let collection = try place.run("search", "anything", "--collection", "other")
      #expect(collection.status == 66)
      #expect(collection.errors.contains("default"))
    }
  }

  @Test("Files that cannot be read, and files that are skipped, are named; the rest is indexed")
  func reports() throws {
    try withLibraryPlace { place in
      try place.write("a.txt", "A martlet never lands.")
      try place.write("broken.pdf", "%PDF-1.4 no PDF at all")
      try place.write(".hidden.txt", "hidden")
      try place.write("ignored.log", "ignored")
      try place.write(".gitignore", "*.log\n")
      try Data([0x7F, 0x45, 0x4C, 0x46, 0, 0, 1]).write(to: place.documents.appending(path: "program"))
      try FileManager.default.createSymbolicLink(
        at: place.documents.appending(path: "circle"), withDestinationURL: place.documents)
      _ = try place.run("index", place.documents.path)
      let result = try place.run("index", place.documents.path, "--exclude", "nothing")
      #expect(result.status == 0)
      for name in ["broken.pdf", ".hidden.txt", "ignored.log", "program", "circle"] {
        #expect(result.errors.contains(name), "\(name) is not named")
      }
      #expect(result.text.contains("1 unchanged"))
    }
  }

  @Test("A second writer is refused with 69 while one writes")
  func secondWriter() throws {
    try withLibraryPlace { place in
      try place.write("a.txt", "A martlet never lands.")
      _ = try place.object("index", place.documents.path)
      let lock = open("\(place.store)/writer.lock", O_RDWR)
      defer { close(lock) }
      try #require(flock(lock, LOCK_EX | LOCK_NB) == 0)
      let result = try place.run("index", place.documents.path)
      #expect(result.status == 69)
      #expect(result.errors.contains("open for writing"))
      #expect(try place.run("search", "martlet").status == 0)
    }
  }

  @Test("Killed again and again while it indexes, it loses nothing that it had, and carries on")
  func kills() throws {
    try withLibraryPlace { place in
      for number in 0..<120 {
        let sentences = (0..<30).map {
          "Swift \($0) of colony \(number) was seen over the tower at \($0 + 3) o'clock."
        }
        try place.write("colony-\(number).txt", sentences.joined(separator: " "))
      }
      let seed = UInt64.random(in: 0...UInt64.max)
      print("seed of the kills: \(seed)")
      var generator = SplitMix64(seed: seed)
      var known = 0
      for _ in 0..<(TestScope.isSlow ? 20 : 6) {
        try MartletProcess().kill(
          ["index", place.documents.path, "--store", place.store],
          after: Double.random(in: 0.02...0.8, using: &generator))
        let found = try state(of: place)
        // Files are there as a whole or not at all, and what was there stays.
        #expect(found.partial.isEmpty, "\(found.partial)")
        #expect(found.files >= known)
        known = found.files
      }
      _ = try place.object("index", place.documents.path)
      let (files, partial) = try state(of: place)
      #expect(files == 120 && partial.isEmpty)
      let again = try place.object("index", place.documents.path)
      #expect(again["unchanged"]?.intValue == 120 || again["chunks"]?.intValue == 0)
    }
  }

  /// How many files a store has, and those of which passages are missing.
  private func state(of place: LibraryPlace) throws -> (files: Int, partial: [String]) {
    let result = try place.run("search", "swift colony tower", "--by", "words", "-k", "1000", "--json")
    // Before the first transaction there is nothing to open.
    if result.status == 66 { return (0, []) }
    try #require(result.status == 0, "\(result.errors)")
    let results = try #require(try JSON(parsing: result.text)["results"]?.arrayValue)
    var passages: [String: Int] = [:]
    for item in results { passages[item["path"]?.stringValue ?? "", default: 0] += 1 }
    let most = passages.values.max() ?? 0
    return (passages.count, passages.filter { $0.value != most }.map(\.key))
  }
}
