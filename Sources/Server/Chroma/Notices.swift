import Synchronization

/// Tells once of each member of requests that is not read here: newer and older clients send some, and Chroma's server
/// passes over them, too.
struct Notices: Sendable {
  private final class Names: Sendable { let told = Mutex<Set<String>>([]) }
  private let names = Names()
  private let report: @Sendable (String) -> Void
  /// Nobody fills the memory with names.
  private static let most = 100

  init(_ report: @escaping @Sendable (String) -> Void) { self.report = report }

  func ignored(_ name: String) {
    let isNew = names.told.withLock { $0.count < Self.most && $0.insert(name).inserted }
    if isNew { report("A client sends \"\(name.prefix(100))\", which is not known here and has no effect.") }
  }
}
