import MartletJSON
import MartletJinja
import MartletSeededRandom
import MartletTestScope
import Testing

@Suite("Hostile templates")
struct HostileTemplateTests {
  private func problem(_ source: String) -> TemplateError.Problem? {
    do {
      _ = try Template(source).render(["text": "abc"])
      return nil
    } catch {
      return error.problem
    }
  }

  private func isLimit(_ source: String) -> Bool {
    if case .limit? = problem(source) { return true }
    return false
  }

  @Test(
    "Templates without an end stop with an error", .long,
    arguments: [
      "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
      "{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}{{ a() }}{% endmacro %}{{ a() }}",
      "{% for a in range(99999) %}{% for b in range(99999) %}{{ b }}{% endfor %}{% endfor %}",
      "{% set n = namespace(s='ab') %}{% for i in range(99) %}{% set n.s = n.s ~ n.s %}{% endfor %}",
      "{% set n = namespace(s='ab') %}{% for i in range(99) %}{% set n.s = n.s + n.s %}{% endfor %}",
      "{% set n = namespace(s='ab') %}{% for i in range(99) %}{% set n.s = n.s|replace('a', n.s) %}{% endfor %}",
      "{% set n = namespace(l=[1]) %}{% for i in range(99) %}{% set n.l = n.l + n.l %}{% endfor %}",
      "{% set n = namespace(l=[1]) %}{% for i in range(9999) %}{% set n.l = [n.l] %}{% endfor %}",
      "{% set n = namespace(l=1) %}{% for i in range(9999) %}{% set n.l = {'a': n.l} %}{% endfor %}",
      "{% set n = namespace(l=[1]) %}{% for i in range(9999) %}{% set n.l = n.l|map('string') %}{% endfor %}",
      "{% set n = namespace(l=[1]) %}{% for i in range(99) %}{% set n.l = [n.l, n.l] %}{% endfor %}{{ n.l }}",
      "{% set n = namespace(l=[1]) %}{% for i in range(99) %}{% set n.l = [n.l, n.l] %}{% endfor %}{{ n.l|tojson }}",
      "{% set n = namespace(l=[1]) %}{% for i in range(99) %}{% set n.l = [n.l, n.l] %}{% endfor %}{{ n.l == n.l[:] }}",
      "{{ 'a' * 999999999999 }}", "{{ [0] * 999999999999 }}", "{{ 'a'.center(99999999999) }}",
      "{{ 'a'|center(99999999999) }}", "{{ 'a'|indent(999999999999) }}",
      "{{ [[1]]|tojson(indent=9999999999) }}",
      "{{ range(999999999) }}", "{{ range(-9223372036854775807, 9223372036854775807) }}",
      "{{ '%99999999d' % 1 }}", "{{ 9223372036854775807 + 1 }}", "{{ 10 ** 1000000000000 }}",
      "{{ (text * 20000000) ~ (text * 20000000) }}", "{{ (text * 9000).join(text * 9000) }}",
      "{{ 1e200 ** 1e200 }}",
    ])
  func limits(source: String) {
    #expect(isLimit(source), "\(source): \(String(describing: problem(source)))")
  }

  @Test("Templates that nest without end are refused when they are read", .long)
  func deepSources() {
    for (opening, closing) in [("(", ")"), ("[", "]"), ("{'a':", "}"), ("not ", ""), ("-", ""), ("f(", ")")] {
      let isRefused = isLimit("{{ " + nested(opening, closing, "1") + " }}")
      #expect(isRefused, "\(opening)")
    }
    for chain in ["+1", "|string", "[0]", ".a", "()", " and 1", " or 1", " if 1 else 1", "**1"] {
      let isRefused = isLimit("{{ 1" + nested(chain, "", "") + " }}")
      #expect(isRefused, "\(chain)")
    }
    let statements = [
      nested("{% if 1 %}", "", ""), nested("{% for x in y %}", "", ""),
      "{% set " + nested("(", ")", "a") + " = 1 %}",
      String(repeating: "{{ 'a' }}", count: 1 << 20),
    ]
    for source in statements {
      let isRefused = isLimit(source)
      #expect(isRefused)
    }
  }

  private func nested(_ opening: String, _ closing: String, _ inner: String) -> String {
    String(repeating: opening, count: 50_000) + inner + String(repeating: closing, count: 50_000)
  }

  @Test("Extreme indices and steps are harmless")
  func extremes() throws {
    let extreme = "9223372036854775807"
    for source in [
      "{{ 'abc'[\(extreme)] }}", "{{ 'abc'[-\(extreme)] }}", "{{ [1, 2][::\(extreme)] }}",
      "{{ [1][::-\(extreme)] }}",
      "{{ [1][\(extreme):-\(extreme)] }}", "{{ 'abc'.find('c', -\(extreme), \(extreme)) }}",
      "{{ 'abc'|truncate(\(extreme)) }}", "{{ range(0, 5, \(extreme))|list }}",
      "{{ 'a b'.split(' ', \(extreme)) }}",
      "{{ 'abc'.replace('a', 'b', -\(extreme)) }}", "{{ -\(extreme) // -1 }}", "{{ (-\(extreme) - 1) % 2 }}",
      "{{ [1]|batch(3)|list }}", "{{ 'x'.ljust(-\(extreme)) }}", "{{ '5'|int(base=16) }}",
      "{{ 'a' * -\(extreme) }}",
    ] {
      #expect(problem(source) == nil, "\(source)")
    }
    for source in [
      "{{ (-\(extreme) - 1) // -1 }}", "{{ -(-\(extreme) - 1) }}", "{{ (-\(extreme) - 1)|abs }}",
      "{{ [1][::-\(extreme) - 1] }}", "{{ range(0, 1, -\(extreme) - 1)|list }}",
      "{{ [1]|batch(\(extreme), 0)|list }}",
      "{{ [1]|slice(\(extreme))|list }}", "{{ 1.5|round(\(extreme)) }}", "{{ 1e300|int }}",
    ] {
      #expect(problem(source) != nil, "\(source)")
    }
  }

  @Test("Random damage to a template never crashes")
  func damage() throws {
    var random = SplitMix64(seed: 11)
    for name in ["qwen3-style", "mistral-style", "command-r-style", "gptoss-style"] {
      let bytes = Array(try Fixture.text("templates/\(name).jinja").utf8)
      let messages = try Fixture.json("conversations.json")["conversations"]?["two tool calls"] ?? nil
      for _ in 0..<300 {
        var damaged = bytes
        for _ in 0..<(1 + Int.random(in: 0..<5, using: &random)) {
          let place = Int.random(in: 0..<damaged.count, using: &random)
          switch Int.random(in: 0..<3, using: &random) {
          case 0: damaged[place] = UInt8(truncatingIfNeeded: Int.random(in: 0..<128, using: &random))
          case 1: damaged.remove(at: place)
          default: damaged.insert(damaged[Int.random(in: 0..<damaged.count, using: &random)], at: place)
          }
        }
        _ = try? Template(String(decoding: damaged, as: UTF8.self)).render([
          "messages": messages, "tools": nil,
        ])
      }
    }
  }
}
