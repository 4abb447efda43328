import MartletCourse
import Testing

/// The code of the module's doc comments, word for word.
@Suite("The examples in the documentation of the course work")
struct DocCommentExamples {
  @Test("The course is read")
  func course() throws {
    let course = try Course()
    let first = course.exercises[0]
    #expect(first.day >= 1)
  }
}
