import Foundation
import MartletJSON
import MartletVectorStore
import Testing

@testable import MartletServer

/// A server with Chroma's API over a new database, on a free port.
final class TestServer {
  let folder: URL
  let database: Database
  let server: HTTPServer
  let reports = Reports()

  init(key: String? = nil, limits: ServerLimits = ServerLimits(), allowsReset: Bool = false) throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString)")
    database = try Database.open(at: folder.path)
    var router = Router()
    let report: @Sendable (String) -> Void = { [reports] in reports.add($0) }
    ChromaAPI(database: database, limits: limits, allowsReset: allowsReset, report: report)
      .addRoutes(to: &router)
    server = try HTTPServer(
      host: "127.0.0.1", port: 0, router: router, access: ServerAccess(host: "127.0.0.1", key: key),
      limits: limits, report: report)
  }

  deinit {
    server.stop()
    database.close()
    try? FileManager.default.removeItem(at: folder)
  }

  func connect() throws -> RawConnection { try RawConnection(port: server.port) }

  /// One request over a connection of its own.
  func call(_ method: String, _ path: String, _ body: String? = nil) throws -> RawResponse {
    try call(method, path, bytes: body.map { Array($0.utf8) })
  }

  func call(_ method: String, _ path: String, bytes body: [UInt8]?) throws -> RawResponse {
    let connection = try connect()
    try connection.send(method, "/api/v2" + path, body)
    return try connection.response(hasBody: method != "HEAD")
  }

  static let collections = "/tenants/default_tenant/databases/default_database/collections"

  /// Makes a collection, and gives the path of its routes.
  func makeCollection(_ name: String = "birds", _ more: String = "") throws -> String {
    let answer = try call("POST", Self.collections, "{\"name\": \"\(name)\"\(more)}")
    try #require(answer.status == 200, "\(answer.text)")
    return "\(Self.collections)/\(try #require(answer.json["id"]?.stringValue))"
  }

  /// Whether the server answers as ever.
  var isWell: Bool { (try? call("GET", "/heartbeat").status) == 200 }
}

/// What a server reports.
final class Reports: @unchecked Sendable {
  private let lock = NSLock()
  private var texts: [String] = []

  func add(_ text: String) { lock.withLock { texts.append(text) } }
  var all: [String] { lock.withLock { texts } }
}

/// An answer as it came.
struct RawResponse {
  var status: Int
  var headers: [String: String]
  var body: [UInt8]

  var text: String { String(decoding: body, as: UTF8.self) }
  var json: JSON { (try? JSON(parsing: body)) ?? .null }
  /// Chroma's error name, where the answer is an error in Chroma's form.
  var error: String? { json["message"]?.stringValue == nil ? nil : json["error"]?.stringValue }
}

/// A connection whose bytes are sent by hand. One thread may send while another one receives.
final class RawConnection: @unchecked Sendable {
  private let descriptor: Int32
  private var received: [UInt8] = []

  struct Failure: Error, CustomStringConvertible {
    var description: String
  }

  init(port: Int) throws {
    #if canImport(Glibc)
      descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #else
      descriptor = socket(AF_INET, SOCK_STREAM, 0)
    #endif
    var patience = timeval(tv_sec: 60, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let code = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Foundation.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard code == 0 else { throw Failure(description: "connect: \(String(cString: strerror(errno)))") }
  }

  deinit { close(descriptor) }

  /// Sends a whole request.
  func send(_ method: String, _ path: String, _ body: [UInt8]? = nil, headers: [String] = []) throws {
    var lines = ["\(method) \(path) HTTP/1.1", "Host: 127.0.0.1"] + headers
    if let body { lines += ["Content-Type: application/json", "Content-Length: \(body.count)"] }
    try send(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + (body ?? []))
  }

  func send(_ text: String) throws { try send(Array(text.utf8)) }

  func send(_ bytes: [UInt8]) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw Failure(description: "send: \(String(cString: strerror(errno)))") }
      rest = rest.dropFirst(count)
    }
  }

  /// Says that nothing more comes.
  func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// Whether the server has closed the connection, waited for.
  func waitForEnd() -> Bool {
    while true {
      guard let more = try? receive() else { return true }
      if more == 0 { return true }
    }
  }

  /// Reads an answer.
  func response(hasBody: Bool = true) throws -> RawResponse {
    let end = Array("\r\n\r\n".utf8)
    var headEnd: Int?
    while headEnd == nil {
      headEnd = received.firstRange(of: end)?.lowerBound
      if headEnd == nil, try receive() == 0 {
        throw Failure(description: "closed: \(String(decoding: received, as: UTF8.self))")
      }
    }
    let head = String(decoding: received[..<(headEnd ?? 0)], as: UTF8.self).components(separatedBy: "\r\n")
    received.removeFirst((headEnd ?? 0) + 4)
    var headers: [String: String] = [:]
    for line in head.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      headers[parts[0].lowercased()] = parts.count > 1 ? parts[1].trimmingCharacters(in: .whitespaces) : ""
    }
    let count = hasBody ? Int(headers["content-length"] ?? "0") ?? 0 : 0
    while received.count < count, try receive() > 0 {}
    defer { received.removeFirst(min(count, received.count)) }
    return RawResponse(
      status: Int(head[0].split(separator: " ")[1]) ?? 0, headers: headers,
      body: Array(received.prefix(count)))
  }

  private func receive() throws -> Int {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    let count = buffer.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
    guard count >= 0 else { throw Failure(description: "recv: \(String(cString: strerror(errno)))") }
    received += buffer.prefix(count)
    return count
  }
}
