extension Sandbox {
  /// What a program may use. What goes beyond ends the program, or fails inside it.
  public struct Limits: Sendable, Equatable {
    /// The seconds by the clock from the program's first instruction on.
    public var seconds: Double
    /// The bytes of memory: the addresses of each process (so that Python raises `MemoryError`), and the pages of all
    /// processes together, which are counted fifty times a second. The files of ``fileBytes`` come on top.
    public var memory: Int
    /// The processes and threads at one time.
    public var processes: Int
    /// The bytes of standard output and standard error together that are kept: their beginning and their end.
    public var outputBytes: Int
    /// The bytes of all files in `/tmp`, and of one file.
    public var fileBytes: Int
    /// The files and folders in `/tmp` and `/dev/shm`.
    public var files: Int

    /// Limits for a small program: by default 10 seconds and 1 GiB of memory.
    public init(
      seconds: Double = 10, memory: Int = 1 << 30, processes: Int = 32, outputBytes: Int = 64 << 10,
      fileBytes: Int = 64 << 20, files: Int = 10_000
    ) {
      self.seconds = seconds
      self.memory = memory
      self.processes = processes
      self.outputBytes = outputBytes
      self.fileBytes = fileBytes
      self.files = files
    }

    /// The least memory with which Python starts.
    public static let minimumMemory = 64 << 20
    /// The longest that a program may run: a day.
    public static let maximumSeconds = 86_400.0

    func check() throws(SandboxError) {
      guard seconds > 0, seconds <= Self.maximumSeconds else {
        throw .invalidLimit("the time must be above 0 and at most 86400 seconds, not \(seconds)")
      }
      guard memory >= Self.minimumMemory else {
        throw .invalidLimit(
          "the memory must be at least 64 MiB, which Python needs to start, not \(memory) bytes")
      }
      guard (1...10_000).contains(processes) else {
        throw .invalidLimit("the processes must be between 1 and 10000, not \(processes)")
      }
      guard outputBytes >= 0, files >= 0, fileBytes >= 4096 else {
        throw .invalidLimit(
          "output and files cannot be less than nothing, and a disk for files needs 4096 bytes")
      }
    }
  }
}
