import Foundation
import MartletJSON

/// A program of a learner's, run once over all cases: a line of JSON in, a line of JSON out.
struct ProgramRun {
  /// What it printed.
  let output: String
  /// What it printed on standard error, or what the compiler said.
  let complaints: String
  let ending: Ending

  enum Ending: Equatable {
    case finished
    case failed(status: Int32)
    case timedOut
    case notCompiled
  }

  /// Runs a program.
  ///
  /// It is the learner's own program, run as the learner would run it: nothing confines it but the time.
  ///
  /// - Throws: ``CourseError/program(_:)`` if Python or the Swift compiler cannot be started.
  static func run(
    _ language: ProgramLanguage, source: String, input: String, seconds: Double
  ) throws(CourseError) -> ProgramRun {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "martlet-program-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let program = folder.appending(path: "program.\(language.rawValue)")
    let inputFile = folder.appending(path: "input")
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try Data(source.utf8).write(to: program)
      try Data(input.utf8).write(to: inputFile)
    } catch {
      throw .folder(path: folder.path(percentEncoded: false), problem: error.localizedDescription)
    }
    let path = program.path(percentEncoded: false)
    switch language {
    case .python:
      return try ended(
        ChildProgram.run(["python3", "-B", path], input: inputFile, folder: folder, seconds: seconds))
    case .swift:
      let binary = folder.appending(path: "program").path(percentEncoded: false)
      let compiled = try ChildProgram.run(
        ["swiftc", "-o", binary, path], input: nil, folder: folder, seconds: 120)
      guard compiled.status == 0 else {
        let said = compiled.complaints.isEmpty ? compiled.output : compiled.complaints
        return ProgramRun(output: "", complaints: said, ending: .notCompiled)
      }
      return try ended(ChildProgram.run([binary], input: inputFile, folder: folder, seconds: seconds))
    }
  }

  private static func ended(_ result: ChildProgram.Result) -> ProgramRun {
    let ending: Ending =
      result.timedOut ? .timedOut : result.status == 0 ? .finished : .failed(status: result.status)
    return ProgramRun(output: result.output, complaints: result.complaints, ending: ending)
  }
}

/// A child process that is waited for.
enum ChildProgram {
  struct Result {
    let output: String
    let complaints: String
    let status: Int32
    let timedOut: Bool
  }

  /// Runs a program with its output in files, so that no pipe fills.
  ///
  /// - Parameters:
  ///   - words: The program, which is looked for along `PATH`, and its arguments.
  ///   - input: Standard input; empty if there is none.
  ///   - folder: Where it runs.
  ///   - environment: Variables beside the present ones.
  ///   - showsComplaints: Whether standard error is that of this process.
  ///   - seconds: When it is killed; nil for never.
  static func run(
    _ words: [String], input: URL?, folder: URL, environment: [String: String] = [:],
    showsComplaints: Bool = false,
    seconds: Double?
  ) throws(CourseError) -> Result {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = words
    process.currentDirectoryURL = folder
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let scratch = FileManager.default.temporaryDirectory.appending(
      path: "martlet-output-\(UUID().uuidString)")
    do {
      try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(at: scratch) }
      let outputFile = scratch.appending(path: "output")
      let complaintsFile = scratch.appending(path: "complaints")
      for file in [outputFile, complaintsFile] { try Data().write(to: file) }
      process.standardInput = try input.map { try FileHandle(forReadingFrom: $0) } ?? FileHandle.nullDevice
      process.standardOutput = try FileHandle(forWritingTo: outputFile)
      if !showsComplaints { process.standardError = try FileHandle(forWritingTo: complaintsFile) }
      try process.run()
      let timedOut = wait(for: process, seconds: seconds)
      return Result(
        output: beginning(of: outputFile), complaints: beginning(of: complaintsFile),
        status: process.terminationStatus, timedOut: timedOut)
    } catch {
      throw .program("‘\(words[0])’ cannot be run: \(error.localizedDescription).")
    }
  }

  /// Waits, and kills the process when its time is up or this task is cancelled.
  private static func wait(for process: Process, seconds: Double?) -> Bool {
    let deadline = seconds.map { ContinuousClock.now + .seconds($0) }
    while process.isRunning {
      if let deadline, ContinuousClock.now > deadline {
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        return true
      }
      if Task.isCancelled { process.terminate() }
      usleep(2000)
    }
    return false
  }

  /// The first 4 MiB: more than any exercise prints.
  private static func beginning(of file: URL) -> String {
    guard let handle = try? FileHandle(forReadingFrom: file),
      let data = try? handle.read(upToCount: 4 << 20)
    else { return "" }
    return String(decoding: data, as: UTF8.self)
  }
}
