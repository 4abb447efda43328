import Foundation
import MartletTensors
import MartletTestScope
import MartletTransformers
import Testing

@testable import MartletInspection

/// Not among the other tests, since they take a machine for themselves.
@Suite("What looking inside costs", .slow, .needs(.smollm2), .serialized)
struct CostTests {
  private let text = (0..<90).map { "The cat number \($0) sat on the mat. " }.joined()

  private func seconds(_ work: () throws -> Void) rethrows -> Double {
    let start = ContinuousClock.now
    try work()
    let (seconds, attoseconds) = (ContinuousClock.now - start).components
    return Double(seconds) + Double(attoseconds) * 1e-18
  }

  /// The first 512 tokens of the text.
  private func input(_ model: InspectedModel) throws -> InspectedText {
    let all = try model.text(text)
    #expect(all.tokens.count >= 512)
    return InspectedText(
      text, ids: Array(all.ids.prefix(512)), pieces: Array(all.pieces.prefix(512)),
      ranges: all.tokens.prefix(512).map(\.scalarRange))
  }

  @Test(
    "All hidden states take at most 1.2 times the plain forward pass",
    arguments: [TestModel.smollm2, .minilm])
  func hiddenStates(model: TestModel) throws {
    let opened = try model.open()
    let text =
      model == .minilm ? try opened.text(String(repeating: "cat ", count: 500)) : try input(opened)
    // In turns, so that a busy machine troubles both alike; the quickest of each counts.
    var (plain, inside) = (Double.infinity, Double.infinity)
    for _ in 0..<8 {
      plain = try min(plain, seconds { _ = try opened.run(text, nil) })
      inside = try min(inside, seconds { _ = try opened.hiddenStates(of: text, layers: .all) })
    }
    print("hidden states of \(model): \(inside / plain) times the plain pass of \(plain) s")
    #expect(inside <= 1.2 * plain, "\(inside) s, the plain pass \(plain) s")
  }

  @Test("All attention of 512 tokens takes under 1 GiB and 10 s")
  func attention() throws {
    let opened = try TestModel.smollm2.open()
    let text = try input(opened)
    _ = try opened.run(text, nil)
    let before = try Self.peakBytes()
    let time = try seconds {
      let attention = try opened.attention(of: text)
      #expect(attention.layers.count == 30 && attention.text.tokens.count == 512)
    }
    let bytes = try Self.peakBytes() - before
    print("attention of 512 tokens: \(time) s, \(bytes / 1_000_000) MB more than before")
    #expect(time < 10 && bytes < 1 << 30)
  }

  /// The most memory that this process has had (`VmHWM`).
  private static func peakBytes() throws -> Int {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return (line?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 1024
  }
}
