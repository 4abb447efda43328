import Foundation
import MartletJSON
import MartletTestScope
import Testing

/// `eval rag` over a small folder, with real models.
@Suite("eval rag", .startsProcesses)
struct EvaluateCollectionTests {
  private static let questions = """
    {"question": "How often is the gallery ladder inspected?", "contains": "six months", "evidence": ["every six months"], "id": "ladder"}
    {"question": "Which colour has the main door?", "contains": "green", "document": "door.txt"}
    {"question": "Who won the football world cup in 2014?", "answerable": false}

    """

  private func withCollection(_ body: (LibraryPlace, String) throws -> Void) throws {
    try withLibraryPlace { place in
      try place.write(
        "ladder.txt", "The gallery ladder is inspected every six\nmonths, in March and in September.")
      try place.write("door.txt", "The main door of the house is painted green.")
      try place.write("rent.txt", "The rent is due on the first day of each month.")
      let indexed = try place.run("index", place.documents.path)
      try #require(indexed.status == 0, "\(indexed.errors)")
      let file = place.folder.appending(path: "questions.jsonl")
      try Data(Self.questions.utf8).write(to: file)
      try body(place, file.path)
    }
  }

  private func measure(_ place: LibraryPlace, _ arguments: String...) throws -> JSON {
    let result = try place.program.run(
      ["eval", "rag", "default", "--store", place.store, "--json"] + arguments)
    try #require(result.status == 0, "\(result.errors)")
    return try JSON(parsing: result.text)
  }

  @Test("Retrieval alone is measured without a model that answers", .needs(Models.embedder))
  func retrieval() throws {
    try withCollection { place, file in
      let json = try measure(place, "--questions", file, "--retrieval-only", "-k", "2")
      #expect(json["scores"]?["recall@1"]?["value"]?.doubleValue == 1 && json["scores"]?["mrr@2"]?["n"] == 2)
      #expect(json["items"]?.arrayValue?.map { $0["rank"]?.intValue } == [1, 1, nil])
      #expect(json["scores"]?["right"] == nil)
      let single = try measure(place, "--questions", file, "--retrieval-only", "-k", "1")
      #expect(single["scores"]?.objectValue?.keys.sorted() == ["mrr@1", "ndcg@1", "recall@1"])
      let unplaced = place.folder.appending(path: "unplaced.jsonl")
      try Data(#"{"question": "Is it green?", "contains": "yes"}"#.utf8).write(to: unplaced)
      let nothing = try place.program.run(
        "eval", "rag", "default", "--store", place.store, "--questions", unplaced.path, "--retrieval-only")
      #expect(nothing.status == 0 && nothing.errors.contains("Nothing was measured"), "\(nothing.errors)")
    }
  }

  @Test("Answers are right, refused or invented", .needs(Models.embedder), .needs(Models.small))
  func answers() throws {
    try withCollection { place, file in
      let json = try measure(place, "--questions", file, "-m", Models.small, "-n", "40")
      let scores = try #require(json["scores"])
      #expect(scores["right"]?["n"] == 2 && scores["refused"]?["n"] == 1 && scores["invented"]?["n"] == 1)
      #expect(scores["refused"]?["value"]?.doubleValue == 1 && json["items"]?[2]?["correct"] == true)
      #expect(json["items"]?[2]?["refusal"]?.stringValue != nil)
      let text = try place.program.run(
        "eval", "rag", "default", "--store", place.store, "--questions", file, "-m", Models.small, "-n", "40",
        "--limit", "1")
      #expect(text.status == 0 && text.text.contains("recall@5"), "\(text.errors)")
    }
  }

  @Test("Wrong questions are errors with their line")
  func refusals() throws {
    try withLibraryPlace { place in
      let file = place.folder.appending(path: "questions.jsonl")
      let cases: [(String, String)] = [
        (#"{"question": "a", "answerable": false, "contains": "b"}"#, "answerable"),
        (#"{"question": "a", "answerable": false, "document": "b"}"#, "answerable"),
        (#"{"question": "a", "evidense": "b"}"#, "evidense"), ("\n", "there are no questions"),
        ("{\"question\": \"a\", \"id\": \"x\"}\n{\"question\": \"b\", \"id\": \"x\"}", "Line 2"),
      ]
      for (line, message) in cases {
        try Data(line.utf8).write(to: file)
        let result = try place.program.run(
          "eval", "rag", "default", "--questions", file.path, "--store", place.store)
        #expect(result.status == 65 && result.errors.contains(message), "\(line): \(result.errors)")
      }
      let missing = try place.program.run("eval", "rag", "default", "--store", place.store)
      #expect(missing.status == 64 && missing.errors.contains("--questions"))
    }
  }
}
