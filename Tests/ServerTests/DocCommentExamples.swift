import MartletServer

/// The code in doc comments of the module, which lint compares with these lines: it compiles.
private enum DocCommentExamples {
  static func router() -> Router {
    var router = Router()
    router.on(.get, "/greetings/{name}", "Greets") { request in
      HTTPResponse(status: 200, body: .bytes(Array("Hello, \(request.parameters["name"] ?? "")".utf8)))
    }
    return router
  }

  static func server(_ router: Router, _ access: ServerAccess) throws {
    let server = try HTTPServer(host: "127.0.0.1", port: 0, router: router, access: access) { print($0) }
    print("http://127.0.0.1:\(server.port)")
    server.stop()
  }
}
