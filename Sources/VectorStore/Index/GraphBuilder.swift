import MartletKernels
import MartletSQLite
import Synchronization

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Links the slots of an index that its graph does not hold yet, on all processors, while others search.
struct GraphBuilder: ~Copyable {
  private let index: CollectionIndex
  private let shouldStop: @Sendable () -> Bool
  private static let chunk = 32

  init(_ index: CollectionIndex, shouldStop: @escaping @Sendable () -> Bool) {
    self.index = index
    self.shouldStop = shouldStop
  }

  /// Where walks begin: a sample of the slots, sparser where there are many.
  private static func isEntry(_ slot: Int) -> Bool { slot % (slot < 1 << 17 ? 512 : 1024) == 0 }

  /// Links what is there when it begins, or as much as there was time for.
  func run() throws {
    let (start, end) = index.lock.reading { (index.graph.linked, index.count) }
    guard start < end || !index.lock.reading({ index.graph.isSettled }) else { return }
    index.lock.writing { index.graph.beginLinking() }
    try linkEntries(start..<end)
    let progress = Locked(Progress(start: start))
    let next = Atomic<Int>(start)
    onThreads(Int(martlet_available_processors())) { _ in
      let walk = Walk()
      while !shouldStop() {
        let first = next.wrappingAdd(Self.chunk, ordering: .relaxed).oldValue
        guard first < end else { return }
        let last = min(first + Self.chunk, end)
        index.lock.reading {
          for slot in first..<last where index.alive.contains(slot) && !Self.isEntry(slot) {
            index.graph.link(slot, walk)
          }
        }
        progress.withLock { $0.finish(first..<last) }
      }
    }
    let linked = progress.withLock { $0.end }
    let known = index.lock.reading { index.graph.effort }
    let isDue = EffortMeasurement.isDue(known, end: linked)
    let measurement = EffortMeasurement(index: index, end: linked, shouldStop: shouldStop)
    let measured = isDue ? measurement.run() : nil
    let effort = measured ?? known
    // Where all are compared, nobody is lost.
    let isSettled = linked == end && (effort?.walks == false || repaired(linked, all: isDue))
    index.lock.writing { index.graph.setLinked(linked, isSettled: isSettled, effort: effort) }
    guard let measured, !shouldStop() else { return }
    let widened = measurement.widened(measured)
    // Half a measurement says nothing.
    guard !shouldStop() else { return }
    index.lock.writing { index.graph.setLinked(linked, isSettled: isSettled, effort: widened) }
  }

  /// Whether the nodes in doubt were looked for.
  ///
  /// - Parameter all: Whether all nodes are, as where the graph has grown by much: links that others lost may have been on
  ///   the way to nodes that kept all of theirs.
  private func repaired(_ linked: Int, all: Bool) -> Bool {
    if all {
      index.lock.reading {
        for slot in 0..<linked where index.graph.hasLinks(slot) { index.graph.doubt(slot) }
      }
    }
    return GraphRepair(index: index, end: linked, shouldStop: shouldStop).run()
  }

  /// The entries come first, so that all others find them.
  private func linkEntries(_ slots: Range<Int>) throws {
    let walk = Walk()
    // Some are known where a run before this one was stopped.
    let known = Set(index.lock.reading { index.graph.entries })
    for slot in slots where Self.isEntry(slot) || index.lock.reading({ index.graph.entries.isEmpty }) {
      guard !known.contains(UInt32(slot)), index.lock.reading({ index.alive.contains(slot) }) else {
        continue
      }
      index.lock.reading { index.graph.link(slot, walk) }
      try index.lock.writing { if !index.graph.isTwin(slot) { try index.graph.addEntry(slot) } }
      if shouldStop() { return }
    }
  }

  /// Chunks end out of order; the graph holds what is before the first that has not ended.
  private struct Progress {
    var end: Int
    private var later = [Int: Int]()

    init(start: Int) { end = start }

    mutating func finish(_ chunk: Range<Int>) {
      later[chunk.lowerBound] = chunk.upperBound
      while let next = later.removeValue(forKey: end) { end = next }
    }
  }
}

/// Calls `body` with 0 ..< threads, each on a thread of its own but the first, and returns when all are done.
func onThreads(_ threads: Int, _ body: (Int) -> Void) {
  withoutActuallyEscaping(body) { body in
    nonisolated(unsafe) let body = body
    let others = (1..<max(1, threads)).compactMap { number in SystemThread { body(number) } }
    body(0)
    for thread in others { thread.join() }
  }
}

/// A thread of the system's.
final class SystemThread: Sendable {
  private nonisolated(unsafe) var thread = pthread_t()

  private final class Work {
    let body: () -> Void
    init(_ body: @escaping () -> Void) { self.body = body }
  }

  /// Starts a thread; nil where the system has none left.
  init?(_ body: @escaping () -> Void) {
    let work = Unmanaged.passRetained(Work(body))
    let code = pthread_create(
      &thread, nil,
      { context in
        guard let context else { return nil }
        Unmanaged<Work>.fromOpaque(context).takeRetainedValue().body()
        return nil
      }, work.toOpaque())
    guard code == 0 else {
      work.release()
      return nil
    }
  }

  /// Waits for its end.
  func join() { pthread_join(thread, nil) }
}
