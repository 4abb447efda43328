import Glibc

/// What of this process is in memory, in MiB.
struct ProcessMemory {
  /// Not mapped from a file.
  var anonymous = 0.0
  /// All of it.
  var resident = 0.0
  /// Mapped from files of a folder, but for the full vectors: codes and links, where they are mapped.
  var mappedIndex = 0.0

  /// The memory now, after giving back what `malloc` keeps for later.
  static func now(store: String) throws -> ProcessMemory {
    trim()
    guard let file = fopen("/proc/self/smaps", "r") else { throw Problem("/proc/self/smaps cannot be read") }
    defer { fclose(file) }
    var memory = ProcessMemory()
    var isIndex = false
    var resident = 0.0
    var buffer = [CChar](repeating: 0, count: 8192)
    while fgets(&buffer, Int32(buffer.count), file) != nil {
      let line = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      let words = line.split(separator: " ")
      guard let name = words.first else { continue }
      switch name {
      case "Rss:":
        resident = Self.mebibytes(words)
        memory.resident += resident
      case "Anonymous:":
        let anonymous = Self.mebibytes(words)
        memory.anonymous += anonymous
        if isIndex { memory.mappedIndex += resident - anonymous }
      case _ where !name.hasSuffix(":"):
        isIndex = line.contains(store) && !line.contains(".vectors")
      default: break
      }
    }
    return memory
  }

  /// glibc's `malloc_trim`, which Swift's module of it leaves out.
  private static func trim() {
    guard let symbol = dlsym(nil, "malloc_trim") else { return }
    _ = unsafeBitCast(symbol, to: (@convention(c) (Int) -> Int32).self)(0)
  }

  private static func mebibytes(_ words: [Substring]) -> Double { (Double(words[1]) ?? 0) / 1024 }
}
