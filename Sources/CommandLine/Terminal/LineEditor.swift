import Foundation
import MartletCEdit

/// Lines that a person types, with editing and a history that is kept between sessions; or, where standard input is
/// no terminal, just its lines.
final class LineEditor {
  /// What came of a line.
  enum Input: Equatable {
    case line(String)
    /// Ctrl-C: the line is given up.
    case interrupted
    /// Ctrl-D on an empty line, or the end of a file.
    case end
  }

  /// Whether a person types.
  let isInteractive: Bool
  private var editor: OpaquePointer?
  private var history: OpaquePointer?
  private var reader = LineReader()
  private let historyPath: String
  private let isHistoryKept: Bool

  /// - Parameters:
  ///   - historyName: The name of the history's file in Martlet's state folder.
  ///   - isHistoryKept: Whether lines are kept for the next sessions.
  init(historyName: String, isHistoryKept: Bool) {
    historyPath = "\(Places.state)/\(historyName)"
    self.isHistoryKept = isHistoryKept
    isInteractive = isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1
    guard isInteractive else { return }
    history = martlet_history_open(historyPath, 1000)
    editor = martlet_edit_open("martlet", history)
  }

  deinit {
    if let editor { el_end(editor) }
    if let history { history_end(history) }
  }

  /// Gives the terminal back as it was, where a line is being typed.
  ///
  /// - Returns: Whether one is. Nothing but the end of the program may follow then.
  static func restoreTerminal() -> Bool { martlet_edit_restore() != 0 }

  /// The next line, without its line break. A text that is pasted may bring line breaks of its own.
  func next(prompt: String) throws -> Input {
    guard let editor else {
      guard let bytes = try reader.next() else { return .end }
      return .line(try decodedText(bytes, from: "\(reader.name), line \(reader.lineNumber)"))
    }
    var length: Int32 = 0
    var interrupted: Int32 = 0
    let line = prompt.withCString { martlet_edit_line(editor, $0, &length, &interrupted) }
    if interrupted != 0 { return .interrupted }
    guard let line, length > 0 else { return .end }
    let typed = String(cString: line)
    return .line(typed.hasSuffix("\n") ? String(typed.dropLast()) : typed)
  }

  /// Keeps a line for the next sessions. A history that cannot be written is no reason to stop a conversation.
  func remember(_ line: String) {
    guard let history else { return }
    martlet_history_add(history, line)
    guard isHistoryKept else { return }
    try? FileManager.default.createDirectory(
      atPath: Places.state, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    _ = martlet_history_save(history, historyPath)
  }
}
