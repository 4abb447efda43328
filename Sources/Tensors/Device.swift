import Foundation
import MartletKernels

/// Where tensors live and are computed: this machine's processor, its kernels and a pool of threads.
///
/// A program makes one device and gives it to every model that it loads; operations find it through their tensors.
/// Every operation passes through one method of the device, so another device would stand behind the same operations.
public final class Device: Sendable {
  let processor: Processor
  let recycling = BufferRecycling()
  let weights = MemoryArena(chunkBytes: 32 << 20)

  /// The threads that share the work, the caller's among them.
  public var threads: Int { processor.threads }

  /// The form of the kernels in use: `portable`, `avx2`, `avx512` or `neon`.
  public var kernelForm: String { String(cString: processor.kernels.name) }

  /// A device with `threads` threads (by default one for each processor that this process may run on).
  ///
  /// The environment's `MARTLET_SIMD` forces a form of the kernels.
  /// - Throws: ``DeviceError`` where MARTLET_SIMD names no form that this processor runs, or threads cannot be made.
  public init(threads: Int? = nil) throws(DeviceError) {
    processor = try Processor(threads: threads)
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
      martlet_arithmetic_for(form).map { String(cString: $0.pointee.name) }
    }
  }
}
