/// Why a server could not start.
public enum ServerError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The host's name is not known, or is no address of this machine.
  case unknownHost(String, detail: String)
  /// Another program listens on the port.
  case portTaken(host: String, port: Int)
  /// The system does not let this user listen on the port.
  case noPermission(port: Int)
  /// Another refusal of the system, in its own words.
  case system(String)
  /// An address that others reach needs an API key.
  case noKey(host: String)

  /// What was wrong, and what to do next.
  public var description: String {
    switch self {
    case .unknownHost(let host, let detail):
      "\(host): \(detail). Name an address of this machine with --host."
    case .portTaken(let host, let port):
      "Another program listens on port \(port) of \(host). End it, or name another --port (0 takes a free one)."
    case .noPermission(let port):
      "The system does not let you listen on port \(port). Name a --port of 1024 or above."
    case .system(let detail): "The server could not start: \(detail)."
    case .noKey(let host):
      "Others reach this machine at \(host), so an API key is needed: set MARTLET_API_KEY to a long random text, which "
        + "clients then send. Or listen on 127.0.0.1."
    }
  }
}
