import Testing

@testable import MartletCourse

@Suite("Explanations are held to their rubric")
struct ExplanationTests {
  @Test("Too short, a list of one word, the lesson's words, and an open question are refused")
  func refused() async throws {
    try await withTemporaryFolder { folder in
      let course = try SmallCourse.read()
      let exercise = try course.exercise("root")
      var learner = try Learner(course: course, folder: LearnerFolder(folder))
      for (text, problem) in [
        ("", "too few"), ("the square root of it", "too few"), ("A lesson.", "the lesson's words"),
        (Array(repeating: "root", count: 20).joined(separator: " "), "again and again"),
        ("The sums grow with the width, so something has to make them smaller.", "By what is divided?"),
      ] {
        let verdict = try await learner.check(.texts([text]), exercise)
        #expect(!verdict.isDone && verdict.message.contains(problem), "\(text): \(verdict.message)")
      }
      #expect(learner.status(of: exercise) == .started)
    }
  }

  @Test("Rated by oneself it is done, by a model it is passed, and a model's no refuses it")
  func rated() async throws {
    try await withTemporaryFolder { folder in
      let course = try SmallCourse.read()
      let exercise = try course.exercise("root")
      var learner = try Learner(course: course, folder: LearnerFolder(folder))
      let text = Submission.texts(["The sums grow with the width, so they are divided by its square root."])
      let no = try await learner.check(text, exercise, rating: .byModel { _, _ in false })
      #expect(!no.isDone)
      let none = try await learner.check(text, exercise)
      #expect(none.isDone && !none.passed && none.details.contains("It divides by the root."))
      #expect(learner.status(of: exercise) == .done)
      let yes = try await learner.check(text, exercise, rating: .byModel { _, _ in true })
      #expect(yes.passed && learner.status(of: exercise) == .passed)
      // A later rating by oneself takes nothing back.
      _ = try await learner.check(text, exercise, rating: .byLearner { _ in true })
      #expect(learner.status(of: exercise) == .passed)
    }
  }
}
