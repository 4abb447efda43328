import MartletPictures

/// The lessons as one page of HTML, made to be printed, too. Hints and key insights are at its end, so that no one reads
/// them by accident; reference solutions are not in it.
public struct CourseBook: Sendable {
  private let course: Course
  private let pictures: [String: [Picture]]

  /// A picture that a command of a lesson draws.
  public struct Picture: Sendable, Equatable {
    /// The file's name, as the lesson's command gives it.
    public let name: String
    /// The picture as SVG.
    public let svg: String
  }

  /// A book of a course.
  ///
  /// - Parameter pictures: The pictures of each exercise's commands, by its id.
  public init(_ course: Course, pictures: [String: [Picture]] = [:]) {
    self.course = course
    self.pictures = pictures
  }

  /// The page, which needs nothing else.
  public var html: String {
    var body = "<h1>\(escaped(course.title))</h1>\n<nav><h2>Contents</h2>\n"
    for skill in course.skills {
      body += "<h3><a href=\"#skill-\(skill.id)\">\(escaped(skill.title))</a> "
      body += "<span>weeks \(escaped(skill.weeks))</span></h3>\n<ol>\n"
      for exercise in exercises(of: skill) {
        body += "<li><a href=\"#\(exercise.id)\">\(escaped(exercise.title))</a></li>\n"
      }
      body += "</ol>\n"
    }
    body += "</nav>\n"
    for skill in course.skills {
      body += "<section class=\"skill\" id=\"skill-\(skill.id)\"><h1>\(escaped(skill.title))</h1>\n"
      body += "<p class=\"lead\">Weeks \(escaped(skill.weeks)). \(escaped(skill.learn))</p></section>\n"
      for exercise in exercises(of: skill) { body += chapter(exercise) }
    }
    body += answers
    return """
      <!DOCTYPE html>
      <html lang="en"><head><meta charset="utf-8"/>
      <meta name="viewport" content="width=device-width, initial-scale=1"/>
      <title>\(escaped(course.title))</title><style>\(Self.style)</style></head>
      <body>
      \(body)</body></html>

      """
  }

  private func exercises(of skill: Course.Skill) -> [Exercise] {
    course.exercises.filter { $0.skill == skill.id }
  }

  private func chapter(_ exercise: Exercise) -> String {
    var text = "<article id=\"\(exercise.id)\"><h2>\(escaped(exercise.title))</h2>\n"
    text +=
      "<p class=\"place\">Day \(exercise.day), \(exercise.kind.rawValue): <code>\(exercise.id)</code></p>\n"
    text +=
      "<p><b>You learn:</b> \(inline(exercise.learn))<br/><b>It matters:</b> \(inline(exercise.why))</p>\n"
    text += MarkdownHTML.render(exercise.text)
    for picture in pictures[exercise.id] ?? [] {
      text += "<figure>\(picture.svg)<figcaption>\(escaped(picture.name))</figcaption></figure>\n"
    }
    if let formula = exercise.formula {
      text += "<aside><h3>The formula</h3><p>\(inline(formula.words))</p>"
      text +=
        "<p class=\"formula\">\(escaped(formula.notation))</p><p>\(inline(formula.numbers))</p></aside>\n"
    }
    text += task(exercise)
    if !exercise.reading.isEmpty {
      text += "<p><b>Further reading:</b> \(exercise.reading.map(inline).joined(separator: "; "))</p>\n"
    }
    return text + "</article>\n"
  }

  private func task(_ exercise: Exercise) -> String {
    var text = "<div class=\"task\"><h3>Your part</h3>\n"
    switch exercise.task {
    case .program(let task):
      text += "<p>A program reads lines such as <code>\(escaped(task.input))</code> and prints for each "
      text += "<code>\(escaped(task.output))</code></p>\n<pre>"
      for example in task.examples {
        text += escaped("\(example.input.serialized())\n→ \(example.output.serialized())\n")
      }
      text += "</pre>\n"
    case .values(let task):
      text += "<ol>\n"
      for field in task.fields where field.isPredicted {
        text += "<li>Predict: \(inline(field.question))</li>\n"
      }
      for run in task.runs {
        text += "<li>Record: <code>\(escaped(run.line)) …</code>"
        text += (run.says.isEmpty ? "" : " (\(inline(run.says)))") + "</li>\n"
      }
      for field in task.fields { text += "<li>State: \(inline(field.question))</li>\n" }
      text += "</ol>\n"
    case .explanation(let task): text += "<p>Write at least \(task.minimumWords) words.</p>\n"
    }
    return text + "<p><code>martlet learn start \(exercise.id)</code></p></div>\n"
  }

  private var answers: String {
    var text = "<section class=\"skill\"><h1>Hints and key insights</h1>\n"
    text += "<p class=\"lead\">Read those of an exercise when you have tried it.</p></section>\n"
    for exercise in course.exercises {
      text +=
        "<article class=\"hints\"><h3><a href=\"#\(exercise.id)\">\(escaped(exercise.title))</a></h3><ol>\n"
      text += exercise.hints.map { "<li>\(inline($0))</li>\n" }.joined()
      text += "</ol><p><b>Key insight:</b> \(inline(exercise.insight))</p></article>\n"
    }
    return text
  }

  /// A sentence of a header: code between backticks is the only markup in it.
  private func inline(_ text: String) -> String {
    text.split(separator: "`", omittingEmptySubsequences: false).enumerated().map { index, part in
      index % 2 == 0 ? escaped(String(part)) : "<code>\(escaped(String(part)))</code>"
    }.joined()
  }

  private func escaped(_ text: String) -> String { Markup.escaped(text) }

  private static let style = """
    body { font: 16px/1.55 Georgia, "DejaVu Serif", serif; max-width: 44em; margin: 2em auto; padding: 0 1em; color: #222; }
    h1, h2, h3, nav, .place, .task, figcaption { font-family: "Helvetica Neue", "DejaVu Sans", sans-serif; }
    h1 { font-size: 1.9em; line-height: 1.2; } h2 { font-size: 1.4em; } h3 { font-size: 1.05em; margin-bottom: .3em; }
    nav ol { margin-top: .2em; } nav span { color: #666; font-weight: normal; } a { color: #14507a; }
    .place { color: #666; margin-top: -.6em; } .lead { font-size: 1.1em; }
    code, pre { font-family: "DejaVu Sans Mono", Menlo, monospace; font-size: .82em; }
    pre { background: #f4f2ee; padding: .8em 1em; border-radius: 4px; white-space: pre-wrap;
      overflow-wrap: anywhere; }
    aside, .task { border-left: 3px solid #b9a36a; padding: .1em 1em; margin: 1.2em 0; background: #fbfaf6; }
    .task { border-color: #14507a; background: #f3f7fa; font-size: .94em; }
    .formula { font-size: 1.15em; font-style: italic; } figure { margin: 1.2em 0; text-align: center; }
    figure svg { max-width: 100%; height: auto; } table { border-collapse: collapse; }
    th, td { border: 1px solid #ccc; padding: .25em .6em; }
    @page { size: A4; margin: 20mm 18mm; @bottom-center { content: counter(page); font: 9pt sans-serif; } }
    @media print { body { font-size: 10.5pt; max-width: none; margin: 0; } .skill { break-before: page; }
      article { break-before: auto; } h1, h2, h3, .place, .lead { break-after: avoid; } aside, figure, tr { break-inside: avoid; } }
    """
}
