/// An event of a server (HTML Living Standard, section 9.2).
public struct ServerSentEvent: Sendable, Equatable {
  /// Its kind; `message` where the server does not say.
  public var event: String
  /// What it says; lines are separated by `\n`.
  public var data: String
  /// The last id that the server has given, in this event or before.
  public var id: String?

  /// An event.
  public init(event: String = "message", data: String, id: String? = nil) {
    self.event = event
    self.data = data
    self.id = id
  }
}

/// Reads server-sent events from bytes that come in pieces of any size (HTML Living Standard, section 9.2.6).
///
/// ```swift
/// var parser = ServerSentEventParser()
/// let events = try parser.take(Array("event: greeting\ndata: hello\ndata: there\n\n".utf8))
/// print(events[0].event, events[0].data)
/// ```
public struct ServerSentEventParser: Sendable {
  private let longestEvent: Int
  private var line: [UInt8] = []
  private var isFirstLine = true
  private var followsCarriageReturn = false
  private var event = ""
  private var data = ""
  private var hasData = false
  private var byteCount = 0
  private var id: String?

  /// A parser.
  /// - Parameter longestEvent: The most bytes of one event, its line breaks included.
  public init(longestEvent: Int = 16 << 20) { self.longestEvent = longestEvent }

  /// Whether the bytes so far end inside an event, which the standard says is to be thrown away.
  public var isInsideEvent: Bool { hasData || !line.isEmpty }

  /// Reads the next bytes.
  /// - Returns: The events that they complete.
  /// - Throws: ``HTTPClientError/eventTooLong(limit:)``.
  public mutating func take(_ bytes: some Sequence<UInt8>) throws(HTTPClientError) -> [ServerSentEvent] {
    var events: [ServerSentEvent] = []
    for byte in bytes {
      let endsPair = followsCarriageReturn && byte == 0x0A
      followsCarriageReturn = byte == 0x0D
      if endsPair { continue }
      guard byte == 0x0A || byte == 0x0D else {
        byteCount += 1
        guard byteCount <= longestEvent else { throw .eventTooLong(limit: longestEvent) }
        line.append(byte)
        continue
      }
      if let event = endLine() { events.append(event) }
    }
    return events
  }

  private mutating func endLine() -> ServerSentEvent? {
    defer { line.removeAll(keepingCapacity: true) }
    if isFirstLine {
      isFirstLine = false
      if line.starts(with: [0xEF, 0xBB, 0xBF]) { line.removeFirst(3) }
    }
    guard !line.isEmpty else { return dispatch() }
    let colon = line.firstIndex(of: UInt8(ascii: ":"))
    // A line that begins with a colon is a comment, by which servers keep connections alive.
    if colon == 0 {
      byteCount -= line.count
      return nil
    }
    var value = colon.map { line[($0 + 1)...] } ?? []
    if value.first == 0x20 { value.removeFirst() }
    take(field: String(decoding: line[..<(colon ?? line.endIndex)], as: UTF8.self), value)
    return nil
  }

  private mutating func take(field name: String, _ value: ArraySlice<UInt8>) {
    switch name {
    case "event": event = String(decoding: value, as: UTF8.self)
    case "data":
      if hasData { data += "\n" }
      data += String(decoding: value, as: UTF8.self)
      hasData = true
    case "id": if !value.contains(0) { id = String(decoding: value, as: UTF8.self) }
    // `retry` is for clients that connect again by themselves; others are to be ignored.
    default: break
    }
  }

  private mutating func dispatch() -> ServerSentEvent? {
    defer { (event, data, hasData, byteCount) = ("", "", false, 0) }
    return hasData ? ServerSentEvent(event: event.isEmpty ? "message" : event, data: data, id: id) : nil
  }
}
