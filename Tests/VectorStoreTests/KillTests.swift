import Foundation
import MartletSeededRandom
import MartletStoreScript
import MartletTestScope
import Testing

@testable import MartletVectorStore

/// The writing process dies at any moment; what it had said to be kept is there, and of what it had not, all or nothing.
@Suite(.startsProcesses) struct KillTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// 25 kills; `make soak` asks for more.
  private static var kills: Int {
    ProcessInfo.processInfo.environment["MARTLET_SOAK_KILLS"].flatMap { Int($0) } ?? 25
  }

  @Test
  func `A store whose writer is killed again and again holds what was acknowledged, and nothing by halves`()
    throws
  {
    let seed = UInt64(Date().timeIntervalSince1970)
    print("seed of the kills: \(seed)")
    var random = SplitMix64(seed: seed)
    var content = [String: Record]()
    var done = 0
    for kill in 0..<Self.kills {
      // The first transaction is a long one.
      let seconds = kill % 20 == 1 ? 1 : Double.random(in: 0.001...0.12, using: &random)
      let acknowledged = try runWriter(for: seconds) ?? done
      let database: Database
      do { database = try Database.open(at: folder.path) } catch { throw KillError(kill: kill, error: error) }
      let collection = try database.getOrCreateCollection(
        CollectionConfiguration(name: "script", dimension: StoreScript.dimension))
      let records = try collection.get()
      // One more may have been kept without the writer having come to say so.
      for last in [acknowledged, acknowledged + 1] where last > done {
        if last > acknowledged, records.count == content.count, isSame(records, content) { break }
        for round in done + 1...last { StoreScript.apply(round, to: &content) }
        done = last
      }
      #expect(isSame(records, content), "kill \(kill), acknowledged \(acknowledged)")
      if kill % 10 == 0 {
        let report = try database.check()
        #expect(report.problems.filter { !$0.contains("rebuilt") }.isEmpty)
      }
      database.close()
    }
    #expect(done > Self.kills)
  }

  private func isSame(_ records: [Record], _ content: [String: Record]) -> Bool {
    records.count == content.count && records.allSatisfy { content[$0.id] == $0 }
  }

  /// Runs the writer for a while, kills it, and tells the last transaction that it said to be kept.
  private func runWriter(for seconds: Double) throws -> Int? {
    let process = Process()
    process.executableURL = Self.writer
    process.arguments = [folder.path]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    Thread.sleep(forTimeInterval: seconds)
    kill(process.processIdentifier, SIGKILL)
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationReason == .uncaughtSignal, "the writer ended by itself")
    // A line that was cut off was not said.
    let text = String(decoding: output, as: UTF8.self)
    return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().last.flatMap { Int($0) }
  }

  /// Beside the tests.
  private static var writer: URL {
    URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
      .appendingPathComponent("MartletStoreWriter")
  }
}

struct KillError: Error {
  var kill: Int
  var error: any Error
}
