import MartletEvaluation
import MartletInspection

/// The files that --csv and --html name.
struct PromptReportFiles {
  private let csv, html: String?
  private let replaces: Bool

  /// Sees to it that they may be written, before any work.
  init(_ arguments: Arguments) throws {
    csv = arguments[PromptOptions.csv]
    html = arguments[PromptOptions.html]
    replaces = arguments[PromptOptions.force]
    guard !replaces || csv != nil || html != nil else {
      throw UsageError(
        "--force goes with --csv or --html.", advice: "It replaces a file that is there already.")
    }
    guard csv == nil || csv != html else {
      throw UsageError("--csv and --html name the same file.", advice: "Name two files.")
    }
    for path in [csv, html] {
      if let path { try NewFile.check(path, replaces: replaces) }
    }
  }

  func write(_ report: ExperimentReport, _ console: Console) throws {
    if let csv { try write(report.csv, to: csv, console) }
    if let html { try write(report.page.file, to: html, console) }
  }

  private func write(_ text: String, to path: String, _ console: Console) throws {
    var file = try NewFile(path, replaces: replaces)
    try file.append(text)
    try file.finish()
    console.note(printable("Report written to \(path).\n"))
  }
}
