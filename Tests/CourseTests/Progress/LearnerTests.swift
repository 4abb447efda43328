import Foundation
import Testing

@testable import MartletCourse

@Suite("A learner works through the course, and one file remembers")
struct LearnerTests {
  private let answer = Submission.texts(["nearest=d c", "cosine=0.5"])

  @Test("Predict, record, state: only in this order, and each step is remembered")
  func prediction() async throws {
    try await withTemporaryFolder { folder in
      let course = try SmallCourse.read()
      let exercise = try course.exercise("words")
      var learner = try Learner(course: course, folder: LearnerFolder(folder))
      #expect(try learner.start(exercise) == ["answer.yaml"])
      #expect(throws: CourseError.self) { try learner.allowRecording(exercise) }
      var early = try await learner.check(answer, exercise)
      #expect(early.message.contains("Predict first"))
      try learner.predict(["nearest": "d e"], exercise)
      early = try await learner.check(answer, exercise)
      #expect(early.message.contains("record the command first") && early.message.contains("your words"))
      #expect(try learner.record(SmallCourse.run, exercise) == ["words"])
      #expect(throws: CourseError.self) { try learner.predict(["nearest": "c d"], exercise) }

      // Another process goes on from the file.
      var later = try Learner(course: course, folder: LearnerFolder(folder))
      #expect(later.current?.id == "words")
      for (texts, message) in [
        (["nearest=c e", "cosine=0.5"], "Look off the diagonal"),
        (["nearest=c d", "cosine=1"], "That is the diagonal"),
        (["nearest=c d", "cosine=0.6"], "Read it off"), (["nearest=c d"], "‘cosine’ is missing"),
        (["nearest=c d", "cosine=much"], "is no number"),
      ] {
        let verdict = try await later.check(.texts(texts), exercise)
        #expect(!verdict.passed && verdict.message.contains(message), "\(texts): \(verdict.message)")
      }
      let verdict = try await later.check(answer, exercise)
      #expect(verdict.passed && verdict.message.contains("you predicted d, e"))
      #expect(later.status(of: exercise) == .passed)
      _ = try await later.check(.texts(["nearest=c e", "cosine=0"]), exercise)
      #expect(try Learner(course: course, folder: LearnerFolder(folder)).status(of: exercise) == .passed)
    }
  }

  @Test("The lesson's own example is refused where the learner's is asked for")
  func ownData() async throws {
    try await withTemporaryFolder { folder in
      let course = try SmallCourse.read()
      let exercise = try course.exercise("words")
      var learner = try Learner(course: course, folder: LearnerFolder(folder))
      try learner.start(exercise)
      try learner.predict(["nearest": "a b"], exercise)
      let run = RecordedRun(
        words: ["similar", "a", "b"], text: "",
        output: ["labels": ["a", "b"], "cosine": [[1, 0.5], [0.5, 1]]],
        seconds: 0)
      _ = try learner.record(run, exercise)
      let verdict = try await learner.check(.texts(["nearest=a b", "cosine=0.5"]), exercise)
      #expect(verdict.message == "Take your own words.")
    }
  }

  @Test("Evidence that was changed after it was recorded is refused, and a reset moves it aside")
  func changedEvidence() async throws {
    try await withTemporaryFolder { folder in
      let course = try SmallCourse.read()
      let exercise = try course.exercise("words")
      var learner = try Learner(course: course, folder: LearnerFolder(folder))
      try learner.start(exercise)
      try learner.predict(["nearest": "c d"], exercise)
      _ = try learner.record(SmallCourse.run, exercise)
      let file = folder.appending(path: "words/runs/1.json")
      let text = try String(contentsOf: file, encoding: .utf8).replacing("0.5", with: "0.9")
      try Data(text.utf8).write(to: file)
      await #expect(throws: CourseError.self) {
        _ = try await learner.check(.texts(["nearest=c d", "cosine=0.9"]), exercise)
      }
      let place = try #require(try learner.reset(exercise))
      #expect(FileManager.default.fileExists(atPath: place.appending(path: "runs/1.json").path))
      #expect(learner.status(of: exercise) == nil)
    }
  }

  @Test("Nothing advances by itself; skipped exercises come again at the end")
  func order() async throws {
    try await withTemporaryFolder { folder in
      let course = try SmallCourse.read()
      var learner = try Learner(course: course, folder: LearnerFolder(folder))
      #expect(learner.current == nil && learner.next?.id == "words")
      try learner.start(course.exercises[0])
      try learner.skip(course.exercises[0])
      #expect(learner.current?.id == "cosine" && learner.status(of: course.exercises[1]) == nil)
      try learner.start(course.exercises[1])
      let verdict = try await learner.check(.program(.python, SmallCourse.solution), course.exercises[1])
      #expect(verdict.passed && learner.current?.id == "cosine" && learner.next?.id == "root")
      try learner.start(course.exercises[2])
      _ = try await learner.check(
        .texts(["The sums grow with the width, so they are divided by its square root."]), course.exercises[2]
      )
      #expect(learner.next?.id == "words")
    }
  }

  @Test("A learner's files are never written over, and the scaffold does not pass")
  func scaffold() async throws {
    try await withTemporaryFolder { folder in
      let course = try SmallCourse.read()
      let exercise = try course.exercise("cosine")
      var learner = try Learner(course: course, folder: LearnerFolder(folder))
      #expect(try learner.start(exercise) == ["data/note.txt", "program.py"])
      #expect(try await learner.check(.folder, exercise).message.contains("still the scaffold"))
      let program = folder.appending(path: "cosine/program.py")
      try Data(SmallCourse.solution.utf8).write(to: program)
      #expect(try learner.start(exercise) == [])
      #expect(try String(contentsOf: program, encoding: .utf8) == SmallCourse.solution)
      #expect(try await learner.check(.folder, exercise).passed)
      #expect(throws: CourseError.self) { try learner.start(exercise, language: .swift) }
    }
  }

  @Test("A damaged or foreign file of the progress is an error, and stays as it is")
  func damaged() async throws {
    try await withTemporaryFolder { folder in
      let file = folder.appending(path: "progress.json")
      for text in ["{", "[]", #"{"version": 99, "exercises": {}}"#] {
        try Data(text.utf8).write(to: file)
        #expect(throws: CourseError.self) {
          _ = try Learner(course: try SmallCourse.read(), folder: LearnerFolder(folder))
        }
        #expect(try String(contentsOf: file, encoding: .utf8) == text)
      }
    }
  }

  @Test("Hints come one by one, and the last is repeated")
  func hints() async throws {
    try await withTemporaryFolder { folder in
      let course = try SmallCourse.read()
      var learner = try Learner(course: course, folder: LearnerFolder(folder))
      let hints = try (0..<4).map { _ in try learner.hint(course.exercises[0]).text }
      #expect(hints == ["First?", "Second.", "Third.", "Third."])
    }
  }
}
