import MartletJSON
import MartletSandbox

private let file = Parameter<String>.argument(
  "FILE", .path("FILE"), default: "", help: "The Python program; - is standard input.")
private let seconds = Parameter<Double>.option(
  "seconds", .number("SECONDS", above: 0, atMost: Sandbox.Limits.maximumSeconds), default: 10,
  help: "How long it may run.")
private let memory = Parameter<Int>.option(
  "memory", .byteCount("SIZE", atLeast: Sandbox.Limits.minimumMemory), default: 1 << 30, shownAs: "1G",
  help: "How much memory it may use: a number of bytes, or one with K, M or G (powers of 1024).")

extension Command {
  /// Runs a generated program.
  static let evalExecute: Command = Command(
    name: "eval execute",
    summary: "Run one Python program contained, and say whether it passes.",
    discussion: """
      The program has no network, no files but the system's own (read-only) and a small /tmp, no processes but its \
      own, no environment and no standard input; bubblewrap contains it (apt-get install bubblewrap). Where it cannot \
      be contained it is not run.

      It passes when its last statement has been executed. A program that ends before fails, even by sys.exit(0). The \
      text is executed as HumanEval's harness does it: a block under if __name__ == "__main__" is not.

      --json prints an object with "outcome" (passed, failed, timed_out, out_of_memory, refused), "seconds" and \
      "output" (standard output and error), and where they apply "reason", "exit_status" and "omitted_output_bytes". \
      The exit code is 0 for a program that passed, 69 where it is refused, else 1.
      """,
    parameters: [
      file.definition, seconds.definition, memory.definition, StoreParameters.json.definition,
    ],
    examples: [
      .init("martlet eval execute answer.py", "A program with its checks:"),
      .init("martlet eval execute --seconds 2 --memory 256M --json -", "From standard input, for programs:"),
    ]
  ) { arguments, console in
    var reader = try LineReader(path: arguments[file])
    let program = try reader.rest()
    let sandbox = Sandbox(limits: .init(seconds: arguments[seconds], memory: arguments[memory]))
    let result = try await sandbox.run(program)
    if arguments[StoreParameters.json] {
      try console.result(result.json.serialized() + "\n")
    } else if result.outcome != .refused {
      try console.result(text(of: result, style: console.style))
    }
    switch result.outcome {
    case .passed: return
    case .refused:
      throw ReportedFailure(.unavailable, result.reason ?? "The program cannot be contained here.")
    default: throw ReportedFailure(.unanswered, "The program did not pass.")
    }
  }
}

/// What the program printed, and the verdict in a line below.
private func text(of result: ProgramResult, style: Style) -> String {
  var text = printable(result.output)
  if !text.isEmpty, !text.hasSuffix("\n") { text += "\n" }
  let word = result.outcome.rawValue.replacing("_", with: " ")
  let shown = result.outcome == .passed ? style.green(word) : style.red(word)
  let reason = result.reason.map { ": \(printable($0))" } ?? ""
  return text + "\(shown) in \(formatDecimal(result.seconds, 2)) s\(reason)\n"
}

extension ProgramResult {
  /// The result for programs.
  fileprivate var json: JSON {
    var object: JSONObject = [
      "outcome": .string(outcome.rawValue), "seconds": JSON(seconds), "output": .string(output),
    ]
    if let reason { object["reason"] = .string(reason) }
    if let exitStatus { object["exit_status"] = JSON(exitStatus) }
    if omittedOutputBytes > 0 { object["omitted_output_bytes"] = JSON(omittedOutputBytes) }
    return .object(object)
  }
}
