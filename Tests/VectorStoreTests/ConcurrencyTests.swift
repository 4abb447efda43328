import Foundation
import MartletJSON
import MartletSQLite
import MartletSeededRandom
import MartletTestScope
import Testing

@testable import MartletVectorStore

/// Eight readers and two writers at once, while the graph grows, is made anew and is written to disk. `make tsan` runs
/// it for a minute under ThreadSanitizer.
@Suite struct ConcurrencyTests: Sendable {
  private let folder: TemporaryFolder
  private let dimension = 16
  private let groups = 30
  private let members = 12

  init() throws { folder = try TemporaryFolder() }

  private static var seconds: Double {
    ProcessInfo.processInfo.environment["MARTLET_CONCURRENCY_SECONDS"].flatMap { Double($0) } ?? 3
  }

  private func vector(_ random: inout SplitMix64) -> [Float] {
    (0..<dimension).map { _ in .random(in: -1...1, using: &random) }
  }

  /// All members of a group carry the number of the round that wrote them, and vectors near to each other.
  private func group(_ number: Int, round: Int) -> [Record] {
    var random = SplitMix64(seed: UInt64(number &* 1_000_003 &+ round))
    let middle = vector(&random).map { $0 * 3 }
    return (0..<members).map { member in
      Record(
        id: "g\(number)-\(member)", embedding: zip(middle, vector(&random)).map { $0 + $1 * 0.01 },
        document: "group \(number) round \(round)",
        metadata: ["group": .integer(number), "round": .integer(round)])
    }
  }

  @Test(.long) func `Every reader sees whole transactions, whatever writers and the upkeep do`() throws {
    let database = try Database.open(at: folder.path)
    let collection = try database.createCollection(.test(dimension: dimension, distance: .l2))
    var random = SplitMix64(seed: 21)
    try collection.add((0..<9000).map { Record(id: "\($0)", embedding: vector(&random)) })
    for number in 0..<groups { try collection.add(group(number, round: 0)) }
    let rounds = Locked([Int](repeating: 0, count: groups))
    let failures = Locked<[String]>([])
    let counts = Locked((reads: 0, writes: 0))
    let end = Date().addingTimeInterval(Self.seconds)
    onThreads(10) { worker in
      var random = SplitMix64(seed: UInt64(worker))
      do {
        while Date() < end, failures.withLock(\.isEmpty) {
          if worker < 2 {
            try write(collection, worker, rounds, &random)
            counts.withLock { $0.writes += 1 }
          } else {
            if let failure = try read(collection, &random) { failures.withLock { $0.append(failure) } }
            counts.withLock { $0.reads += 1 }
          }
        }
      } catch {
        failures.withLock { $0.append("\(error)") }
      }
    }
    #expect(failures.withLock { $0 } == [])
    #expect(counts.withLock { $0.reads > 20 && $0.writes > 10 })
    #expect(try database.check().problems == [])
  }

  /// Each writer has groups of its own, and takes away and adds other records, too.
  private func write(
    _ collection: VectorCollection, _ worker: Int, _ rounds: Locked<[Int]>, _ random: inout SplitMix64
  ) throws {
    let number = Int.random(in: 0..<groups / 2, using: &random) * 2 + worker
    let round = rounds.withLock { rounds in
      rounds[number] += 1
      return rounds[number]
    }
    let gone = (0..<40).map { _ in "\(Int.random(in: 0..<9000, using: &random))" }
    let fresh = gone.prefix(30).map { Record(id: $0, embedding: vector(&random)) }
    try collection.database.transaction { transaction in
      _ = try transaction.delete(ids: gone, from: collection)
      try transaction.upsert(fresh + group(number, round: round), to: collection)
    }
    // The graph takes all in, now and then, and is saved.
    if round % 8 == 0 { try collection.finishIndex() }
  }

  /// What was wrong; nil where all was well.
  private func read(_ collection: VectorCollection, _ random: inout SplitMix64) throws -> String? {
    let number = Int.random(in: 0..<groups, using: &random)
    let ids = (0..<members).map { "g\(number)-\($0)" }
    let records = try collection.get(ids: ids)
    guard records.count == members, let round = records[0].metadata["round"]?.integerValue,
      records == group(number, round: round)
    else { return "group \(number) was read in parts" }
    let found = try collection.nearest(to: records[0].embedding, limit: members, withEmbedding: true)
    for match in found {
      let distance = zip(match.record.embedding, records[0].embedding).reduce(0) {
        $0 + ($1.0 - $1.1) * ($1.0 - $1.1)
      }
      if abs(distance - Float(match.distance)) > 1e-3 {
        return "\(match.record.id) came with another vector's distance"
      }
    }
    let rounds = Set(
      found.filter { $0.record.metadata["group"] == .integer(number) }.map { $0.record.metadata["round"] })
    if rounds.count > 1 { return "group \(number) was found in rounds \(rounds)" }
    return try readFiltered(collection, number, near: records[0].embedding)
  }

  /// By a filter, a group is found whole and in one round, whatever else is looked at.
  private func readFiltered(
    _ collection: VectorCollection, _ number: Int, near embedding: [Float]
  ) throws -> String? {
    let filter = try Filter(where: ["group": JSON(number)])
    let query = VectorQuery(embedding, limit: members, where: filter)
    let found = [
      "a vector": try collection.nearest(query).map(\.record),
      "words": try collection.search(words: "group \(number)", limit: members, where: filter).map(\.record),
    ]
    // Two searches, which may see two rounds.
    _ = try collection.search(query, words: "round")
    for (way, records) in found {
      let rounds = Set(records.map { $0.metadata["round"] })
      guard records.count == members, rounds.count == 1 else {
        return "by \(way), \(records.count) of group \(number) were found, in \(rounds.count) rounds"
      }
    }
    return nil
  }
}
