import MartletJSON
import MartletJinja
import Testing

@Suite("Jinja parity")
struct ParityTests {
  @Test("Templates as models publish them render conversations as transformers does")
  func conversations() throws {
    let fixture = try Fixture.json("conversations.json")
    let cases = try #require(fixture["cases"]?.arrayValue)
    #expect(cases.count > 500)
    for record in cases {
      let name = try #require(record["template"]?.stringValue)
      let conversation = try #require(record["conversation"]?.stringValue)
      var context: [String: JSON] = [
        "bos_token": "<s>", "eos_token": "</s>", "tools": nil, "documents": nil,
      ]
      context.merge(Fixture.context(record["options"])) { $1 }
      context["messages"] = fixture["conversations"]?[conversation]
      let outcome = Outcome(rendering: try Fixture.text("templates/\(name).jinja"), with: context)
      #expect(
        outcome == Outcome(record), "\(name), \(conversation), \(record["options"]?.serialized() ?? "")")
    }
  }

  @Test("Small templates print or fail as Jinja2's do")
  func snippets() throws {
    let fixture = try Fixture.json("snippets.json")
    let context = Fixture.context(fixture["context"])
    let cases = try #require(fixture["cases"]?.arrayValue)
    #expect(cases.count > 1000)
    var refused: [String] = []
    for record in cases {
      let source = try #require(record["source"]?.stringValue)
      let outcome = Outcome(rendering: source, with: context)
      if case .unsupported = outcome {
        refused.append(source)
      } else {
        #expect(outcome == Outcome(record), "\(source) \(record["python"]?.stringValue ?? "")")
      }
    }
    // What Jinja2 could do, and is refused here instead.
    #expect(refused == Self.refusedSnippets)
  }

  private static let refusedSnippets = [
    "{{ 12345678901234567890123 }}", "{{ flags.keys }}", "{{ (-8) ** 0.5 }}", "{{ 'x'.encode() }}",
    "{{ 'x'.casefold() }}", "{{ '{:.2f}'.format('x') }}", "{{ '१'|int }}", "{{ self }}", "{{ lipsum }}",
    "{% for i in items recursive %}{{ loop([]) }}{% endfor %}",
    "{% for i in items %}{{ loop }}{% break %}{% endfor %}",
    "{% for k, v in nested.items() recursive %}{{ k }}{% endfor %}",
  ]

  @Test("Random expressions print or fail as in Jinja2")
  func randomExpressions() throws {
    let fixture = try Fixture.json("random.json")
    let context = Fixture.context(fixture["context"])
    let cases = try #require(fixture["cases"]?.arrayValue)
    #expect(cases.count >= 1500)
    var refusals = 0
    for record in cases {
      let source = try #require(record["source"]?.stringValue)
      let outcome = Outcome(rendering: source, with: context)
      if case .unsupported = outcome {
        refusals += 1
      } else {
        #expect(outcome == Outcome(record), "\(source) \(record["python"]?.stringValue ?? "")")
      }
    }
    #expect(refusals < 60)
  }

  @Test("Times are formatted as Python's strftime does")
  func times() throws {
    for record in try #require(try Fixture.json("times.json").arrayValue) {
      let parts = try #require(record["time"]?.arrayValue).compactMap(\.intValue)
      let now = LocalTime(
        year: parts[0], month: parts[1], day: parts[2], hour: parts[3], minute: parts[4], second: parts[5])
      let format = try #require(record["format"])
      let text = try Template("{{ strftime_now(format) }}").render(["format": format], now: now)
      #expect(text == record["text"]?.stringValue)
    }
  }
}
