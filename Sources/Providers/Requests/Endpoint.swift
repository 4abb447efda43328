import Foundation
import MartletHTTPClient
import MartletJSON

/// A server's API for one model: where it is, what it is shown, and how it is asked.
struct Endpoint: Sendable {
  /// The model, as messages call it.
  let name: String
  let reference: ProviderReference
  /// The server's address without a slash at its end.
  let address: String
  let settings: ProviderSettings
  let price: TokenPrice?
  let gate: RequestGate
  private let key: APIKey?
  private let fields: HTTPFields

  /// - Parameters:
  ///   - address: The server's address.
  ///   - field: What shows the server a key.
  ///   - more: Further fields of every request.
  init(
    _ reference: ProviderReference, address: String, settings: ProviderSettings,
    showing field: (APIKey) -> (name: String, value: String), _ more: HTTPFields = [:]
  ) throws(ProviderError) {
    name = reference.name
    self.reference = reference
    self.address = address
    self.settings = settings
    guard HTTPOrigin(address) != nil, let parts = URLComponents(string: address), parts.user == nil,
      parts.password == nil, parts.query == nil, parts.fragment == nil
    else {
      throw .invalidReference(
        reference.name,
        problem: "its server's address must be http or https, with a host, a path and nothing else.")
    }
    key = try settings.keys.key(for: reference.provider, at: reference.address)
    price = settings.prices.price(of: reference)
    if settings.cap != nil, price == nil {
      throw .capWithoutPrice(model: reference.name, path: settings.prices.path)
    }
    gate = RequestGate(settings.limits)
    var fields = more
    fields["Content-Type"] = "application/json"
    if let key {
      let (name, value) = field(key)
      fields.setSecret(name, to: value)
    }
    self.fields = fields
  }

  /// A try that did not work. It may work next time, and not before `after` where the server said so.
  struct Passing: Error {
    let reason: String
    var after: Duration?
  }

  // MARK: One try

  /// Sends a request and gives the answer whole, as JSON.
  /// - Throws: ``Passing``, ``ProviderError``, `CancellationError`.
  func json(_ method: String = "POST", _ path: String, _ body: JSON? = nil) async throws -> JSON {
    let answer = try await open(method, path, body, accepting: "application/json")
    let bytes: [UInt8]
    do { bytes = try await answer.body.all() } catch let error as HTTPClientError { throw try passing(error) }
    do { return try JSON(parsing: bytes) } catch {
      throw unexpected("it is no JSON (\(error)), but ‘\(excerpt(bytes))’")
    }
  }

  /// Sends a request whose answer are events.
  /// - Throws: ``Passing``, ``ProviderError``, `CancellationError`.
  func events(_ path: String, _ body: JSON) async throws -> ServerSentEvents {
    let answer = try await open("POST", path, body, accepting: "text/event-stream")
    guard answer.head.mediaType == "text/event-stream" else {
      throw unexpected(
        "it is \(answer.head.mediaType ?? "of no stated kind") instead of a stream of events (text/event-stream)"
      )
    }
    return answer.body.events()
  }

  private func open(
    _ method: String, _ path: String, _ body: JSON?, accepting kind: String
  ) async throws -> HTTPClient.StreamedResponse {
    var request = HTTPClient.Request(
      method: method, address + path, fields: fields, body: body.map { Array($0.serialized().utf8) })
    request.fields["Accept"] = kind
    do {
      let answer = try await HTTPClient(timeouts: settings.timeouts).stream(request)
      guard answer.head.isSuccess else { throw failure(answer.head, try await answer.body.all()) }
      return answer
    } catch let error as HTTPClientError {
      throw try passing(error)
    }
  }

  /// What an answer that is no success says, as an error without the key.
  private func failure(_ head: HTTPResponseHead, _ body: [UInt8]) -> any Error {
    let json = try? JSON(parsing: body)
    let text =
      json?["error"]?["message"]?.stringValue ?? json?["error"]?.stringValue ?? json?["message"]?.stringValue
      ?? json?["detail"]?.stringValue ?? String(decoding: body, as: UTF8.self)
    let message = clean(text)
    switch head.status {
    case 401, 403:
      let advice =
        key == nil
        ? "No key was sent; write one for \(HTTPOrigin(address)?.description ?? address) to \(settings.keys.path)"
        : "Check the key"
      return ProviderError.noPermission(model: name, status: head.status, message: message, advice: advice)
    // A server that cannot do something (501) will not be able to the next time.
    case 408, 409, 429, 500, 502...:
      return Passing(
        reason: "the server answers with status \(head.status)" + (message.isEmpty ? "" : " (\(message))"),
        after: head.retryAfter())
    default: return ProviderError.refused(model: name, status: head.status, message: message)
    }
  }

  /// What a failure of the connection means: another try, or the end.
  func passing(_ error: HTTPClientError) throws -> Passing {
    switch error {
    case .unreachable, .silent, .timedOut, .broken: return Passing(reason: plain(error))
    case .cancelled: throw CancellationError()
    case .invalidAddress, .invalidField, .untrusted, .tooLong, .redirected, .eventTooLong, .unusable:
      throw ProviderError.unavailable(model: name, reason: plain(error), tries: 1)
    }
  }

  private func plain(_ error: HTTPClientError) -> String {
    let text = error.description
    return text.hasSuffix(".") ? String(text.dropLast()) : text
  }

  func unexpected(_ problem: String) -> ProviderError {
    .unexpectedAnswer(model: name, problem: problem + ".")
  }

  func excerpt(_ bytes: some Collection<UInt8>) -> String {
    clean(String(decoding: bytes.prefix(2000), as: UTF8.self))
  }

  /// A server's text in one line, without the key, and not too long.
  func clean(_ text: String) -> String {
    let known = key?.scrubbed(text) ?? text
    let words = known.split(whereSeparator: { character in
      character.isWhitespace
        || character.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F })
    })
    let line = words.joined(separator: " ")
    let short = line.count > 300 ? line.prefix(300) + "…" : line[...]
    return short.hasSuffix(".") ? String(short.dropLast()) : String(short)
  }

  // MARK: Several tries

  /// Tries until it works, or until another try is no use.
  func retrying<Result>(_ attempt: () async throws -> Result) async throws -> Result {
    var failures = 0
    while true {
      do { return try await attempt() } catch let failure as Passing {
        failures += 1
        guard failures < settings.patience.tries else {
          throw ProviderError.unavailable(model: name, reason: failure.reason, tries: failures)
        }
        var pause = settings.patience.pause(afterFailures: failures)
        if let wish = failure.after {
          guard wish <= settings.patience.longestWish else {
            throw ProviderError.unavailable(
              model: name,
              reason: "\(failure.reason) and asks to wait for \(wish.components.seconds) s",
              tries: failures)
          }
          // A little later than asked, so that many clients do not come back at the same moment.
          pause = wish * Double.random(in: 1...1.1)
        }
        try await Task.sleep(for: pause)
      }
    }
  }

  /// A request with a whole answer, as often as it takes, from the cache where it is there.
  /// - Parameters:
  ///   - tokens: The most tokens of the prompt and of the answer, for limits and the cap.
  ///   - usage: What the answer says that it took.
  func call(
    _ path: String, _ body: JSON, worst tokens: (prompt: Int, completion: Int),
    usage: @escaping @Sendable (JSON) -> TokenUsage?
  ) async throws -> JSON {
    let key = ResponseCache.key(of: self, path: path, body: body, repetition: 0)
    if let known = try settings.cache?.answer(for: key) { return known }
    let answer = try await retrying {
      try await gate.pass(tokens: tokens.prompt + tokens.completion) {
        let bill = try Bill(self, prompt: tokens.prompt, completion: tokens.completion)
        do {
          let answer = try await json("POST", path, body)
          bill.settle(usage(answer))
          return answer
        } catch {
          bill.release()
          throw error
        }
      }
    }
    try settings.cache?.keep(answer, for: key, model: name)
    return answer
  }
}

/// What a request may cost, until it is known what it does cost.
struct Bill: Sendable {
  private let cap: SpendingCap?
  private let price: TokenPrice?
  private let reservation: SpendingCap.Reservation?

  init(_ endpoint: Endpoint, prompt: Int, completion: Int) throws(ProviderError) {
    cap = endpoint.settings.cap
    price = endpoint.price
    guard let cap, let price else { reservation = nil; return }
    reservation = try cap.reserve(
      price.worst(promptTokens: prompt, completionTokens: completion), for: endpoint.name)
  }

  /// The request is done. Where the server does not say what it took, the worst case counts.
  func settle(_ usage: TokenUsage?) {
    guard let cap, let reservation else { return }
    cap.settle(reservation, cost: usage.flatMap { price?.cost(of: $0) } ?? reservation.amount)
  }

  /// The server did nothing.
  func release() {
    guard let cap, let reservation else { return }
    cap.settle(reservation, cost: 0)
  }
}
