import MartletKernels
import MartletTestScope
import Testing

@Suite("Threads that share out chunks")
struct PoolTests {
  /// How often each chunk was run; each has a place of its own.
  private final class Counts {
    let start: UnsafeMutablePointer<UInt32>
    let count: Int

    init(_ count: Int) {
      self.count = count
      start = .allocate(capacity: count)
      start.initialize(repeating: 0, count: count)
    }
    deinit { start.deallocate() }

    var areAllOne: Bool { (0..<count).allSatisfy { start[$0] == 1 } }
  }

  private func run(_ pool: OpaquePointer, _ chunks: Int) -> Bool {
    let counts = Counts(chunks)
    martlet_pool_run(
      pool, chunks, { context, chunk in context?.assumingMemoryBound(to: UInt32.self)[chunk] += 1 },
      counts.start)
    return counts.areAllOne
  }

  @Test("Each chunk is run exactly once", arguments: [0, 1, 2, 3, 4, 7, 16, 64] as [UInt32])
  func once(threads: UInt32) throws {
    let pool = try #require(martlet_pool_create(threads))
    defer { martlet_pool_destroy(pool) }
    #expect(martlet_pool_threads(pool) == max(1, threads))
    for chunks in Array(0...130) + [1000, 65_537] { #expect(run(pool, chunks), "\(chunks) chunks") }
  }

  @Test("Jobs that follow each other at once do not mix")
  func manyJobs() throws {
    let pool = try #require(martlet_pool_create(4))
    defer { martlet_pool_destroy(pool) }
    for round in 0..<20_000 where !run(pool, 2 + round % 9) { Issue.record("round \(round)") }
  }

  @Test("Fetching ahead is harmless where the stream that followed the last time is no memory any more")
  func streams() throws {
    let pool = try #require(martlet_pool_create(3))
    defer { martlet_pool_destroy(pool) }
    let counts = Counts(9)
    for round in 0..<3000 {
      // More streams than are noted, nowhere in memory; later rounds meet them again.
      let stream = martlet_stream(
        start: UnsafeRawPointer(bitPattern: 64 + round % 1500 * 4096),
        share: round % 7 == 0 ? .max / 4 : 1 << 20)
      martlet_pool_stream(
        pool, stream, counts.count,
        { context, chunk in context?.assumingMemoryBound(to: UInt32.self)[chunk] += 1 }, counts.start)
    }
    #expect((0..<counts.count).allSatisfy { counts.start[$0] == 3000 })
  }

  @Test("What chunks wrote is seen when run returns, with uneven chunks", .long)
  func sums() throws {
    let pool = try #require(martlet_pool_create(5))
    defer { martlet_pool_destroy(pool) }
    for _ in 0..<200 {
      let results = UnsafeMutablePointer<UInt64>.allocate(capacity: 40)
      defer { results.deallocate() }
      martlet_pool_run(
        pool, 40,
        { context, chunk in
          var sum: UInt64 = 0
          for i in 0..<UInt64(chunk * chunk * 10) { sum &+= i ^ (sum << 1) }
          context?.assumingMemoryBound(to: UInt64.self)[chunk] = sum | 1
        }, results)
      for chunk in 0..<40 {
        var sum: UInt64 = 0
        for i in 0..<UInt64(chunk * chunk * 10) { sum &+= i ^ (sum << 1) }
        #expect(results[chunk] == sum | 1)
      }
    }
  }

  @Test("A chunk may use another pool")
  func nested() throws {
    let outer = try #require(martlet_pool_create(3)), inner = try #require(martlet_pool_create(3))
    defer {
      martlet_pool_destroy(outer)
      martlet_pool_destroy(inner)
    }
    struct Job {
      var pool: OpaquePointer
      var counts: UnsafeMutablePointer<UInt32>
    }
    let counts = Counts(12 * 8)
    var job = Job(pool: inner, counts: counts.start)
    // Callers of the inner pool take turns.
    martlet_pool_run(
      outer, 12,
      { context, chunk in
        guard let job = context?.assumingMemoryBound(to: Job.self).pointee else { return }
        martlet_pool_run(
          job.pool, 8, { context, chunk in context?.assumingMemoryBound(to: UInt32.self)[chunk] += 1 },
          job.counts + 8 * chunk)
      }, &job)
    #expect(counts.areAllOne)
  }

  @Test("Several callers take turns")
  func callers() async throws {
    nonisolated(unsafe) let pool = try #require(martlet_pool_create(3))
    let fine = await withTaskGroup(of: Bool.self) { group in
      for caller in 0..<4 {
        group.addTask { (0..<500).allSatisfy { run(pool, 2 + (caller + $0) % 7) } }
      }
      return await group.reduce(true) { $0 && $1 }
    }
    martlet_pool_destroy(pool)
    #expect(fine)
  }

  @Test("A pool that never worked, and none at all, can be destroyed")
  func lives() {
    for threads: UInt32 in [1, 2, 9] { martlet_pool_destroy(martlet_pool_create(threads)) }
    martlet_pool_destroy(nil)
  }

  @Test("There is a processor for this process")
  func processors() { #expect(martlet_available_processors() >= 1) }
}
