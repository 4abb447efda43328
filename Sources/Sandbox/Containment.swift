import Foundation
import MartletCSandbox

/// The command line that runs the driver contained.
struct Containment: Sendable {
  /// The program to start, with its arguments.
  let commandLine: [String]
  /// The filter of system calls, for ``Channel/filter``.
  let filter: [UInt8]

  /// The descriptors of the command.
  enum Channel {
    /// Read by the driver: the secret word and the program.
    static let program: Int32 = 0
    /// Written by the driver.
    static let report: Int32 = 3
    /// Read by bubblewrap.
    static let filter: Int32 = 4
    /// Written by bubblewrap: which process is the first of the new namespace.
    static let information: Int32 = 5
  }

  /// The user that a program is, here and inside: `nobody`.
  private static let nobody = "65534"
  private static let python = "/usr/bin/python3"
  private static let prlimit = "/usr/bin/prlimit"

  init(limits: Sandbox.Limits, folders: [String]) throws(Refusal) {
    guard let bubblewrap = Self.find("bwrap", in: folders) else {
      throw Self.missing("bubblewrap contains it, and", "bubblewrap")
    }
    guard access(Self.prlimit, X_OK) == 0 else {
      throw Self.missing("prlimit limits it, and \(Self.prlimit)", "util-linux")
    }
    guard access(Self.python, X_OK) == 0 else {
      throw Self.missing("it is a Python program, and \(Self.python)", "python3")
    }
    var line: [String] = []
    // Limits on processes do not hold for root, not even inside a namespace.
    if geteuid() == 0 {
      guard let setpriv = Self.find("setpriv", in: folders) else {
        throw Self.missing("setpriv takes root's rights from it, and", "util-linux")
      }
      line += [
        setpriv, "--reuid", Self.nobody, "--regid", Self.nobody, "--clear-groups", "--no-new-privs", "--",
      ]
    }
    line.append(bubblewrap)
    line += Self.namespaces + Self.fileSystem(limits)
    line += Self.environment
    var filter = [UInt8](repeating: 0, count: 4096)
    let length = filter.withUnsafeMutableBytes { martlet_sandbox_filter($0.baseAddress, $0.count) }
    guard length > 0 else {
      throw Refusal(
        reason: "The sandbox knows the system calls of x86-64 and AArch64 only, not of this processor.")
    }
    self.filter = Array(filter[..<length])
    line += ["--seccomp", "\(Channel.filter)", "--info-fd", "\(Channel.information)", "--"]
    line += Self.resources(limits)
    // -s: no packages of a user; -B: no files of byte code.
    commandLine = line + [Self.python, "-s", "-B", "-c", Driver.source]
  }

  private static let namespaces = [
    // The second word: without a user namespace of its own it is not run.
    "--unshare-all", "--unshare-user", "--uid", nobody, "--gid", nobody, "--hostname", "sandbox",
    "--die-with-parent", "--new-session", "--cap-drop", "ALL",
  ]

  private static let environment = [
    "--clearenv", "--setenv", "PATH", "/usr/bin:/bin", "--setenv", "HOME", "/tmp", "--setenv", "LANG",
    "C.UTF-8",
    // Sets have the same order in each run.
    "--setenv", "PYTHONHASHSEED", "0", "--chdir", "/tmp",
  ]

  /// The system's programs and libraries, devices that lead nowhere, and two folders in memory.
  private static func fileSystem(_ limits: Sandbox.Limits) -> [String] {
    var line = ["--ro-bind", "/usr", "/usr"]
    for name in ["bin", "sbin", "lib", "lib32", "lib64"] {
      if let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/\(name)") {
        line += ["--symlink", target, "/\(name)"]
      } else if access("/\(name)", F_OK) == 0 {
        line += ["--ro-bind", "/\(name)", "/\(name)"]
      }
    }
    // Where libraries are, and which of several versions: without them NumPy, for one, cannot be loaded.
    for path in ["/etc/ld.so.cache", "/etc/alternatives"] { line += ["--ro-bind-try", path, path] }
    return line + [
      "--dev", "/dev", "--size", "\(min(limits.fileBytes, 16 << 20))", "--tmpfs", "/dev/shm",
      "--size", "\(limits.fileBytes)", "--tmpfs", "/tmp", "--remount-ro", "/dev", "--remount-ro", "/",
    ]
  }

  private static func resources(_ limits: Sandbox.Limits) -> [String] {
    [
      prlimit, "--as=\(limits.memory)", "--fsize=\(limits.fileBytes)",
      // Inside the namespace the limit counts its processes only; one of them is bubblewrap's.
      "--nproc=\(limits.processes + 1)", "--nofile=128", "--core=0", "--memlock=0", "--msgqueue=0", "--",
    ]
  }

  private static func find(_ program: String, in folders: [String]) -> String? {
    folders.map { "\($0)/\(program)" }.first { access($0, X_OK) == 0 }
  }

  private static func missing(_ need: String, _ package: String) -> Refusal {
    Refusal(
      reason: """
        The program was not run: \(need) is not installed. To get it: apt-get install \(package)
        """)
  }

  /// Why bubblewrap did not come to run the driver, from what it printed.
  static func refusal(_ output: String) -> String {
    let line = output.split(separator: "\n").last.map(String.init) ?? "it says nothing"
    let isForbidden = ["namespace", "uid map", "Operation not permitted", "Permission denied"].contains {
      line.contains($0)
    }
    let advice =
      isForbidden
      ? """
       User namespaces seem not to be allowed here. An administrator allows them with sysctl \
      kernel.unprivileged_userns_clone=1 (Debian) or kernel.apparmor_restrict_unprivileged_userns=0 (Ubuntu); a \
      container needs a seccomp profile that allows them.
      """ : ""
    return "The program was not run, since it cannot be contained here (\(line)).\(advice)"
  }
}
