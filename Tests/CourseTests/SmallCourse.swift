import Foundation
import Testing

@testable import MartletCourse

/// A course of three exercises, in memory.
enum SmallCourse {
  static let course = """
    title: Small
    skills:
      - {id: one, folder: 1-one, title: One, weeks: 1-2, learn: Something.}
    projects:
      - {id: project, title: Project}
    """

  static func lesson(_ kind: String, day: Int = 1, _ rest: String, text: String = "A lesson.") -> String {
    """
    ---
    title: Title \(day)
    day: \(day)
    kind: \(kind)
    learn: What.
    why: Why.
    insight: Insight \(day).
    hints: [First?, Second., Third.]
    \(rest)
    ---
    \(text)
    """
  }

  static let prediction = lesson(
    "predict",
    """
    runs:
      - {name: words, command: similar, says: your words}
    require:
      - {check: "runs.words.output.labels != ['a', 'b']", message: Take your own words.}
    answer:
      - name: nearest
        question: Which two?
        type: words
        predict: true
        expect: runs.words.output
        measure: nearest_pair
        message: Look off the diagonal.
      - name: cosine
        question: How near?
        type: number
        expect: runs.words.output
        measure: largest_similarity
        wrong: [{when: given > 0.99, message: That is the diagonal.}]
        message: Read it off.
    """)

  static let program = lesson(
    "code", day: 2,
    """
    program:
      oracle: cosine_similarity
      seconds: 2
      input: two vectors
      output: one number
      examples: [{in: {a: [1, 0], b: [1, 1]}, out: {cosine: 0.7071067811865476}}]
    """)

  static let explanation = lesson(
    "explain", day: 3,
    """
    rubric:
      - {point: It divides by the root., question: By what is divided?, mentions: ["root|sqrt"]}
    minimum_words: 8
    """)

  static let scaffold = "import sys\nfor line in sys.stdin: print('null')\n"
  static let solution = """
    import json, math, sys
    for line in sys.stdin:
        c = json.loads(line)
        dot = lambda x, y: sum(p * q for p, q in zip(x, y))
        n = math.sqrt(dot(c["a"], c["a"]) * dot(c["b"], c["b"]))
        print(json.dumps({"cosine": dot(c["a"], c["b"]) / n if n else 0}))

    """

  static let files = [
    "course.yaml": course, "1-one/01-words/lesson.md": prediction,
    "1-one/01-words/solution.yaml":
      "predict: {nearest: c d}\nruns: [similar c d e]\nanswer: {nearest: c d, cosine: 0.5}",
    "1-one/01-words/wrong/diagonal.yaml": "answer: {nearest: c d, cosine: 1}",
    "1-one/02-cosine/lesson.md": program, "1-one/02-cosine/scaffold.py": scaffold,
    "1-one/02-cosine/solution.py": solution, "1-one/02-cosine/files/data/note.txt": "a note\n",
    "1-one/03-root/lesson.md": explanation,
    "1-one/03-root/solution.yaml":
      "answer: The sums grow with the dimension, so they are divided by its square root, which keeps them small.",
  ]

  static func read(_ changes: [String: String?] = [:]) throws(CourseError) -> Course {
    var files = Self.files
    for (path, text) in changes { files[path] = text }
    return try Course(CourseSource(name: "small", files: files))
  }

  static let run = RecordedRun(
    words: ["similar", "c", "d", "e"], text: "a table",
    output: ["labels": ["c", "d", "e"], "cosine": [[1, 0.5, 0.1], [0.5, 1, 0.2], [0.1, 0.2, 1]]], seconds: 1)
}

/// A folder that is deleted afterwards.
func withTemporaryFolder(_ body: (URL) async throws -> Void) async throws {
  let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  try await body(folder)
}
