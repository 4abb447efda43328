import Testing

@testable import MartletCourse

@Suite("The form of lessons is checked")
struct CourseFormTests {
  private func problems(_ changes: [String: String?]) throws -> [String] {
    let course = try SmallCourse.read(changes)
    return course.problems + CourseForm(course).problems(of: try course.exercise("cosine"))
  }

  @Test("Stray files, broken links and numbers that no command prints are found")
  func faults() throws {
    #expect(try problems([:]) == [])
    #expect(try problems(["1-one/02-cosine/notes.txt": ""]) == ["notes.txt is not known."])
    #expect(try problems(["1-one/readme.txt": ""]) == ["1-one/readme.txt belongs to no exercise."])
    for (text, problem) in [
      ("See [it](#nowhere).", "There is no exercise ‘nowhere’ to link to."),
      ("See [it](data.txt).", "The link to data.txt is broken."),
      ("It is 0.75.", "The text states 0.75, which no command in it prints."),
    ] {
      let lesson = SmallCourse.program.replacing("A lesson.", with: text)
      #expect(try problems(["1-one/02-cosine/lesson.md": lesson]) == [problem])
    }
    let shown = "It is 0.68.\n\n```console\n$ martlet similar a b\na b 0.681\n```\nSee [it](#words)."
    let lesson = SmallCourse.program.replacing("A lesson.", with: shown)
    #expect(try problems(["1-one/02-cosine/lesson.md": lesson]) == [])
  }

  @Test("What a lesson shows is compared with what is printed, but for blanks, times and small differences")
  func console() throws {
    let text =
      "```console\n$ martlet a \\\n    b\none  0.681\n…\nlast 5 words\n$ martlet c\n```\n\n```\n$ not this\n```"
    let commands = ConsoleCommand.commands(in: text)
    #expect(commands.map(\.line) == ["martlet a b", "martlet c"])
    let command = try #require(commands.first)
    #expect(command.difference(from: "one 0.682\nanything\nlast   5 words\n") == nil)
    #expect(command.difference(from: "one 0.72\nlast 5 words") == "one  0.681")
    #expect(command.difference(from: "one 0.681\nlast 6 words") == "last 5 words")
    #expect(commands[1].difference(from: "whatever") == nil)
    let timed = ConsoleCommand(line: "x", output: ["done in 3.2 s (79 texts/s)", "and …"])
    #expect(timed.difference(from: "done in 9.9 s (79 texts/s)\nand so on and on") == nil)
    #expect(
      timed.difference(from: "done in 9.9 s (79 texts/s)\nand so\nmore") == "what was printed goes on: more")
  }
}
