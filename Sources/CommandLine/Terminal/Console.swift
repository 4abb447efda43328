import Foundation
import Synchronization

/// The program's two voices: results on standard output, everything else on standard error.
final class Console: Sendable {
  private let output = OutputBuffer(descriptor: STDOUT_FILENO)
  /// The progress line at the bottom of the terminal, redrawn after each note.
  private let statusLine = Mutex("")

  /// Whether a person reads the results.
  let outputIsTerminal: Bool
  private let errorIsTerminal: Bool
  /// Whether standard error can redraw lines.
  let canRedraw: Bool
  /// Colours and emphasis for results.
  let style: Style
  /// Colours and emphasis for notes.
  let noteStyle: Style

  init() {
    let isPlain = Environment["TERM"] == "dumb" || !(Environment["NO_COLOR"] ?? "").isEmpty
    outputIsTerminal = isatty(STDOUT_FILENO) == 1
    errorIsTerminal = isatty(STDERR_FILENO) == 1
    canRedraw = errorIsTerminal && !isPlain
    style = Style(isOn: outputIsTerminal && !isPlain)
    noteStyle = Style(isOn: errorIsTerminal && !isPlain)
  }

  /// Columns of the terminal that shows standard error.
  var noteWidth: Int { Self.columns(of: STDERR_FILENO) ?? 80 }
  /// Columns for help: the terminal's, 80 in a pipe.
  var helpWidth: Int { max(40, min(Self.columns(of: STDOUT_FILENO) ?? 80, 110)) }
  /// Columns for prose and tables: the terminal's, 80 where it does not say; nil for a file or pipe, whose lines are
  /// as long as they come.
  var resultWidth: Int? { outputIsTerminal ? Self.columns(of: STDOUT_FILENO) ?? 80 : nil }

  /// Adds to the result. A terminal sees it at once, a pipe when 64 KiB are together or at ``flush()``.
  func result(_ text: String) throws {
    clearStatus()
    try output.write(text)
    if outputIsTerminal { try output.flush() }
  }

  /// Adds prose to the result: on a terminal its lines are broken between words.
  ///
  /// - Parameter hanging: The columns that continued lines are indented by; nil for as many as the line itself is.
  func prose(_ text: String, hanging: Int? = nil) throws {
    try result(resultWidth.map { WordWrapper.wrap(text, width: $0, hanging: hanging) } ?? text)
  }

  /// Hands on what was written so far, for readers who wait for it.
  func flush() throws { try output.flush() }

  func finishOutput() throws {
    clearStatus()
    try output.flush()
  }

  /// Tells the person something that is not part of the result, without passwords. The text brings its own line ends; on
  /// a terminal its lines are broken between words.
  func note(_ text: String) {
    let plain = withoutPasswords(text)
    let text = errorIsTerminal ? WordWrapper.wrap(plain, width: noteWidth) : plain
    statusLine.withLock { line in
      Self.writeError((line.isEmpty ? "" : "\r\u{1B}[K") + text + line)
    }
  }

  func warn(_ text: String) { note(noteStyle.yellow("martlet: warning:") + " \(printable(text))\n") }

  func fail(_ text: String) {
    clearStatus()
    note(noteStyle.red("martlet: error:") + " \(printable(text))\n")
  }

  /// Replaces the progress line; an empty text removes it. Terminals only.
  func setStatus(_ text: String) {
    guard canRedraw else { return }
    statusLine.withLock { line in
      guard line != text else { return }
      line = text
      Self.writeError("\r\u{1B}[K" + text)
    }
  }

  private func clearStatus() {
    statusLine.withLock { line in
      guard !line.isEmpty else { return }
      line = ""
      Self.writeError("\r\u{1B}[K")
    }
  }

  /// Standard error may be closed; there is nobody left to tell then.
  private static func writeError(_ text: String) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
      if count < 0, errno != EINTR { return }
      bytes = bytes.dropFirst(max(0, count))
    }
  }

  private static func columns(of descriptor: Int32) -> Int? {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }
}

/// Emphasis by terminal codes, or none.
struct Style: Sendable {
  let isOn: Bool

  func bold(_ text: String) -> String { code("1", text) }
  func underlined(_ text: String) -> String { code("4", text) }
  func faint(_ text: String) -> String { code("2", text) }
  func red(_ text: String) -> String { code("31", text) }
  func green(_ text: String) -> String { code("32", text) }
  func yellow(_ text: String) -> String { code("33", text) }
  func cyan(_ text: String) -> String { code("36", text) }

  private func code(_ number: String, _ text: String) -> String {
    isOn ? "\u{1B}[\(number)m\(text)\u{1B}[0m" : text
  }
}
