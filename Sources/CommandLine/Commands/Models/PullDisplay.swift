import MartletCheckpoints
import Synchronization

/// Shows a pull: a bar on a terminal; elsewhere, as in a log, a line at each quarter and each minute.
final class PullDisplay: Sendable {
  private let entry: CatalogueEntry
  private let console: Console
  private let state = Mutex(State())

  private enum Stage: Equatable {
    case waiting, fetching, checking
  }

  private struct State {
    var stage: Stage?
    /// The source or the setback that was told last.
    var told = ""
    var bar: ProgressBar?
    var line: ProgressLine?
    var quarter = 0
    var lastSaid = ContinuousClock.now
    /// Bytes of files that were checked before the present one.
    var checked = 0
    var checkedOfFile = 0
  }

  init(_ entry: CatalogueEntry, _ console: Console) {
    self.entry = entry
    self.console = console
  }

  func show(_ progress: PullProgress) {
    state.withLock { state in
      switch progress.phase {
      case .waiting:
        begin(.waiting, "", &state)
        tell("Waiting for another pull of this model", &state)
      case .fetching(let name):
        begin(.fetching, "Fetching", &state)
        if let source = entry.sources.first(where: { $0.summary == name }) {
          tell("From \(name)\(explanation(of: source))", &state)
        }
        update(progress.bytes, progress.total, name, &state)
      case .retrying(let reason): tell("Trying again: \(reason)", &state)
      case .unpacking: begin(.checking, "Checking SHA-256", &state)
      case .checking:
        begin(.checking, "Checking SHA-256", &state)
        if progress.bytes < state.checkedOfFile {
          state.checked += state.checkedOfFile
        }
        state.checkedOfFile = progress.bytes
        update(state.checked + progress.bytes, entry.byteCount, "", &state)
      }
    }
  }

  func finish() { state.withLock { $0.bar?.finish() } }

  /// Why a model may come out of packages whose names have nothing to do with it.
  private func explanation(of source: CatalogueSource) -> String {
    guard source.kind == .wheel, entry.isPinned else { return "" }
    return ": a mirror of the maker's files; each one is checked against the maker's SHA-256"
  }

  private func begin(_ stage: Stage, _ title: String, _ state: inout State) {
    guard state.stage != stage else { return }
    state.bar?.finish()
    state.stage = stage
    state.bar = nil
    state.line = nil
    state.quarter = 0
    state.lastSaid = .now
    guard stage != .waiting else { return }
    if console.canRedraw {
      state.bar = ProgressBar("  " + title, unit: .bytes, console: console)
    } else {
      state.line = ProgressLine("  " + title, unit: .bytes, interval: .zero)
    }
  }

  /// Says something once.
  private func tell(_ text: String, _ state: inout State) {
    guard state.told != text else { return }
    state.told = text
    console.note("  \(text)\n")
  }

  private func update(_ bytes: Int, _ total: Int?, _ detail: String, _ state: inout State) {
    state.bar?.update(done: bytes, total: total, detail: detail)
    guard state.line?.update(done: bytes, total: total, detail: "", at: .now) == true else { return }
    let quarter = total.map { $0 > 0 ? min(3, 4 * bytes / $0) : 0 } ?? 0
    guard quarter > state.quarter || ContinuousClock.now - state.lastSaid > .seconds(60) else { return }
    state.quarter = max(quarter, state.quarter)
    state.lastSaid = .now
    // What takes no time needs no word.
    guard state.stage == .fetching, let line = state.line else { return }
    console.note(line.plain + "\n")
  }
}
