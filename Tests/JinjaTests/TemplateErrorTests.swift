import MartletJSON
import MartletJinja
import Testing

@Suite("Jinja errors")
struct TemplateErrorTests {
  private func error(_ source: String, _ context: [String: JSON] = [:]) -> TemplateError? {
    do {
      _ = try Template(source).render(context)
      return nil
    } catch {
      return error
    }
  }

  @Test(
    "An error names the line and column it stands at",
    arguments: [
      ("a\n{{ x y }}", 2, 6), ("{% if %}", 1, 7), ("\n\n{% for x of y %}", 3, 10), ("{{ 'abc }}", 1, 4),
      ("{% if x %}\n", 1, 4), ("a {# never", 1, 3), ("{{ x|nope }}", 1, 6), ("{{ x is nope }}", 1, 9),
      ("é{{ missing.x }}", 1, 12), ("a\n  {{ 1 + 'a' }}", 2, 8), ("{{ (1] }}", 1, 6), ("{{ a @ }}", 1, 6),
    ])
  func positions(source: String, line: Int, column: Int) {
    #expect(error(source)?.position == SourcePosition(line: line, column: column), "\(source)")
  }

  @Test(
    "What is left out is refused when the template is read",
    arguments: [
      "{% include 'other' %}", "{% extends 'base' %}", "{% import 'x' as y %}", "{% from 'x' import y %}",
      "{% block content %}{% endblock %}", "{% autoescape true %}{% endautoescape %}", "{% do x %}",
      "{% for x in y recursive %}{% endfor %}", "{{ x|urlize }}", "{{ x|pprint }}", "{{ x|groupby('a') }}",
      "{{ 99999999999999999999 }}", "{{ '\\N{BULLET}' }}", "{{ '\\ud800' }}",
    ])
  func unsupported(source: String) {
    let error = #expect(throws: TemplateError.self) { try Template(source) }
    if case .unsupported = error?.problem {} else { Issue.record("\(source): \(String(describing: error))") }
    #expect(error?.position != nil)
  }

  @Test("raise_exception gives the template author's words")
  func raised() {
    let error = error(
      "\n{% if true %}{{ raise_exception('Roles must alternate: ' ~ role) }}{% endif %}", ["role": "x"])
    #expect(error?.problem == .raised("Roles must alternate: x"))
    #expect(
      error?.description
        == "the template refuses these messages at line 2, column 32: Roles must alternate: x")
  }

  @Test("Using what does not exist says what it was")
  func undefined() {
    #expect(error("{{ a.b.c }}", ["a": [:]])?.problem == .undefined("'dict object' has no attribute 'b'"))
    #expect(error("{{ bos + 'x' }}")?.problem == .undefined("'bos' is undefined"))
    #expect(
      error("{{ items[3].x }}", ["items": [1]])?.problem == .undefined("'list object' has no element 3"))
  }

  @Test("Numbers of the input beyond 64 bits are printed as they are, and never computed with")
  func largeNumbers() throws {
    let big = try JSON(parsing: "[18446744073709551616]")
    #expect(
      try Template("{{ x }} {{ x[0] }} {{ x|tojson }}").render(["x": big])
        == "[18446744073709551616] 18446744073709551616 [18446744073709551616]")
    if case .unsupported = error("{{ x[0] + 1 }}", ["x": big])?.problem {} else { Issue.record("computed") }
  }

  @Test("What would escape more than is built here is refused on texts that are marked as safe")
  func markup() throws {
    #expect(try Template("{{ '<t>' + (x|tojson|safe) }}").render(["x": "<i>"]) == "&lt;t&gt;\"<i>\"")
    #expect(try Template("{{ ('<a>'|safe) ~ '<b>' }}").render([:]) == "<a><b>")
    for source in [
      "{{ ('<a>'|safe)|truncate(1) }}", "{{ ('%s'|safe)|format('<') }}", "{{ ('{}'|safe).format('<') }}",
      "{{ ('%r'|safe) % 'x' }}", "{{ ('%s'|safe) % [1] }}",
    ] {
      if case .unsupported = error(source)?.problem {} else { Issue.record("rendered: \(source)") }
    }
  }

  @Test("A filter that is left out here is refused where it is reached, not in a branch that is not taken")
  func leftOut() throws {
    let source = "{% for i in [1] %}{% if x %}{{ i|pprint }}{% endif %}{% endfor %}ok"
    #expect(try Template(source).render([:]) == "ok")
    if case .unsupported = error(source, ["x": true])?.problem {} else { Issue.record("rendered") }
  }
}
