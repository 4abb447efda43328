import Foundation

/// The processes of a run, seen from outside through `/proc`.
///
/// The first process of the namespace takes all others with it when it ends.
final class ProcessNamespace {
  private let first: pid_t
  /// The folder of the first process: it stays that process's, whoever gets its number later.
  private let folder: Descriptor?

  init(first: pid_t) {
    self.first = first
    let number = open("/proc/\(first)", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    folder = number < 0 ? nil : Descriptor(number)
  }

  /// Whether the first process, and with it the others, is gone.
  var isGone: Bool {
    guard let folder else { return true }
    guard let text = Self.text(of: "stat", in: folder.number) else { return true }
    // "pid (name) state": the name may hold anything, parentheses too.
    guard let end = text.lastIndex(of: UInt8(ascii: ")")), end + 2 < text.count else { return true }
    return [UInt8(ascii: "Z"), UInt8(ascii: "X")].contains(text[end + 2])
  }

  /// Kills all processes.
  func kill() { if !isGone { Foundation.kill(first, SIGKILL) } }

  /// Kills all processes, and waits until they are gone.
  func end() {
    for _ in 0..<5000 {
      if isGone { return }
      kill()
      usleep(500)
    }
  }

  /// The bytes of memory that the processes have of their own, without those of files and shared ones.
  func memory() -> Int {
    var sum = 0
    var waiting = [first]
    var seen: Set<pid_t> = []
    while let process = waiting.popLast() {
      guard seen.insert(process).inserted else { continue }
      sum += Self.memory(of: process)
      waiting += Self.children(of: process)
    }
    return sum
  }

  private static func memory(of process: pid_t) -> Int {
    guard let text = text(of: "/proc/\(process)/statm", in: AT_FDCWD) else { return 0 }
    let pages = String(decoding: text, as: UTF8.self).split(separator: " ").compactMap { Int($0) }
    return pages.count > 2 ? max(0, pages[1] - pages[2]) * pageSize : 0
  }

  private static let pageSize = sysconf(Int32(_SC_PAGESIZE))

  /// The children of all threads of a process.
  private static func children(of process: pid_t) -> [pid_t] {
    let tasks = "/proc/\(process)/task"
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: tasks) else { return [] }
    return names.flatMap { name in
      let text = text(of: "\(tasks)/\(name)/children", in: AT_FDCWD) ?? []
      return String(decoding: text, as: UTF8.self).split(separator: " ").compactMap { pid_t($0) }
    }
  }

  /// The files in the folders that the processes can write.
  func files() -> Int {
    ["tmp", "dev/shm"].reduce(0) { sum, path in
      var status = statvfs()
      guard statvfs("/proc/\(first)/root/\(path)", &status) == 0 else { return sum }
      return sum + Int(clamping: status.f_files) - Int(clamping: status.f_ffree)
    }
  }

  private static func text(of path: String, in folder: Int32) -> [UInt8]? {
    let number = openat(folder, path, O_RDONLY | O_CLOEXEC)
    guard number >= 0 else { return nil }
    let file = Descriptor(number)
    var text: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while case .bytes(let count) = buffer.withUnsafeMutableBytes({ file.read(into: $0) }) {
      text += buffer[..<count]
    }
    return text.isEmpty ? nil : text
  }
}
