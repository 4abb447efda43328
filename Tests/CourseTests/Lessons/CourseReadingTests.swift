import Testing

@testable import MartletCourse

@Suite("A course is read, or refused with what is wrong")
struct CourseReadingTests {
  @Test("Exercises are in order, with their day in the course and the kind's task")
  func reading() throws {
    let course = try SmallCourse.read()
    #expect(course.exercises.map(\.id) == ["words", "cosine", "root"])
    #expect(course.exercises.map(\.day) == [1, 2, 3])
    #expect(course.exercises[0].valueTask?.fields.map(\.name) == ["nearest", "cosine"])
    #expect(course.exercises[1].programTask?.oracle.name == "cosine_similarity")
    #expect(course.exercises[2].explanationTask?.minimumWords == 8)
    #expect(course.files(of: course.exercises[1]) == ["data/note.txt": "a note\n"])
    #expect(course.exercise(after: course.exercises[2]) == nil || course.exercises.count > 3)
  }

  @Test("The built-in course can be read, and each exercise has a solution and wrong answers")
  func builtIn() throws {
    let course = try Course()
    #expect(!course.exercises.isEmpty && course.skills.count == 6)
    for exercise in course.exercises {
      #expect(try !course.solutions(of: exercise).isEmpty, "\(exercise.id)")
      #expect(try !course.wrongAnswers(to: exercise).isEmpty, "\(exercise.id)")
    }
    #expect(course.problems == [])
  }

  @Test(
    "What the form does not allow is refused by name",
    arguments: [
      ("hints: [First?, Second., Third.]", "hints: [First?]", "at least three hints"),
      ("kind: code", "kind: guess", "‘kind’ is ‘guess’"),
      ("oracle: cosine_similarity", "oracle: magic", "There is no oracle ‘magic’"),
      ("learn: What.", "lern: What.", "‘learn’ is missing"),
      ("why: Why.", "why: Why.\ncolour: red", "‘colour’ is not known here"),
      ("day: 2", "day: 13", "from 1 to 12"),
      ("title: Title 2", "title: ''", "‘title’ is empty"),
      ("day: 2\n", "day: 2\nproject: project\n", "go together"),
    ])
  func faults(of change: (String, String, String)) throws {
    let changed = SmallCourse.program.replacing(change.0, with: change.1)
    let error = #expect(throws: CourseError.self) {
      _ = try SmallCourse.read(["1-one/02-cosine/lesson.md": changed])
    }
    #expect("\(try #require(error))".contains(change.2))
    #expect("\(try #require(error))".contains("1-one/02-cosine/lesson.md"))
  }

  @Test("Broken expressions, measures and regular expressions are refused when they are read")
  func expressions() {
    for (from, to, problem) in [
      ("measure: nearest_pair", "measure: furthest", "There is no measure ‘furthest’"),
      ("when: given > 0.99", "when: given >", "‘when’"), ("type: words", "type: bag", "‘type’ is ‘bag’"),
      ("    predict: true\n", "", "go together"),
    ] {
      let changed = SmallCourse.prediction.replacing(from, with: to)
      let error = #expect(throws: CourseError.self) {
        _ = try SmallCourse.read(["1-one/01-words/lesson.md": changed])
      }
      #expect(error.map { "\($0)".contains(problem) } ?? false, "\(from): \(String(describing: error))")
    }
    let changed = SmallCourse.explanation.replacing("root|sqrt", with: "root|(")
    #expect(throws: CourseError.self) { _ = try SmallCourse.read(["1-one/03-root/lesson.md": changed]) }
  }

  @Test("Two exercises of one id are refused; an unknown id names a near one")
  func ids() throws {
    #expect(throws: CourseError.self) {
      _ = try SmallCourse.read(["1-one/04-cosine/lesson.md": SmallCourse.program])
    }
    let course = try SmallCourse.read()
    #expect(throws: CourseError.unknownExercise("the-words", nearest: "words")) {
      try course.exercise("the-words")
    }
    #expect(throws: CourseError.unknownExercise("x", nearest: nil)) { try course.exercise("x") }
  }

  @Test("A command line is split into words as a shell splits it")
  func commandWords() {
    #expect(
      CommandWords.split(#"similar "a b" 'c "d"' e\ f -m x"#) == [
        "similar", "a b", #"c "d""#, "e f", "-m", "x",
      ])
    #expect(CommandWords.split(#"a "" b"#) == ["a", "", "b"])
    #expect(CommandWords.split("  ") == [])
  }
}
