import Foundation

/// What this process takes of the machine's memory.
enum ProcessMemory {
  /// The most bytes that the process has had so far; 0 where the system does not say.
  static var peakBytes: Int {
    var usage = rusage()
    guard getrusage(RUSAGE_SELF, &usage) == 0 else { return 0 }
    #if canImport(Darwin)
      return Int(usage.ru_maxrss)
    #else
      return Int(usage.ru_maxrss) * 1024
    #endif
  }
}
