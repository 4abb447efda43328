import MartletTensors

extension Command {
  /// Says what this machine has, and what to do about what is missing.
  static let doctor = Command(
    name: "doctor",
    summary: "Check this machine: what Martlet needs, what is missing, and how to get it.",
    discussion: """
      Looks at the processor and the kernels chosen for it, memory and the rate at which it is read (which bounds how \
      fast a model can generate), the libraries and programs that Martlet uses, the folders where models and documents \
      are kept, and the models that have been pulled.

      A line that begins with ‘!’ wants attention and is followed by the command that helps. The exit code is 0 when \
      nothing is missing that Martlet needs, else 69.
      """,
    parameters: [],
    examples: [.init("martlet doctor", "Look at this machine:")]
  ) { _, console in
    var findings = [Finding]()
    findings += try ProcessorCheck.findings()
    findings += MemoryCheck.findings()
    findings += LibraryCheck.findings()
    findings += ProgramCheck.findings()
    findings.append(await ProgramCheck.sandboxFinding())
    findings += PlaceCheck.findings()
    for finding in findings { try console.prose(finding.lines(console.style), hanging: Finding.factColumn) }
    if findings.contains(where: { $0.verdict == .missing }) {
      throw ReportedFailure(
        .unavailable, "Something that Martlet needs is missing; see the lines marked ‘!’.")
    }
  }
}

/// One thing that doctor looked at.
struct Finding: Sendable, Equatable {
  enum Verdict: Sendable, Equatable {
    case good
    /// Something works less well, or is only needed at times.
    case advice
    /// Martlet cannot do its work.
    case missing
  }

  let subject: String
  let verdict: Verdict
  let fact: String
  /// The command or change that helps.
  var remedy: String?

  /// The column at which facts and remedies begin.
  static let factColumn = 15

  func lines(_ style: Style) -> String {
    let mark = verdict == .good ? style.green("✓") : verdict == .advice ? style.yellow("·") : style.red("!")
    let padded = subject + String(repeating: " ", count: max(1, 12 - subject.count))
    let first = "\(mark) \(style.bold(padded)) \(fact)\n"
    return first + (remedy.map { String(repeating: " ", count: Self.factColumn) + $0 + "\n" } ?? "")
  }
}
