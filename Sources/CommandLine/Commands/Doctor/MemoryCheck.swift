import Foundation
import MartletKernels

/// How much memory there is, and how fast it is read.
enum MemoryCheck {
  static func findings() -> [Finding] {
    [amount(), bandwidth()].compactMap(\.self)
  }

  /// The default answer model and embedder together, with their working memory, take somewhat less.
  private static let comfortable = 2_000_000_000

  private static func amount() -> Finding? {
    guard let total = meminfo("MemTotal"), let available = meminfo("MemAvailable") else { return nil }
    let fact = "\(formatBytes(total)), \(formatBytes(available)) available"
    guard available < comfortable else { return Finding(subject: "memory", verdict: .good, fact: fact) }
    return Finding(
      subject: "memory", verdict: .advice, fact: fact,
      remedy: "Close other programs, or use the small model: -m smollm2-135m-instruct.")
  }

  private static func meminfo(_ key: String) -> Int? {
    guard let text = try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8) else { return nil }
    let line = text.split(separator: "\n").first { $0.hasPrefix(key + ":") }
    return line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 }
  }

  private static func bandwidth() -> Finding? {
    guard let rate = measureBandwidth() else { return nil }
    // The default answer model reads 391 MB of weights for each token.
    let tokens = rate / 391e6
    let fact = """
      \(formatBytes(Int(rate)))/s read by all threads: at most \(formatDecimal(tokens, 0)) tokens/s from \
      qwen2.5-coder-0.5b-instruct
      """
    return Finding(subject: "bandwidth", verdict: .good, fact: fact)
  }

  /// Bytes a second that all threads together read from memory, at best of some rounds over an array that is larger
  /// than the processor's caches.
  private static func measureBandwidth() -> Double? {
    let floats = 64 << 20
    let chunk = 1 << 16
    guard let kernels = martlet_arithmetic_best(),
      let pool = martlet_pool_create(UInt32(max(1, martlet_available_processors())))
    else { return nil }
    defer { martlet_pool_destroy(pool) }
    let values = UnsafeMutablePointer<Float>.allocate(capacity: floats)
    defer { values.deallocate() }
    values.initialize(repeating: 1, count: floats)

    var task = ReadTask(kernels: kernels.pointee, values: values, chunk: chunk)
    var best = 0.0
    for _ in 0..<4 {
      let start = ContinuousClock.now
      withUnsafeMutablePointer(to: &task) { context in
        martlet_pool_run(
          pool, floats / chunk,
          { context, index in
            guard let task = context?.assumingMemoryBound(to: ReadTask.self).pointee else { return }
            // Two halves of one stretch: every float is read once.
            let start = task.values + index * task.chunk
            _ = task.kernels.dot(start, start + task.chunk / 2, task.chunk / 2)
          }, context)
      }
      best = max(best, Double(floats * 4) / (ContinuousClock.now - start).inSeconds)
    }
    return best
  }

  private struct ReadTask {
    let kernels: martlet_arithmetic_kernels
    let values: UnsafeMutablePointer<Float>
    let chunk: Int
  }
}
