import Foundation
import Kernels

/// Where tensors live and are computed: this machine's processor, its kernels and a pool of threads.
///
/// A program makes one device and gives it to every model that it loads; operations find it through their tensors.
/// Another backend would stand behind the same operations.
public final class Device: Sendable {
  /// The kernels chosen for this processor.
  nonisolated(unsafe) let kernels: martlet_kernels
  nonisolated(unsafe) private let pool: OpaquePointer
  let recycling = BufferRecycling()
  let weights = MemoryArena(chunkBytes: 32 << 20)

  /// The threads that share the work, the caller's among them.
  public let threads: Int

  /// The form of the kernels in use: `portable`, `avx2`, `avx512` or `neon`.
  public var kernelForm: String { String(cString: kernels.name) }

  /// A device with `threads` threads (by default one for each processor that this process may run on).
  ///
  /// The environment's `MARTLET_SIMD` forces a form of the kernels.
  /// - Throws: ``DeviceError`` where MARTLET_SIMD names no form that this processor runs, or threads cannot be made.
  public init(threads: Int? = nil) throws(DeviceError) {
    guard let best = martlet_kernels_best() else { throw .noSuchKernels(Self.forcedForm ?? "") }
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

/// Why a ``Device`` cannot be made.
public enum DeviceError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The environment's MARTLET_SIMD, given here, names kernels that are unknown or that this processor cannot run.
  case noSuchKernels(String)
  /// The threads could not be started.
  case noThreads(Int)

  /// What is wrong, and what to do.
  public var description: String {
    switch self {
    case .noSuchKernels(let name):
      """
      MARTLET_SIMD=\(name) names \(Device.forms.contains(name) ? "kernels that this processor cannot run" : "no kernels"). \
      Unset it, or set it to one of: \(Device.availableForms.joined(separator: ", ")).
      """
    case .noThreads(let count):
      "\(count) threads could not be started. Ask for fewer with --threads."
    }
  }
}

extension Device {
  /// All forms of kernels, on whatever processor.
  static let forms = ["portable", "avx2", "avx512", "neon"]

  /// The form that the environment's MARTLET_SIMD forces; nil where it is not set, or empty.
  public static var forcedForm: String? {
    guard let value = getenv("MARTLET_SIMD"), value.pointee != 0 else { return nil }
    return String(cString: value)
  }

  /// The forms of kernels that this processor runs.
  public static var availableForms: [String] {
    [MARTLET_PORTABLE, MARTLET_AVX2, MARTLET_AVX512, MARTLET_NEON].compactMap { form in
      martlet_kernels_for(form).map { String(cString: $0.pointee.name) }
    }
  }
}
