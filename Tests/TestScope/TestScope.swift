import Foundation
import Testing

/// Which tests run, as the Makefile's targets ask for them.
public enum TestScope {
  /// `make check`: no test that starts a process or a server, needs a model, or takes long in a debug build.
  public static let isQuick = isSet("MARTLET_QUICK_TESTS")
  /// `make slow-test`: the full data sets, too.
  public static let isSlow = isSet("MARTLET_SLOW_TESTS")

  /// Why `make check` passes over a test.
  public struct NoProcesses: Error, CustomStringConvertible {
    /// For people.
    public let description = "make check starts no processes"
  }

  /// Throws where tests start no processes.
  public static func requireProcesses() throws(NoProcesses) { if isQuick { throw NoProcesses() } }

  private static func isSet(_ variable: String) -> Bool {
    ProcessInfo.processInfo.environment[variable] == "1"
  }
}

extension Trait where Self == ConditionTrait {
  /// A test that starts a process or a server: not in `make check`.
  public static var startsProcesses: Self { .disabled(if: TestScope.isQuick, "starts processes") }
  /// A test that takes seconds in a debug build: not in `make check`.
  public static var long: Self { .disabled(if: TestScope.isQuick, "takes long") }
  /// A test of `make slow-test` alone.
  public static var slow: Self { .enabled(if: TestScope.isSlow, "runs with make slow-test") }
}
