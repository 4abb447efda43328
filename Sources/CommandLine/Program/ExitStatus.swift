/// How the program ends, in the numbers of BSD's sysexits.h, so that a script can tell a typing error from a
/// damaged file. `docs/exit-codes.md` is generated from this.
enum ExitStatus: Int32, CaseIterable, Sendable {
  case success = 0
  case unanswered = 1
  case usage = 64
  case badData = 65
  case noInput = 66
  case unavailable = 69
  case software = 70
  case inputOutput = 74
  case noPermission = 77
  case interrupted = 130

  /// The name in sysexits.h, where there is one.
  var name: String {
    switch self {
    case .success: "EX_OK"
    case .unanswered: "no answer"
    case .usage: "EX_USAGE"
    case .badData: "EX_DATAERR"
    case .noInput: "EX_NOINPUT"
    case .unavailable: "EX_UNAVAILABLE"
    case .software: "EX_SOFTWARE"
    case .inputOutput: "EX_IOERR"
    case .noPermission: "EX_NOPERM"
    case .interrupted: "128 + SIGINT"
    }
  }

  /// When the program ends with it.
  var meaning: String {
    switch self {
    case .success:
      "All was done. `ask` without `--strict` ends with it too when the documents do not hold the answer, and `index` when a file "
        + "inside a folder could not be read: such files are reported, and the rest is indexed."
    case .unanswered:
      "`ask --strict` has no answer that a passage supports: the documents do not seem to hold one, or the model's is in "
        + "none of the passages. `eval execute`: the program did not pass. `eval compare --fail-if-worse`: the second run is worse."
    case .usage:
      "The command line is wrong: an unknown command or option, a missing or impossible value, a prompt that does "
        + "not fit into the model's context, a model of another kind than the command needs."
    case .badData:
      "An input is damaged or malformed: a model file, a line of JSON, a PDF (or one that is "
        + "encrypted or has no text), a text beyond the model's limit with `--overflow error`, records that a store elsewhere "
        + "does not keep as they are, a request that a provider refuses."
    case .noInput:
      "A file, folder, model, store, collection, data set or evaluation run that was named does not exist."
    case .unavailable:
      "Something outside is missing: a download source (or it delivers a file of another SHA-256), a program such as "
        + "`pip`, `pdftotext` or bubblewrap, a PostgreSQL or Chroma server, a provider of models (or its cost would pass "
        + "`--max-cost`), a processor feature; or another process writes the store."
    case .software: "A fault in Martlet itself. Please report it."
    case .inputOutput:
      "Reading or writing failed: a full disk, a broken connection to a file, a file that changed while it was read."
    case .noPermission:
      "The system or a server does not let this user read or write a file, a folder or the store; a provider's key is "
        + "missing, refused, or in a file that others can read."
    case .interrupted: "Stopped with Ctrl-C. What was finished by then is kept."
    }
  }

  /// The table of `docs/exit-codes.md`.
  static var markdownPage: String {
    var page = """
      # Exit codes

      Written by `make docs` from `Sources/CommandLine/Program/ExitStatus.swift`; a test keeps the two equal.

      | code | name | when |
      |---|---|---|

      """
    for status in allCases { page += "| \(status.rawValue) | \(status.name) | \(status.meaning) |\n" }
    page += """

      A program that reads Martlet's standard output and closes it early (`martlet search … | head -1`) ends Martlet
      quietly by SIGPIPE, as it does any Unix program; the shell shows that as 141.

      """
    return page
  }
}
