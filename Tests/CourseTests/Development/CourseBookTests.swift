import Testing

@testable import MartletCourse

@Suite("The lessons as a book")
struct CourseBookTests {
  @Test("Each lesson is in it with its task, hints at the end, and no solution")
  func contents() throws {
    let course = try SmallCourse.read([
      "1-one/02-cosine/lesson.md": SmallCourse.program.replacing(
        "A lesson.", with: "# Head\n\n<b>x</b> **bold**\n\n| a |\n|---|\n| 1 |")
    ])
    let html = CourseBook(course, pictures: ["words": [.init(name: "a.svg", svg: "<svg/>")]]).html
    for exercise in course.exercises {
      #expect(html.contains("id=\"\(exercise.id)\"") && html.contains(exercise.insight))
    }
    #expect(html.contains("<strong>bold</strong>") && html.contains("<table>") && !html.contains("<b>x</b>"))
    #expect(html.contains("<figure><svg/>") && html.contains("martlet learn run similar"))
    #expect(!html.contains("math.sqrt"))
    let places = try #require(html.range(of: "Hints and key insights"))
    #expect(html[..<places.lowerBound].contains("Insight") == false)
  }
}
