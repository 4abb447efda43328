import Foundation

/// What this process takes of the machine's memory.
enum ProcessMemory {
  /// The most bytes that the process has had so far; 0 where the system does not say.
  static var peakBytes: Int {
    var usage = rusage()
    #if canImport(Darwin)
      return getrusage(RUSAGE_SELF, &usage) == 0 ? Int(usage.ru_maxrss) : 0
    #else
      return getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 ? Int(usage.ru_maxrss) * 1024 : 0
    #endif
  }
}
