import Synchronization

/// What all connections of a server share.
final class ServerCore: Sendable {
  let router: Router
  let access: ServerAccess
  let limits: ServerLimits
  let report: @Sendable (String) -> Void
  let budget: BodyBudget
  let watch = ConnectionWatch()
  private let state = Mutex((requests: 0, isStopping: false))

  init(
    router: Router, access: ServerAccess, limits: ServerLimits, report: @escaping @Sendable (String) -> Void
  ) {
    self.router = router
    self.access = access
    self.limits = limits
    self.report = report
    budget = BodyBudget(total: max(limits.body, limits.bodiesTogether))
  }

  /// The requests that have begun and not ended.
  var requests: Int { state.withLock { $0.requests } }
  /// Whether no more requests are taken.
  var isStopping: Bool { state.withLock { $0.isStopping } }

  func noteBegin() { state.withLock { $0.requests += 1 } }
  func noteEnd() { state.withLock { $0.requests -= 1 } }
  func beginStop() { state.withLock { $0.isStopping = true } }

  /// Answers a request, whatever happens.
  func answer(_ request: () throws -> HTTPRequest) -> HTTPResponse {
    do {
      return try router.answer(try request())
    } catch let error as HTTPError {
      return refuse(error)
    } catch {
      return refuse(.fault("The server failed.", detail: "\(error)"))
    }
  }

  /// The answer to a request that failed. What is not the client's fault is logged, under the trace that the answer names.
  func refuse(_ error: HTTPError) -> HTTPResponse {
    let trace = Self.makeTraceID()
    if error.status == 500 || error.detail != nil {
      report("trace \(trace): \(error.status) \(error.name): \(error.detail ?? error.message)")
    }
    return error.response(traceID: trace)
  }

  /// 32 random hexadecimal digits, as OpenTelemetry writes a trace.
  private static func makeTraceID() -> String {
    let digits = String(UInt128.random(in: 1 ... .max), radix: 16)
    return String(repeating: "0", count: 32 - digits.utf8.count) + digits
  }
}
