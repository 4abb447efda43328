import Synchronization

/// Says how far a long piece of work is: on a terminal by a line that is drawn anew, ten times a second at most;
/// elsewhere, as in a log, by a plain line every ten seconds.
final class ProgressBar: Sendable {
  private let console: Console
  private let line: Mutex<ProgressLine>

  init(_ title: String, unit: ProgressLine.Unit, total: Int? = nil, console: Console) {
    self.console = console
    line = Mutex(
      console.canRedraw
        ? ProgressLine(title, unit: unit, total: total, interval: .milliseconds(100))
        : ProgressLine(title, unit: unit, total: total, interval: .seconds(10), start: .now))
  }

  /// Says how much is done, of how much.
  func update(done: Int, total: Int? = nil, detail: String = "") {
    let text: String? = line.withLock { line in
      guard line.update(done: done, total: total, detail: detail, at: .now) else { return nil }
      return console.canRedraw ? line.bar(width: console.noteWidth) : line.plain
    }
    guard let text else { return }
    if console.canRedraw { console.setStatus(text) } else { console.note(text + "\n") }
  }

  /// Removes the line.
  func finish() { console.setStatus("") }
}
