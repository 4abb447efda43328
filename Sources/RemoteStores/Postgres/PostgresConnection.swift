import MartletCPQ
import MartletVectorStore

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// One connection to a server of PostgreSQL's, for one thread at a time.
///
/// Whatever comes from outside goes to the server as a parameter, beside the text of a statement and never in it.
final class PostgresConnection: @unchecked Sendable {
  /// The store, as messages call it.
  let title: String
  private let connection: OpaquePointer
  private let notices = Notices()
  /// How deep transactions are nested; only the outermost is one.
  private var depth = 0

  /// Seconds to wait for a server that does not answer, where the address names no other number.
  private static let connectSeconds = "10"

  /// Connects.
  ///
  /// - Parameters:
  ///   - address: What libpq understands: an address, perhaps with a password.
  ///   - title: The same without a password.
  init(address: String, title: String) throws(RemoteStoreError) {
    self.title = title
    let named = try PostgresSettings(address, title)
    // What the address says overrides what stands before it, and is overridden by what stands behind.
    let settings =
      [
        ("connect_timeout", Self.connectSeconds), ("application_name", "martlet"), ("keepalives_idle", "30"),
        ("keepalives_interval", "10"), ("keepalives_count", "3"),
      ] + named.values + [("client_encoding", "UTF8")]
    guard let connection = Self.connect(settings) else {
      throw .unreachable(store: title, detail: "there is no memory for a connection")
    }
    guard PQstatus(connection) == CONNECTION_OK else {
      let message = named.hidingSecrets(in: Self.message(connection))
      let isRefusal = PQconnectionNeedsPassword(connection) == 1 || message.contains("authentication failed")
      PQfinish(connection)
      throw isRefusal
        ? .noPermission(store: title, detail: message) : .unreachable(store: title, detail: message)
    }
    self.connection = connection
    PQsetNoticeProcessor(connection, Notices.take, Unmanaged.passUnretained(notices).toOpaque())
  }

  deinit { PQfinish(connection) }

  /// Whether the server has not hung up, as far as is known.
  var isUsable: Bool {
    PQstatus(connection) == CONNECTION_OK && PQtransactionStatus(connection) == PQTRANS_IDLE
  }

  /// The server's warnings since the last call.
  func takeWarnings() -> [String] { notices.takeAll() }

  // MARK: Statements

  /// Runs one statement and waits for its end, unless the task is cancelled: then the server is told to stop.
  ///
  /// - Parameters:
  ///   - sql: The statement; `$1` and so on stand for the parameters.
  ///   - values: The parameters.
  @discardableResult
  func run(_ sql: String, _ values: [PostgresValue] = []) throws -> PostgresRows {
    try Cancellation.check()
    try send(sql, values)
    let rows = try result()
    switch PQresultStatus(rows.pointer) {
    case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: return rows
    default:
      if Cancellation.isRequested { throw CancellationError() }
      throw failure(rows)
    }
  }

  /// Runs `body` as one transaction: all of its changes are kept, or none. Within another it is a part of that one.
  ///
  /// - Parameter kind: What follows BEGIN.
  func transaction<Result>(_ kind: String = "", _ body: () throws -> Result) throws -> Result {
    if depth == 0 { try run("BEGIN " + kind) }
    depth += 1
    defer { depth -= 1 }
    do {
      let result = try body()
      if depth == 1 { try run("COMMIT") }
      return result
    } catch {
      // A commit that failed has ended the transaction already.
      if depth == 1, PQtransactionStatus(connection) != PQTRANS_IDLE {
        Cancellation.shield { _ = try? run("ROLLBACK") }
      }
      throw error
    }
  }

  // MARK: Parts

  private static func connect(_ settings: [(String, String)]) -> OpaquePointer? {
    let keywords = settings.map { strdup($0.0) }
    let values = settings.map { strdup($0.1) }
    defer { (keywords + values).forEach { free($0) } }
    let (names, texts) = (
      keywords.map { UnsafePointer($0) } + [nil], values.map { UnsafePointer($0) } + [nil]
    )
    return names.withUnsafeBufferPointer { names in
      texts.withUnsafeBufferPointer { texts in
        // Zero: a database's name is never read as another address.
        PQconnectdbParams(names.baseAddress, texts.baseAddress, 0)
      }
    }
  }

  private func send(_ sql: String, _ values: [PostgresValue]) throws(RemoteStoreError) {
    let encoded = values.map(\.bytes)
    let types = values.map(\.type.rawValue)
    let formats = values.map { $0.isBinary ? Int32(1) : 0 }
    let lengths = encoded.map { Int32(clamping: $0?.count ?? 0) }
    guard encoded.allSatisfy({ ($0?.count ?? 0) < 1 << 30 }) else {
      throw .unfit(store: title, reason: "a value has more than a billion bytes")
    }
    // All values end to end, so that one pointer keeps them where they are. libpq wants an end of texts.
    var offsets = [Int?]()
    var all = [UInt8]()
    for bytes in encoded {
      offsets.append(bytes == nil ? nil : all.count)
      all += bytes ?? []
      all.append(0)
    }
    let sent = all.withUnsafeBytes { bytes in
      let start = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
      let pointers = offsets.map { offset in offset.flatMap { place in start.map { $0 + place } } }
      return pointers.withUnsafeBufferPointer { pointers in
        PQsendQueryParams(
          connection, sql, Int32(values.count), types, pointers.baseAddress, lengths, formats, 1)
      }
    }
    guard sent == 1 else { throw .unreachable(store: title, detail: Self.message(connection)) }
  }

  /// The last result of what was sent.
  private func result() throws(RemoteStoreError) -> PostgresRows {
    var last: PostgresRows?
    var isStopped = false
    while true {
      while PQisBusy(connection) == 1 {
        if !isStopped, Cancellation.isRequested {
          isStopped = true
          stop()
        }
        waitForBytes()
        guard PQconsumeInput(connection) == 1 else {
          throw .unreachable(store: title, detail: Self.message(connection))
        }
      }
      guard let next = PQgetResult(connection) else { break }
      last = PostgresRows(next)
    }
    guard let last else { throw .unreachable(store: title, detail: Self.message(connection)) }
    return last
  }

  /// Waits until the server sends something, or for a moment: somebody may press Ctrl-C.
  private func waitForBytes() {
    var descriptor = pollfd(fd: PQsocket(connection), events: Int16(POLLIN), revents: 0)
    _ = poll(&descriptor, 1, 100)
  }

  private func stop() {
    guard let cancel = PQgetCancel(connection) else { return }
    defer { PQfreeCancel(cancel) }
    var problem = [CChar](repeating: 0, count: 256)
    _ = PQcancel(cancel, &problem, Int32(problem.count))
  }

  private func failure(_ result: PostgresRows) -> PostgresFailure {
    func field(_ code: Int32) -> String {
      PQresultErrorField(result.pointer, code).map { String(cString: $0) } ?? ""
    }
    let primary = field(martlet_pq_diagnostic_primary())
    return PostgresFailure(
      store: title, state: field(martlet_pq_diagnostic_state()),
      message: primary.isEmpty ? Self.message(connection) : primary,
      detail: field(martlet_pq_diagnostic_detail()))
  }

  /// libpq's message, without the line break at its end.
  private static func message(_ connection: OpaquePointer) -> String {
    var text = PQerrorMessage(connection).map { String(cString: $0) } ?? "no reason is given"
    while let last = text.last, last.isWhitespace || last == "." { text.removeLast() }
    return text.replacing("\n", with: "; ").replacing("\t", with: " ")
  }
}

/// A refusal of the server's, with the code that tells which.
struct PostgresFailure: Error, Equatable, CustomStringConvertible {
  let store: String
  /// Five characters (SQLSTATE).
  let state: String
  let message: String
  let detail: String

  var description: String { error.description }

  /// Whether the same may well succeed when it is tried again: a deadlock, or states that cannot be serialized.
  var isTransient: Bool { ["40P01", "40001"].contains(state) }

  /// The error for somebody who did not expect any.
  var error: RemoteStoreError {
    let text = detail.isEmpty ? message : "\(message) (\(detail))"
    switch state {
    // Lacking rights, wrong passwords, and read-only transactions.
    case "42501", "28000", "28P01", "25006": return .noPermission(store: store, detail: text)
    // The server shuts down, or has no room for another connection.
    case "57P01", "57P02", "57P03", "53300": return .unreachable(store: store, detail: text)
    case _ where isTransient:
      return .refused(
        store: store,
        detail:
          "other programs write the same records again and again (\(text)). Let one end before the next.")
    default: return .refused(store: store, detail: text + ".")
    }
  }
}

/// What the server remarks beside its answers.
private final class Notices {
  private var texts = [String]()

  func takeAll() -> [String] {
    defer { texts = [] }
    return texts
  }

  static let take: @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<CChar>?) -> Void = {
    context, text in
    guard let context, let text else { return }
    // A server that remarks without end must not fill the memory.
    let notices = Unmanaged<Notices>.fromOpaque(context).takeUnretainedValue()
    if notices.texts.count < 100 {
      notices.texts.append(String(cString: text).replacing("\n", with: " "))
    }
  }
}
