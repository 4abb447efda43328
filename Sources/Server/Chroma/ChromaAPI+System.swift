import Foundation
import MartletJSON

extension ChromaAPI {
  /// The version that clients are told: that of Chroma's server whose API this is.
  static let version = "1.0.0"

  func addSystemRoutes(to router: inout Router) {
    // Chroma's asynchronous client asks at the root.
    for path in ["", "/heartbeat"] {
      on(.get, path, "The time, in nanoseconds since 1970", in: &router) { _ in
        .json(["nanosecond heartbeat": JSON(Int(Date().timeIntervalSince1970 * 1e9))])
      }
    }
    on(.get, "/healthcheck", "Whether the server is ready", in: &router) { _ in
      .json(["is_executor_ready": true, "is_log_client_ready": true])
    }
    on(.get, "/version", "The version of the API", in: &router) { _ in .json(.string(Self.version)) }
    on(.get, "/pre-flight-checks", "What a request may hold", in: &router) { _ in
      .json(["max_batch_size": JSON(maximumBatch), "supports_base64_encoding": true])
    }
    on(.get, "/auth/identity", "The tenant and databases of the caller", in: &router) { _ in
      .json(["user_id": "", "tenant": "default_tenant", "databases": ["default_database"]])
    }
    on(.post, "/reset", "Delete everything, where the server allows it", in: &router) { _ in
      guard allowsReset else {
        throw HTTPError(
          status: 403, message: "Resetting is not allowed by this configuration: start with --allow-reset.")
      }
      try database.reset()
      return .json(true)
    }
    for method in HTTPMethod.allCases where method != .head {
      router.on(method, "/api/v1/*") { _ in
        throw HTTPError(
          status: 410, name: "Unimplemented", message: "The v1 API is deprecated. Please use /v2 apis")
      }
    }
  }

  /// What Chroma's hosted service has, and Chroma's own server on one machine neither.
  func addMissingRoutes(to router: inout Router) {
    let missing: [(HTTPMethod, String, String)] = [
      (.post, "/search", "Search: use query"), (.post, "/fork", "Forking a collection"),
      (.get, "/fork_count", "Counting forks"), (.post, "/functions/attach", "Attaching a function"),
      (.post, "/attached_functions/{name}/add_input", "Attached functions"),
      (.post, "/attached_functions/{name}/detach", "Attached functions"),
      (.post, "/conditional/get", "Conditional transactions"),
      (.post, "/conditional/commit", "Conditional transactions"),
    ]
    on(.get, "/collections/{crn}", "A collection by its resource name (not implemented)", in: &router) { _ in
      throw HTTPError.notImplemented(
        "Resource names are not implemented here, as tenants have none: name the tenant and the database in the path."
      )
    }
    on(.get, Self.collection + "/functions/{name}", "An attached function", in: &router) { _ in
      throw HTTPError.notFound("Attached function not found")
    }
    for (method, path, what) in missing {
      on(method, Self.collection + path, "\(what) (not implemented)", in: &router) { _ in
        throw HTTPError.notImplemented(
          "\(what) is not implemented here, as it is not by Chroma on one machine.")
      }
    }
  }
}
