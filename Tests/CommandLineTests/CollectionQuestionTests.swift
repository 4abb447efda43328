import Foundation
import MartletJSON
import MartletTestScope
import Testing

/// The dev halves of the questions in Tests/EvaluationTests/Questions, asked with the default models.
@Suite("Questions about a novel, three manuals and Python's library", .serialized)
struct CollectionQuestionTests {
  static let root = MartletProcess.packageRoot.standardized
  static let data = root.appending(path: "../shared/data").standardized
  static let python = "/usr/lib/python3.11"

  /// A set with its documents, and how many of its questions must come out well: 15 have an answer, 8 have none. Sums
  /// in another order change an answer or two.
  struct Questions: Sendable, CustomTestStringConvertible {
    let name: String
    let documents: [String]
    let right, refused: Int
    let wronglyRefused: Int
    var testDescription: String { name }

    var isThere: Bool { documents.allSatisfy { FileManager.default.fileExists(atPath: $0) } }
  }

  static let sets = [
    Questions(
      name: "prose", documents: [data.appending(path: "books/pride-and-prejudice.txt").path], right: 5,
      refused: 0, wronglyRefused: 1),
    Questions(
      name: "manuals",
      documents: ["bash", "valgrind_manual", "libtasn1"].map { data.appending(path: "pdf/\($0).pdf").path },
      right: 10, refused: 5, wronglyRefused: 1),
    Questions(
      name: "code",
      documents:
        """
        argparse bisect calendar cmd colorsys configparser contextlib csv difflib fnmatch fractions functools getpass \
        glob graphlib heapq hmac imghdr linecache locale mailcap nntplib pprint queue quopri random reprlib sched \
        secrets shelve shlex shutil statistics string tempfile textwrap timeit tokenize trace uuid wave zipapp
        """.split(separator: " ").map { "\(python)/\($0).py" },
      right: 9, refused: 5, wronglyRefused: 3),
  ]

  @Test(
    "Answers are right, and refused where there are none, as often as docs/answers.md says",
    .needs(Models.embedder), .needs("qwen2.5-coder-0.5b-instruct"), .slow, arguments: sets)
  func answers(set: Questions) throws {
    guard set.isThere else { return print("Skipped: the documents of \(set.name) are missing") }
    try withLibraryPlace { place in
      let indexed = try place.program.run(["index", "--store", place.store] + set.documents)
      try #require(indexed.status == 0, "\(indexed.errors)")
      let questions = Self.root.appending(path: "Tests/EvaluationTests/Questions/\(set.name).jsonl").path
      let found = try place.object("eval", "rag", "default", "--questions", questions)
      func count(_ name: String, of total: Int) throws -> Int {
        Int((try #require(found["scores"]?[name]?["value"]?.doubleValue) * Double(total)).rounded())
      }
      let (right, refused) = (try count("right", of: 15), try count("refused", of: 8))
      let wronglyRefused = try count("wrongly_refused", of: 15)
      print(
        "\(set.name): \(right) right and \(wronglyRefused) wrongly refused of 15, \(refused) refused of 8")
      #expect(right >= set.right && refused >= set.refused && wronglyRefused <= set.wronglyRefused)
    }
  }
}
