import Foundation

/// A socket that waits for connections.
struct ListeningSocket {
  let descriptor: Int32
  /// The port, chosen by the system where 0 was asked for.
  let port: Int

  /// Listens on a port of a host.
  init(host: String, port: Int) throws(ServerError) {
    let addresses = try Self.addresses(host: host, port: port)
    defer { freeaddrinfo(addresses) }
    // `localhost` may be both; clients try IPv4 in any case.
    let all = sequence(first: addresses) { $0.pointee.ai_next }.map { $0 }
    guard let address = all.first(where: { $0.pointee.ai_family == AF_INET }) ?? all.first else {
      throw .unknownHost(host, detail: "it has no address")
    }
    descriptor = socket(address.pointee.ai_family, address.pointee.ai_socktype, address.pointee.ai_protocol)
    guard descriptor >= 0 else { throw Self.refusal(errno, host, port) }
    do throws(ServerError) {
      var on: Int32 = 1
      setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
      guard bind(descriptor, address.pointee.ai_addr, address.pointee.ai_addrlen) == 0,
        listen(descriptor, 128) == 0
      else { throw Self.refusal(errno, host, port) }
      self.port = try Self.port(of: descriptor)
    } catch {
      close(descriptor)
      throw error
    }
  }

  private static func addresses(host: String, port: Int) throws(ServerError) -> UnsafeMutablePointer<addrinfo>
  {
    var hints = addrinfo()
    hints.ai_family = AF_UNSPEC
    #if canImport(Glibc)
      hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    #else
      hints.ai_socktype = SOCK_STREAM
    #endif
    hints.ai_flags = AI_PASSIVE
    var found: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(host, String(port), &hints, &found)
    guard code == 0, let found else {
      throw .unknownHost(host, detail: String(cString: gai_strerror(code)))
    }
    return found
  }

  private static func port(of descriptor: Int32) throws(ServerError) -> Int {
    var address = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let code = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
    }
    guard code == 0 else { throw .system(String(cString: strerror(errno))) }
    // The port stands at the same place in addresses of both kinds.
    return withUnsafeBytes(of: address) { Int($0[2]) << 8 | Int($0[3]) }
  }

  private static func refusal(_ number: Int32, _ host: String, _ port: Int) -> ServerError {
    switch number {
    case EADDRINUSE: .portTaken(host: host, port: port)
    case EACCES, EPERM: .noPermission(port: port)
    case EADDRNOTAVAIL: .unknownHost(host, detail: String(cString: strerror(number)))
    default: .system(String(cString: strerror(number)))
    }
  }
}
