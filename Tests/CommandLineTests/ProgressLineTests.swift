import Foundation
import MartletTestScope
import Testing

@testable import MartletCommandLine

@Suite("How far a long piece of work is", .startsProcesses)
struct ProgressLineTests {
  private static let start = ContinuousClock.now
  private func at(_ seconds: Double) -> ContinuousClock.Instant { Self.start + .seconds(seconds) }

  private func bar(_ full: Int) -> String {
    String(repeating: "█", count: full) + String(repeating: "░", count: 24 - full)
  }

  @Test("A bar tells share, amounts, rate and the time that is left, ten times a second at most")
  func terminal() {
    var line = ProgressLine("Indexing", unit: .bytes, interval: .milliseconds(100))
    let first = line.update(done: 0, total: 1_000_000, detail: "", at: at(0))
    #expect(first && line.bar(width: 200) == "Indexing \(bar(0)) 0%  0 B of 1.0 MB")
    let early = line.update(done: 250_000, total: nil, detail: "", at: at(0.05))
    let due = line.update(done: 500_000, total: nil, detail: "1 of 2 files", at: at(1))
    #expect(!early && due)
    #expect(
      line.bar(width: 200)
        == "Indexing \(bar(12)) 50%  500 kB of 1.0 MB, 500 kB/s, 1 s left  1 of 2 files")
  }

  @Test("A line is one column shorter than the terminal, however narrow that is")
  func width() {
    var line = ProgressLine("Indexing", unit: .bytes, total: 9, interval: .zero)
    _ = line.update(done: 3, total: nil, detail: "a long name", at: at(0))
    #expect(line.bar(width: 20) == "Indexing " + String(bar(8).prefix(10)))
    #expect(line.bar(width: 0).count == 10)
  }

  @Test("Without a total there is no share, at a rate of zero no promise, beyond the total no time left")
  func unknown() {
    var line = ProgressLine("Fetching", unit: .bytes, interval: .zero)
    _ = line.update(done: 0, total: nil, detail: "", at: at(0))
    _ = line.update(done: 300_000, total: nil, detail: "", at: at(1))
    #expect(line.bar(width: 200) == "Fetching  300 kB, 300 kB/s")
    #expect(line.plain == "Fetching: 300 kB, 300 kB/s")

    var idle = ProgressLine("Fetching", unit: .bytes, total: 10, interval: .zero)
    for second in 0..<5 { _ = idle.update(done: 5, total: nil, detail: "", at: at(Double(second))) }
    #expect(idle.bar(width: 200) == "Fetching \(bar(12)) 50%  5 B of 10 B")

    var over = ProgressLine("", unit: .bytes, total: 10, interval: .zero)
    _ = over.update(done: 0, total: nil, detail: "", at: at(0))
    _ = over.update(done: 20, total: nil, detail: "", at: at(1))
    #expect(over.plain == "100%: 20 B of 10 B, 20 B/s")
    #expect(ProgressLine("", unit: .bytes, interval: .zero).plain == "0 B")
    #expect(ProgressLine("Nothing", unit: .bytes, total: 0, interval: .zero).plain == "Nothing: 0 B of 0 B")
  }

  @Test("The rate is that of the last seconds, and of slow work shows a tenth")
  func rate() {
    var line = ProgressLine("", unit: .bytes, total: 10_000_000, interval: .zero)
    for second in 0...10 {
      _ = line.update(done: second * 1000, total: nil, detail: "", at: at(Double(second)))
    }
    #expect(line.plain.contains("1.0 kB/s"))
    for second in 11...20 {
      _ = line.update(done: 10_000 + (second - 10) * 100_000, total: nil, detail: "", at: at(Double(second)))
    }
    #expect(line.plain.contains("100 kB/s"))

    var slow = ProgressLine("Scoring", unit: .count("windows"), total: 10, interval: .zero)
    _ = slow.update(done: 0, total: nil, detail: "", at: at(0))
    _ = slow.update(done: 2, total: nil, detail: "", at: at(5))
    #expect(slow.plain == "Scoring 20%: 2 of 10 windows, 0.4 windows/s, 20 s left")
  }

  @Test("In a pipe it is said every ten seconds, and not before the first ten are over")
  func pipe() {
    var line = ProgressLine("Indexing", unit: .bytes, total: 100, interval: .seconds(10), start: at(0))
    let said = [0, 3, 9.9, 10, 15, 19.9, 21, 30, 32].filter {
      line.update(done: Int($0), total: nil, detail: "1 of 2 files", at: at($0))
    }
    #expect(said == [10, 21, 32])
    #expect(line.plain.hasPrefix("Indexing 32%: 32 B of 100 B, ") && line.plain.hasSuffix("; 1 of 2 files"))
  }

  @Test(
    "On a terminal index draws its line, and removes it before it says what was done", .needs(Models.embedder)
  )
  func indexOnTerminal() throws {
    try withLibraryPlace { place in
      try place.write("a.txt", "A martlet never lands.")
      let script = MartletProcess.packageRoot.appending(path: "Tests/CommandLineTests/terminal.py").path
      let terminal = MartletProcess(
        environment: ["TERM": "xterm", "NO_COLOR": "", "LC_ALL": "C.UTF-8"], input: Data("[]".utf8))
      let result = try terminal.run(
        [script, MartletProcess.path, "index", place.documents.path, "--store", place.store], of: "python3")
      #expect(result.status == 0, "\(result.text) \(result.errors)")
      let drawn = try #require(result.text.range(of: "Indexing ", options: .backwards))
      let summary = try #require(result.text.range(of: "Files: 1 added"))
      #expect(result.text[drawn.upperBound..<summary.lowerBound].contains("\r\u{1B}[K"))
    }
  }
}
