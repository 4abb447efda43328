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
      if error.status == 500 { report(error.message) }
      return error.response
    } catch {
      report("\(error)")
      return HTTPError.fault("\(error)").response
    }
  }
}
