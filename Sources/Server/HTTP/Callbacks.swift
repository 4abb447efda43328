import MartletCMicroHTTPD

/// What libmicrohttpd calls, each on the thread of its connection.
enum Callbacks {
  private static func core(_ context: UnsafeMutableRawPointer?) -> ServerCore? {
    context.map { Unmanaged<ServerCore>.fromOpaque($0).takeUnretainedValue() }
  }

  /// The first line of a request has come.
  static let begin:
    @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<CChar>?, OpaquePointer?) ->
      UnsafeMutableRawPointer? = {
        context, target, _ in
        core(context)?.noteBegin()
        return Unmanaged.passRetained(Exchange(target: target.map { String(cString: $0) } ?? "")).toOpaque()
      }

  /// The head has come, or a part of the body, or its end.
  static let handle: MHD_AccessHandlerCallback = { context, connection, _, method, _, data, size, exchange in
    guard let core = core(context), let connection, let size, let box = exchange?.pointee else { return .NO }
    let exchange = Unmanaged<Exchange>.fromOpaque(box).takeUnretainedValue()
    let socket = martlet_httpd_socket(connection)
    guard exchange.hasBegun else {
      core.watch.forget(socket)
      do throws(HTTPError) {
        try exchange.begin(
          method: method.map { String(cString: $0) } ?? "", headers: headers(of: connection), core: core)
      } catch {
        return send(core.refuse(error), connection, socket, core)
      }
      core.watch.expect(socket, within: core.limits.time(for: exchange.reserved))
      return .YES
    }
    if size.pointee > 0 {
      let part = UnsafeBufferPointer(start: data, count: size.pointee)
      size.pointee = 0
      return exchange.append(part, limit: core.limits.body) ? .YES : .NO
    }
    core.watch.forget(socket)
    let response = core.answer { try exchange.finished() }
    exchange.share = response.share
    return send(response, connection, socket, core)
  }

  /// The answer was sent, or the connection was lost.
  static let complete: MHD_RequestCompletedCallback = { context, connection, exchange, _ in
    guard let core = core(context), let box = exchange?.pointee else { return }
    let ended = Unmanaged<Exchange>.fromOpaque(box).takeRetainedValue()
    exchange?.pointee = nil
    if ended.reserved > 0 { core.budget.giveBack(ended.reserved) }
    core.noteEnd()
    if let connection {
      core.watch.expect(
        martlet_httpd_socket(connection), within: .seconds(core.limits.idleSeconds + core.limits.headSeconds))
    }
  }

  /// A connection came or goes.
  static let notify: MHD_NotifyConnectionCallback = { context, connection, _, event in
    guard let core = core(context), let connection else { return }
    let socket = martlet_httpd_socket(connection)
    if martlet_httpd_is_start(event) != 0 {
      core.watch.expect(socket, within: .seconds(core.limits.headSeconds))
    } else {
      core.watch.forget(socket)
    }
  }

  private static func headers(of connection: OpaquePointer) -> HTTPHeaders {
    var headers = HTTPHeaders()
    withUnsafeMutablePointer(to: &headers) { pointer in
      martlet_httpd_headers(
        connection,
        { context, _, name, value in
          guard let context, let name else { return .YES }
          context.assumingMemoryBound(to: HTTPHeaders.self).pointee
            .append(String(cString: name), value.map { String(cString: $0) } ?? "")
          return .YES
        }, pointer)
    }
    return headers
  }

  private static func send(
    _ response: HTTPResponse, _ connection: OpaquePointer, _ socket: Int32, _ core: ServerCore
  ) -> MHD_Result {
    let bytes =
      switch response.body {
      case .bytes(let bytes): bytes
      }
    core.watch.expect(socket, within: core.limits.time(for: bytes.count))
    let built = bytes.withUnsafeBytes { martlet_httpd_response($0.baseAddress, $0.count) }
    guard let built else { return .NO }
    defer { MHD_destroy_response(built) }
    for field in response.headers.fields { MHD_add_response_header(built, field.name, field.value) }
    return MHD_queue_response(connection, UInt32(response.status), built)
  }
}
