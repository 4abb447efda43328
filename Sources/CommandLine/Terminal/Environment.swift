import Foundation

/// The environment's variables.
enum Environment {
  /// A variable's value; nil when it is not set.
  static subscript(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }

  /// All of them.
  static var all: [String: String] { ProcessInfo.processInfo.environment }
}
