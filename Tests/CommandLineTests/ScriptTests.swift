import Foundation
import MartletTestScope
import Testing

@Suite("Scripts of the Makefile", .startsProcesses)
struct ScriptTests {
  private static let scripts = MartletProcess.packageRoot.appending(path: "Scripts")

  private func quietly(_ command: String, _ log: URL, _ environment: [String: String] = [:]) throws
    -> MartletProcess.Result
  {
    let program = Self.scripts.appending(path: "quietly.sh").path
    return try MartletProcess(environment: ["V": ""].merging(environment) { $1 }).run(
      [program, log.path, "Building", "sh", "-c", command], of: "bash")
  }

  @Test("What a command prints goes to its log; where it fails its errors are shown, and the log's name")
  func quiet() throws {
    try withTemporaryFolder { folder in
      let log = folder.appending(path: "logs/build.log")
      let good = try quietly("echo chatter; echo more >&2", log)
      #expect(good.status == 0 && good.errors.isEmpty)
      #expect(
        good.text.hasPrefix("Building…\nBuilding: done in ") && good.text.hasSuffix(" s\n"), "\(good.text)")
      #expect(try String(contentsOf: log, encoding: .utf8) == "chatter\nmore\n")

      let bad = try quietly("echo chatter; echo 'a.swift:1: error: no such thing'; exit 7", log)
      #expect(bad.status == 7 && bad.errors.contains("a.swift:1: error: no such thing\n"))
      #expect(bad.errors.contains("All of its output is in \(log.path)\n") && !bad.errors.contains("chatter"))
      // Without lines that are known as errors, the last ones may tell.
      let mute = try quietly("echo something is wrong; exit 1", log)
      #expect(mute.status == 1 && mute.errors.contains("something is wrong"))

      let loud = try quietly("echo chatter", log, ["V": "1"])
      #expect(loud.status == 0 && loud.text.hasSuffix("\nchatter\n"))
    }
  }

  /// Runs setup.sh where one package is missing and `apt-get` is this script; gives what was asked of that, too.
  private func setup(aptGet script: String) throws -> (result: MartletProcess.Result, calls: String) {
    try withTemporaryFolder { folder in
      let bin = folder.appending(path: "bin")
      try FileManager.default.createDirectory(at: bin, withIntermediateDirectories: true)
      let programs = [
        "dpkg-query": "case $* in *libedit-dev*) exit 1 ;; *) printf installed ;; esac",
        "apt-get": "echo \"$*\" >> '\(folder.path)/calls'; \(script)", "id": "echo 0", "swift": "", "pip": "",
      ]
      for (name, text) in programs {
        let file = bin.appending(path: name)
        try Data("#!/bin/sh\n\(text)\n".utf8).write(to: file)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
      }
      // The script writes its log beside itself.
      let copy = folder.appending(path: "Scripts")
      try FileManager.default.copyItem(at: Self.scripts, to: copy)
      let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
      let result = try MartletProcess(environment: ["PATH": "\(bin.path):\(path)", "V": ""])
        .run([copy.appending(path: "setup.sh").path], of: "bash")
      let calls = try? String(contentsOf: folder.appending(path: "calls"), encoding: .utf8)
      return (result, calls ?? "")
    }
  }

  @Test("setup fetches the lists of packages before it installs, and shows nothing of what apt says")
  func installing() throws {
    let (result, calls) = try setup(aptGet: "echo 'Reading package lists...'")
    #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
    #expect(result.text.contains("  libedit-dev\n") && !result.text.contains("Reading"), "\(result.text)")
    let lines = calls.split(separator: "\n")
    #expect(lines.count == 2 && lines.first?.hasSuffix(" update") == true)
    #expect(lines.last?.hasSuffix("install --yes --no-install-recommends libedit-dev") == true)
  }

  @Test(
    "Without the lists setup tries with what there is; where a package cannot be had it shows apt's errors")
  func failing() throws {
    let offline = try setup(aptGet: "case $* in *update*) echo 'E: no network' >&2; exit 100 ;; esac")
    #expect(offline.result.status == 0 && offline.result.errors.isEmpty)
    let (result, _) = try setup(
      aptGet: "echo chatter; echo 'E: Unable to locate package libedit-dev' >&2; exit 100")
    #expect(result.status == 69 && result.errors.contains("E: Unable to locate package libedit-dev\n"))
    #expect(result.errors.contains("build/setup.log") && !result.errors.contains("chatter"))
  }
}
