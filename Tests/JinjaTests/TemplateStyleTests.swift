import MartletJSON
import MartletJinja
import Testing

/// Expected texts are those of Jinja2 3.1.6 with `StrictUndefined` and `keep_trailing_newline`.
@Suite struct TemplateStyleTests {
  @Test func verbatimTemplatesKeepTheirLineBreaks() throws {
    let source = "a\n  {% if true %}\nb\n  {% endif %}\nc\n"
    #expect(try Template(source, style: .verbatim).render([:]) == "a\n  \nb\n  \nc\n")
    #expect(try Template(source).render([:]) == "a\nb\nc")
    #expect(try Template("{# x #}\n{{ 1 }}\n\n", style: .verbatim).render([:]) == "\n1\n\n")
    #expect(try Template("a \n {%- if true -%} \n b{% endif %}", style: .verbatim).render([:]) == "ab")
  }

  @Test(arguments: [
    "{{ missing }}", "{{ row.missing }}", "{{ row['missing'] }}", "{{ list[3] }}", "{{ missing | upper }}",
    "{% if missing %}{% endif %}", "{% for x in missing %}{% endfor %}", "{{ missing ~ 'a' }}",
    "{{ missing == 1 }}", "{{ 'a' if false }}", "{{ missing.strip() }}",
  ])
  func verbatimTemplatesRefuseWhatIsMissing(source: String) throws {
    let template = try Template(source, style: .verbatim)
    #expect {
      try template.render(["row": [:], "list": [1]])
    } throws: {
      guard case .undefined? = ($0 as? TemplateError)?.problem else { return false }
      return true
    }
  }

  @Test func whatIsMissingMayBeAskedFor() throws {
    func render(_ source: String) throws -> String {
      try Template(source, style: .verbatim).render(["row": [:]])
    }
    #expect(try render("{% if x is defined %}a{% else %}b{% endif %}") == "b")
    #expect(try render("{{ row.x is undefined }}") == "True")
    #expect(try render("{{ x | default('d') }}{{ row.y | d(1) }}") == "d1")
  }
}
