import MartletCMicroHTTPD

/// A request as it comes in, from its first line to the end of its answer. Only its connection's thread knows it.
final class Exchange {
  /// The first line's target, as it was sent.
  let target: String
  private var request: HTTPRequest?
  private var refusal: HTTPError?
  private var body: [UInt8] = []
  private var received = 0
  /// Bytes taken from the budget.
  private(set) var reserved = 0
  /// The share of the answer that is being sent.
  var share: AnswerShare?

  init(target: String) { self.target = target }

  /// Whether the head was looked at.
  var hasBegun: Bool { request != nil || refusal != nil }

  /// Reads the head. An error is the answer, and the body is not waited for.
  func begin(method: String, headers: HTTPHeaders, core: ServerCore) throws(HTTPError) {
    do throws(HTTPError) {
      guard let known = HTTPMethod(rawValue: method) else {
        throw HTTPError(status: 405, message: "The method \(method) is not known here.")
      }
      let request = HTTPRequest(method: known, target: try HTTPTarget(target), headers: headers)
      if let refusal = core.access.refusal(of: request) { throw refusal }
      if core.isStopping { throw HTTPError(status: 503, message: "The server is stopping.") }
      try reserve(request.announcedBody, core)
      self.request = request
    } catch {
      refusal = error
      throw error
    }
  }

  private func reserve(_ announced: Int?, _ core: ServerCore) throws(HTTPError) {
    let limit = core.limits.body
    let bytes = announced ?? limit
    guard bytes <= limit else { throw .tooLarge(limit: limit) }
    guard bytes > 0 else { return }
    guard core.budget.take(bytes, within: Double(core.limits.headSeconds)) else {
      throw HTTPError(
        status: 503, message: "Too many large requests at a time. Try again later.",
        headers: ["Retry-After": "5"])
    }
    reserved = bytes
    if let announced { body.reserveCapacity(announced) }
  }

  /// Takes a part of the body. What is above the limit is not kept; false where so much came that the connection
  /// should end.
  func append(_ part: UnsafeBufferPointer<CChar>, limit: Int) -> Bool {
    received += part.count
    guard received <= limit else {
      body = []
      refusal = .tooLarge(limit: limit)
      // A chunked body can be answered only after its end; nobody waits for that for ever.
      return received <= 4 * limit
    }
    body.append(contentsOf: UnsafeRawBufferPointer(part))
    return true
  }

  /// The whole request, once its body is there.
  func finished() throws(HTTPError) -> HTTPRequest {
    if let refusal { throw refusal }
    guard var request else { throw .fault("The request has no head.") }
    self.request = nil
    request.body = body
    body = []
    return request
  }
}
