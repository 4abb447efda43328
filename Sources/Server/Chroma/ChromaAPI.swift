import MartletJSON
import MartletVectorStore

/// Chroma's HTTP API, version 2, over a database: what the unmodified clients of Chroma call.
///
/// docs/chroma.md lists where its answers differ from those of Chroma's own server, and why.
public struct ChromaAPI: Sendable {
  let database: Database
  /// The most records of one request, which clients are told.
  let maximumBatch: Int
  /// How long a request may search.
  let maximumSeconds: Double
  private let maximumAnswer: Int
  private let answers: BodyBudget
  /// Whether clients may delete everything at once.
  let allowsReset: Bool
  let notices: Notices

  /// Creates the API.
  ///
  /// - Parameters:
  ///   - database: What it answers from; opened for reading and writing.
  ///   - limits: What is taken from clients: a batch of records must fit into a body.
  ///   - allowsReset: Whether `reset` deletes everything, as under Chroma's `allow_reset`.
  ///   - report: Is told of what requests hold that is not read here.
  public init(
    database: Database, limits: ServerLimits, allowsReset: Bool = false,
    report: @escaping @Sendable (String) -> Void
  ) {
    self.database = database
    maximumSeconds = limits.searchSeconds
    maximumAnswer = limits.answer
    answers = BodyBudget(total: limits.answersTogether)
    self.allowsReset = allowsReset
    // 12 KiB hold a vector of 1,536 numbers with its text. 64 MiB make Chroma's own 5,461 of it, which programs expect.
    maximumBatch = max(1, limits.body / (12 << 10))
    notices = Notices(report)
  }

  /// Adds the routes.
  public func addRoutes(to router: inout Router) {
    addSystemRoutes(to: &router)
    addTenantRoutes(to: &router)
    addCollectionRoutes(to: &router)
    addRecordRoutes(to: &router)
    addMissingRoutes(to: &router)
    OpenAPI.addRoutes(to: &router)
  }

  static let database = "/tenants/{tenant}/databases/{database}"
  static let collections = database + "/collections"
  static let collection = collections + "/{collection}"

  /// Adds a route whose handler may throw the errors of the layers below.
  func on(
    _ method: HTTPMethod, _ path: String, _ summary: String, in router: inout Router,
    _ handler: @escaping Router.Handler
  ) {
    router.on(method, "/api/v2" + path, summary) { request in
      do { return try handler(request) } catch { throw HTTPError(chroma: error) }
    }
  }

  /// The namespace that a request's path names.
  func namespace(_ request: HTTPRequest) -> Namespace {
    Namespace(tenant: request.parameters["tenant"] ?? "", database: request.parameters["database"] ?? "")
  }

  /// The collection whose id a request's path has.
  func collection(_ request: HTTPRequest) throws -> VectorCollection {
    let id = request.parameters["collection"] ?? ""
    guard isUUID(id) else { throw HTTPError.invalid("Collection ID is not a valid UUIDv4") }
    guard let found = try database.collection(withID: id.lowercased()),
      found.configuration.namespace == namespace(request)
    else { throw HTTPError.notFound("Collection [\(id)] does not exist.") }
    return found
  }

  /// What the answer to a request that begins now may take.
  var share: AnswerShare { AnswerShare(of: answers, limit: maximumAnswer) }

  /// By when the search of a request that begins now has to be done.
  var deadline: Deadline { Deadline(seconds: maximumSeconds) }

  /// `limit` and `offset` of a request's query.
  func page(_ request: HTTPRequest) throws -> (limit: Int?, offset: Int) {
    func number(_ name: String) throws -> Int? {
      guard let text = request.target.query[name] else { return nil }
      guard let number = UInt32(text) else {
        throw HTTPError.invalid(
          "Failed to deserialize query string: \(name): \"\(text)\" is no whole number from 0 up")
      }
      return Int(number)
    }
    return (try number("limit"), try number("offset") ?? 0)
  }
}

/// Whether a text is a UUID in its usual form.
func isUUID(_ text: String) -> Bool {
  let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
  return parts.map(\.count) == [8, 4, 4, 4, 12]
    && parts.joined().allSatisfy { ($0 | 0x20) &- 0x61 < 6 || $0 &- 0x30 < 10 }
}
