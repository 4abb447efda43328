import Foundation

@testable import MartletCommandLine

/// The program run by a user whom the system may refuse something: root may read everything.
enum Unprivileged {
  private static let setpriv = "/usr/bin/setpriv"

  /// Whether there is a way: the tests are not run by root, or `setpriv` can take root's rights away.
  static var isPossible: Bool { geteuid() != 0 || FileManager.default.isExecutableFile(atPath: setpriv) }
  static let hint = "run by root, these need setpriv (package util-linux)"

  /// The program for a place whose store that user may write, with a model that he may read.
  static func program(in place: LibraryPlace) throws -> MartletProcess {
    guard geteuid() == 0 else { return MartletProcess() }
    let home = place.folder.appending(path: "home")
    try FileManager.default.createDirectory(
      at: home.appending(path: "models"), withIntermediateDirectories: true)
    let model = "\(Places.models)/\(Models.embedder)"
    let copy = home.appending(path: "models/\(Models.embedder)").path
    // Linking takes no time and no room, but the cache may lie on another disk.
    do { try FileManager.default.linkItem(atPath: model, toPath: copy) } catch {
      try? FileManager.default.removeItem(atPath: copy)
      try FileManager.default.copyItem(atPath: model, toPath: copy)
    }
    for path in [place.folder.path, place.store] {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: path)
    }
    return MartletProcess(
      environment: ["MARTLET_HOME": home.path, "HOME": home.path],
      launcher: [setpriv, "--reuid", "65534", "--regid", "65534", "--clear-groups"])
  }
}

/// A small disk that can be filled, where the tests may mount one.
enum SmallDisk {
  static let hint = "needs the right to mount a tmpfs"
  static let isPossible: Bool = {
    guard geteuid() == 0 else { return false }
    return (try? withTemporaryFolder { try with(size: "1m", at: $0.path) { true } }) ?? false
  }()

  /// Mounts a disk of that size on a folder for as long as `body` runs.
  static func with<Result>(size: String, at folder: String, _ body: () throws -> Result) throws -> Result {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try call("mount", "-t", "tmpfs", "-o", "size=\(size)", "none", folder)
    defer { try? call("umount", folder) }
    return try body()
  }

  static func grow(_ folder: String, to size: String) throws {
    try call("mount", "-o", "remount,size=\(size)", folder)
  }

  private static func call(_ arguments: String...) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = arguments
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw CocoaError(.fileWriteNoPermission) }
  }
}
