import MartletKernels

/// What carries out operations: the kernels of this machine's processor and the threads that share the work.
final class Processor: Sendable {
  /// The kernels chosen for this processor.
  nonisolated(unsafe) let kernels: martlet_arithmetic_kernels
  nonisolated(unsafe) private let pool: OpaquePointer
  /// The threads that share the work, the caller's among them.
  let threads: Int

  init(threads: Int?) throws(DeviceError) {
    guard let best = martlet_arithmetic_best() else { throw .noSuchKernels(Device.forcedForm ?? "") }
    let count = max(1, threads ?? Int(martlet_available_processors()))
    guard count <= 1024, let pool = martlet_pool_create(UInt32(count)) else { throw .noThreads(count) }
    self.kernels = best.pointee
    self.pool = pool
    self.threads = Int(martlet_pool_threads(pool))
  }

  deinit { martlet_pool_destroy(pool) }

  /// Calls `body` with each number in `0..<chunks`, on all threads at once, and returns when all are done.
  ///
  /// The closure is called concurrently: chunks write to places of their own.
  func parallel(_ chunks: Int, _ body: (Int) -> Void) {
    guard chunks > 1, threads > 1 else {
      for chunk in 0..<max(0, chunks) { body(chunk) }
      return
    }
    withoutActuallyEscaping(body) { escaping in
      var escaping = escaping
      withUnsafeMutablePointer(to: &escaping) { context in
        martlet_pool_run(
          pool, chunks,
          { context, chunk in
            context?.assumingMemoryBound(to: ((Int) -> Void).self).pointee(chunk)
          }, context)
      }
    }
  }

  /// As ``parallel(_:_:)``, for work so short that counting references to a closure's captures would be felt: threads
  /// share `job`, which holds none, and `body`, which captures nothing, gets a pointer to it.
  /// - Parameter stream: The memory whose reading sets the pace, if there is such: threads that wait fetch the beginning
  ///   of the stream that is likely to be next.
  func parallel<Job: BitwiseCopyable>(
    _ chunks: Int, sharing job: Job, stream: martlet_stream = martlet_stream(),
    _ body: @convention(c) (UnsafeMutableRawPointer?, Int) -> Void
  ) {
    var job = job
    withUnsafeMutablePointer(to: &job) { martlet_pool_stream(pool, stream, max(0, chunks), body, $0) }
  }

  /// Calls `body` with ranges that cover `0..<count`, in parallel once there is `work` enough: elements a row.
  func parallelRows(_ count: Int, elementsPerRow: Int, _ body: (Range<Int>) -> Void) {
    let elementsPerChunk = 16_384
    let rowsPerChunk = max(1, elementsPerChunk / max(1, elementsPerRow))
    let chunks = (count + rowsPerChunk - 1) / rowsPerChunk
    if chunks <= 1 || threads == 1 {
      if count > 0 { body(0..<count) }
      return
    }
    parallel(chunks) { chunk in
      body(chunk * rowsPerChunk..<min(count, (chunk + 1) * rowsPerChunk))
    }
  }
}
