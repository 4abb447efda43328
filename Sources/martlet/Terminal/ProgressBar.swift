import Synchronization

/// A line that says how far a long piece of work is, at what rate, and when it will be done. It is drawn on
/// terminals only, ten times a second at most.
final class ProgressBar: Sendable {
  private struct State {
    var total: Double?
    var done = 0.0
    var detail = ""
    var samples: [(time: ContinuousClock.Instant, done: Double)] = []
    var lastDrawn: ContinuousClock.Instant?
  }

  private let console: Console
  private let title: String
  private let unit: Unit
  private let state: Mutex<State>

  /// What is counted.
  enum Unit: Sendable {
    case bytes
    case count(String)

    func describe(_ amount: Double) -> String {
      switch self {
      case .bytes: formatBytes(Int(amount))
      case .count(let name): "\(Int(amount)) \(name)"
      }
    }
  }

  init(_ title: String, unit: Unit, total: Int? = nil, console: Console) {
    self.title = title
    self.unit = unit
    self.console = console
    state = Mutex(State(total: total.map(Double.init)))
  }

  /// Says how much is done, of how much.
  func update(done: Int, total: Int? = nil, detail: String = "") {
    guard console.canRedraw else { return }
    let now = ContinuousClock.now
    let line: String? = state.withLock { state in
      state.done = Double(done)
      if let total { state.total = Double(total) }
      state.detail = detail
      if let last = state.lastDrawn, now - last < .milliseconds(100) { return nil }
      state.lastDrawn = now
      state.samples.append((now, state.done))
      // The rate of the last seconds: an average since the start would hide that a connection became slow.
      while let first = state.samples.first, state.samples.count > 2, now - first.time > .seconds(8) {
        state.samples.removeFirst()
      }
      return Self.line(title: title, unit: unit, state: state, width: console.noteWidth)
    }
    if let line { console.setStatus(line) }
  }

  /// Removes the line.
  func finish() { console.setStatus("") }

  private static func line(title: String, unit: Unit, state: State, width: Int) -> String {
    var right = unit.describe(state.done)
    if let total = state.total { right += " of \(unit.describe(total))" }
    if let rate = rate(of: state.samples), rate > 0 {
      right += ", \(unit.describe(rate))/s"
      if let total = state.total, total > state.done {
        right += ", \(formatDuration((total - state.done) / rate)) left"
      }
    }
    var left = title
    if let total = state.total, total > 0 {
      let share = min(1, max(0, state.done / total))
      let cells = 24
      let full = Int(share * Double(cells))
      let bar = String(repeating: "█", count: full) + String(repeating: "░", count: cells - full)
      left += " \(bar) \(Int(share * 100))%"
    }
    let text = "\(left)  \(right)" + (state.detail.isEmpty ? "" : "  \(state.detail)")
    return String(text.prefix(max(10, width - 1)))
  }

  private static func rate(of samples: [(time: ContinuousClock.Instant, done: Double)]) -> Double? {
    guard let first = samples.first, let last = samples.last else { return nil }
    let seconds = (last.time - first.time).inSeconds
    return seconds > 0.5 ? (last.done - first.done) / seconds : nil
  }
}
