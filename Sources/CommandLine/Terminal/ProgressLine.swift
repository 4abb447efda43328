/// What can be said of a long piece of work: how far it is, at what rate, and when it will be done.
struct ProgressLine {
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

    /// A part of a total: "4 of 9 files", "1.0 MB of 2.3 GB".
    func describe(_ amount: Double, of total: Double) -> String {
      switch self {
      case .bytes: "\(describe(amount)) of \(describe(total))"
      case .count: "\(Int(amount)) of \(describe(total))"
      }
    }

    /// A rate, which may be less than one.
    func describeRate(_ rate: Double) -> String {
      switch self {
      case .bytes: "\(formatBytes(Int(rate.rounded())))/s"
      case .count(let name): "\(formatDecimal(rate, rate < 10 ? 1 : 0)) \(name)/s"
      }
    }
  }

  let title: String
  let unit: Unit
  /// How often it is worth saying.
  let interval: Duration
  private var total: Double?
  private var done = 0.0
  private var detail = ""
  private var samples: [(time: ContinuousClock.Instant, done: Double)] = []
  private var lastSaid: ContinuousClock.Instant?

  /// - Parameter start: When the work began, to be silent for an interval first; nil to speak at once.
  init(
    _ title: String, unit: Unit, total: Int? = nil, interval: Duration, start: ContinuousClock.Instant? = nil
  ) {
    self.title = title
    self.unit = unit
    self.interval = interval
    self.total = total.map(Double.init)
    lastSaid = start
  }

  /// Takes in how much is done, of how much, and tells whether that is to be said now.
  mutating func update(done: Int, total: Int?, detail: String, at now: ContinuousClock.Instant) -> Bool {
    self.done = Double(done)
    if let total { self.total = Double(total) }
    self.detail = detail
    takeSample(now)
    if let lastSaid, now - lastSaid < interval { return false }
    lastSaid = now
    return true
  }

  /// The rate of the last seconds: an average since the start would hide that a connection became slow.
  private mutating func takeSample(_ now: ContinuousClock.Instant) {
    if let last = samples.last, now - last.time < .milliseconds(100) { return }
    samples.append((now, done))
    while samples.count > 2, let first = samples.first, now - first.time > .seconds(8) {
      samples.removeFirst()
    }
  }

  private var rate: Double? {
    guard let first = samples.first, let last = samples.last else { return nil }
    let seconds = (last.time - first.time).inSeconds
    return seconds > 0.5 ? (last.done - first.done) / seconds : nil
  }

  private var share: Double? {
    guard let total, total > 0 else { return nil }
    return min(1, max(0, done / total))
  }

  private var amounts: String {
    var text = total.map { unit.describe(done, of: $0) } ?? unit.describe(done)
    guard let rate, rate > 0 else { return text }
    text += ", \(unit.describeRate(rate))"
    if let total, total > done { text += ", \(formatDuration((total - done) / rate)) left" }
    return text
  }

  /// A line with a bar, for a terminal of that width.
  func bar(width: Int) -> String {
    var left = title
    if let share {
      let cells = 24
      let full = Int(share * Double(cells))
      let bar = String(repeating: "█", count: full) + String(repeating: "░", count: cells - full)
      left += " \(bar) \(Int(share * 100))%"
    }
    let text = "\(left)  \(amounts)" + (detail.isEmpty ? "" : "  \(detail)")
    return String(text.prefix(columns: max(10, width - 1)))
  }

  /// A line for a log.
  var plain: String {
    let head = [title, share.map { "\(Int($0 * 100))%" } ?? ""].filter { !$0.isEmpty }.joined(separator: " ")
    return [head, amounts].filter { !$0.isEmpty }.joined(separator: ": ")
      + (detail.isEmpty ? "" : "; \(detail)")
  }
}
