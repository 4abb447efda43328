import Testing

@testable import MartletCommandLine

@Suite("Command line")
struct CommandLineParserTests {
  enum Way: String, CaseIterable, Sendable { case meaning, words, both }

  let query = Parameter<String>.argument("QUERY", .text("TEXT"), default: "", help: "What to look for.")
  let more = Parameter<[String]>.arguments("MORE", .text("TEXT"), help: "More of it.")
  let count = Parameter<Int>.option(
    "count", short: "k", .integer(in: 1...100), default: 10, help: "How many.")
  let bias = Parameter<Double>.option(
    "bias", .number(in: -10...10), default: 0, environment: "BIAS", help: "Bias.")
  let way = Parameter<Way>.option("by", .choice("WAY"), default: .both, help: "How.")
  let stop = Parameter<[String]>.options("stop", .text("TEXT"), help: "Where to stop.")
  let json = Parameter<Bool>.flag("json", help: "As JSON.")

  private func parse(_ line: String..., environment: [String: String] = [:]) throws -> Arguments {
    try parse(line, environment: environment)
  }

  private func parse(_ line: [String], environment: [String: String] = [:]) throws -> Arguments {
    let command = Command(
      name: "search", summary: "Search.", discussion: "",
      parameters: [
        query.definition, count.definition, bias.definition, way.definition, stop.definition, json.definition,
        more.definition,
      ]
    ) { _, _ in }
    switch try CommandLineParser(command: command, environment: { environment[$0] }).parse(line) {
    case .run(let arguments): return arguments
    case .help: throw UsageError("help", advice: "")
    }
  }

  private func problem(_ line: String...) -> String? {
    do {
      _ = try parse(line)
      return nil
    } catch { return (error as? UsageError)?.problem }
  }

  @Test("Options are taken with a space, an equals sign, or their letter")
  func spellings() throws {
    #expect(try parse("x", "--count", "5")[count] == 5)
    #expect(try parse("x", "--count=6")[count] == 6)
    #expect(try parse("-k", "7", "x")[count] == 7)
    #expect(try parse("x", "-k8")[count] == 8)
    #expect(try parse("x")[count] == 10)
  }

  @Test("Two dashes end the options")
  func endOfOptions() throws {
    let arguments = try parse("--", "--json", "-k")
    #expect(arguments[query] == "--json")
    #expect(arguments[more] == ["-k"])
    #expect(!arguments[json])
  }

  @Test("Negative numbers are values, not options")
  func negativeNumbers() throws {
    #expect(try parse("-3", "--bias", "-2.5")[query] == "-3")
    #expect(try parse("x", "--bias", "-2.5")[bias] == -2.5)
    #expect(try parse("-")[query] == "-")
  }

  @Test("A repeatable option keeps all its values, in order; another one is refused")
  func repetition() throws {
    #expect(try parse("x", "--stop", "a", "--stop=b")[stop] == ["a", "b"])
    #expect(problem("x", "-k", "1", "--count", "2") == "--count is given twice.")
  }

  @Test("The environment stands in for an option that was not given")
  func environment() throws {
    #expect(try parse("x", environment: ["BIAS": "2"])[bias] == 2)
    #expect(try parse("x", "--bias", "3", environment: ["BIAS": "2"])[bias] == 3)
    #expect(throws: UsageError.self) { try parse("x", environment: ["BIAS": "much"]) }
  }

  @Test("Errors say what is wrong and name what was probably meant")
  func errors() {
    #expect(problem("x", "--cuont", "3") == "martlet search has no option ‘--cuont’. Did you mean --count?")
    #expect(problem("x", "-json") == "martlet search has no option ‘-json’. Did you mean --json?")
    #expect(problem("x", "--by", "smell") == "--by must be one of meaning, words, both, not ‘smell’.")
    #expect(problem("x", "--count", "zero") == "--count needs a whole number, not ‘zero’.")
    #expect(problem("x", "--count", "0") == "--count must be between 1 and 100, not 0.")
    #expect(problem("x", "--bias", "nan") == "--bias needs a number, not ‘nan’.")
    #expect(problem("x", "--count", "--json") == "--count needs a value: --count N.")
    #expect(problem("x", "--json=yes") == "--json takes no value, but ‘yes’ was given.")
    #expect(problem() == "QUERY is missing.")
  }

  @Test("The nearest name is found, and far ones are left alone")
  func nearest() {
    let names = ["generate", "search", "models", "ask"]
    #expect(nearestName(to: "genrate", among: names) == "generate")
    #expect(nearestName(to: "saerch", among: names) == "search")
    #expect(nearestName(to: "gen", among: names) == "generate")
    #expect(nearestName(to: "xyzzy", among: names) == nil)
  }
}
