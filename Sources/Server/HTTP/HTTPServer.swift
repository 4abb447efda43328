import Foundation
import MartletCMicroHTTPD
import Synchronization

/// An HTTP server on libmicrohttpd: one thread for each connection, all of them bounded.
///
/// ```swift
/// let server = try HTTPServer(host: "127.0.0.1", port: 0, router: router, access: access) { print($0) }
/// print("http://127.0.0.1:\(server.port)")
/// server.stop()
/// ```
public final class HTTPServer: Sendable {
  /// The port that it listens on.
  public let port: Int

  private let core: ServerCore
  // libmicrohttpd's daemon may be used from any thread.
  private struct Daemon: @unchecked Sendable { var pointer: OpaquePointer? }
  private let daemon: Mutex<Daemon>

  /// Starts a server.
  ///
  /// - Parameters:
  ///   - host: A name or address of this machine.
  ///   - port: The port; 0 takes a free one.
  ///   - router: What answers requests.
  ///   - access: Who may ask.
  ///   - limits: What is taken from clients.
  ///   - report: Is told of faults that are not a client's, with the trace that the client was given; on any thread.
  public init(
    host: String, port: Int, router: Router, access: ServerAccess, limits: ServerLimits = ServerLimits(),
    report: @escaping @Sendable (String) -> Void
  ) throws(ServerError) {
    let socket = try ListeningSocket(host: host, port: port)
    let core = ServerCore(router: router, access: access, limits: limits, report: report)
    // The daemon borrows the core, which lives longer: `stop` ends the daemon.
    let context = Unmanaged.passUnretained(core).toOpaque()
    let started = martlet_httpd_start(
      socket.descriptor, UInt32(limits.connections), UInt32(limits.idleSeconds), 32 << 10, Callbacks.handle,
      Callbacks.begin, Callbacks.complete, Callbacks.notify, context)
    guard let started else {
      let detail = String(cString: strerror(errno))
      core.watch.stop()
      close(socket.descriptor)
      throw .system(detail)
    }
    self.port = socket.port
    self.core = core
    daemon = Mutex(Daemon(pointer: started))
  }

  deinit { stop() }

  /// Takes no more connections, lets the requests at hand end, and ends. Calling it again does nothing.
  public func stop() {
    let pointer = daemon.withLock { daemon in
      defer { daemon.pointer = nil }
      return daemon.pointer
    }
    guard let pointer else { return }
    core.beginStop()
    let listening = MHD_quiesce_daemon(pointer)
    let deadline = ContinuousClock.now + .seconds(core.limits.stopSeconds)
    while core.requests > 0, ContinuousClock.now < deadline { Thread.sleep(forTimeInterval: 0.01) }
    MHD_stop_daemon(pointer)
    if listening >= 0 { close(listening) }
    core.watch.stop()
  }
}
