import MartletJSON

extension ProgramTask {
  /// How many random inputs a check has.
  static let randomCases = 50

  /// Runs a program over the examples, the oracle's fixed cases and random ones, and compares.
  ///
  /// - Parameters:
  ///   - source: The program's text.
  ///   - language: Its language.
  ///   - seed: What the random cases are drawn from.
  /// - Throws: ``CourseError`` if the program cannot be started, or the oracle has no answer.
  func check(_ source: String, language: ProgramLanguage, seed: UInt64) throws(CourseError) -> Verdict {
    guard source.contains(where: { !$0.isWhitespace }) else { return .refused("The program is empty.") }
    let cases = try cases(seed: seed)
    let input = cases.map { $0.input.serialized() + "\n" }.joined()
    let run = try ProgramRun.run(language, source: source, input: input, seconds: seconds)
    let complaints = Self.tail(run.complaints)
    switch run.ending {
    case .notCompiled: return .refused("The program does not compile.", details: complaints)
    case .timedOut:
      return .refused("The program ran for more than \(seconds.short) s and was ended.", details: complaints)
    case .failed(let status):
      return .refused("The program ended with exit status \(status).", details: complaints)
    case .finished: break
    }
    let lines = run.output.split(separator: "\n").filter { $0.contains { !$0.isWhitespace } }
    var outputs: [JSON] = []
    for (number, line) in lines.enumerated() {
      guard let value = try? JSON(parsing: String(line)) else {
        return .refused(
          "Line \(number + 1) of the output is no JSON. Print one object for each line of input, and nothing else.",
          details: Self.shortened(String(line)))
      }
      outputs.append(value)
    }
    guard outputs.count == cases.count else {
      return .refused(
        "The program printed \(outputs.count) lines for \(cases.count) lines of input.", details: complaints)
    }
    return try compare(outputs, with: cases, seed: seed)
  }

  private typealias Case = (input: JSON, expected: JSON)

  private func cases(seed: UInt64) throws(CourseError) -> [Case] {
    var generator = CaseGenerator(seed: seed)
    let inputs =
      examples.map(\.input) + oracle.fixedCases
      + (0..<Self.randomCases).map { _ in oracle.randomCase(&generator) }
    var cases: [Case] = []
    for input in inputs {
      do { cases.append((input, try oracle.answer(input))) } catch {
        throw .program("The oracle \(oracle.name) has no answer to \(input.serialized()): \(error)")
      }
    }
    return cases
  }

  private func compare(_ outputs: [JSON], with cases: [Case], seed: UInt64) throws(CourseError) -> Verdict {
    let wrong = cases.indices.filter { !outputs[$0].isNear(cases[$0].expected, tolerance: tolerance) }
    guard let first = wrong.first else {
      return .passed("Right: \(cases.count) of \(cases.count) cases as Martlet computes them.")
    }
    let details = """
      input:    \(Self.shortened(cases[first].input.serialized()))
      expected: \(Self.shortened(cases[first].expected.serialized()))
      printed:  \(Self.shortened(outputs[first].serialized()))
      """
    let count = "\(cases.count - wrong.count) of \(cases.count) cases are right."
    for mistake in oracle.mistakes {
      // A mistake shows only where it matters: its answers must be wrong somewhere, and be the program's everywhere.
      let answers = cases.map { try? mistake.answer($0.input) }
      let explains = cases.indices.allSatisfy { index in
        answers[index].map { outputs[index].isNear($0, tolerance: tolerance) } ?? false
      }
      if explains { return .refused("\(count) \(mistake.message)", details: details) }
    }
    return .refused("\(count) The first that is not (case \(first + 1), seed \(seed)):", details: details)
  }

  /// The last lines of a long text: a traceback's cause is at its end.
  private static func tail(_ text: String) -> String {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.count > 30 else { return text.trimmed }
    return "…\n" + lines.suffix(30).joined(separator: "\n").trimmed
  }

  private static func shortened(_ text: String) -> String {
    text.count > 400 ? text.prefix(400) + "…" : text
  }
}

extension JSON {
  /// Whether two values are equal, numbers up to a tolerance (absolute, or relative to the larger).
  func isNear(_ other: JSON, tolerance: Double) -> Bool {
    switch (self, other) {
    case (.number(let left), .number(let right)):
      let a = left.doubleValue
      let b = right.doubleValue
      return abs(a - b) <= tolerance * max(1, abs(a), abs(b))
    case (.array(let left), .array(let right)):
      return left.count == right.count && zip(left, right).allSatisfy { $0.isNear($1, tolerance: tolerance) }
    case (.object(let left), .object(let right)):
      return left.count == right.count
        && left.allSatisfy { key, value in right[key].map { value.isNear($0, tolerance: tolerance) } ?? false
        }
    default: return self == other
    }
  }
}

extension Double {
  /// Without a fraction of zero.
  var short: String { self == rounded() && abs(self) < 1e15 ? "\(Int(self))" : "\(self)" }
}
