import MartletServer
import MartletVectorStore

extension Command {
  /// Answers other programs.
  static let serve: Command = Command(
    name: "serve", summary: "Serve the store over HTTP, with Chroma's API.",
    discussion: ServeOptions.discussion, parameters: ServeOptions.definitions,
    examples: [
      .init("martlet serve", "Serve the store at http://127.0.0.1:8000:"),
      .init("MARTLET_API_KEY=… martlet serve --host 0.0.0.0", "Serve others, too, who know the key:"),
    ]
  ) { arguments, console in
    let host = arguments[ServeOptions.host]
    let key = Environment["MARTLET_API_KEY"].flatMap { $0.isEmpty ? nil : $0 }
    let access = try ServerAccess(host: host, key: key)
    let database = try Database.open(at: StoreParameters.folder(arguments, for: "serve"))
    defer { database.close() }
    var limits = ServerLimits()
    limits.body = arguments[ServeOptions.maximumBody]
    limits.searchSeconds = Double(arguments[ServeOptions.maximumSeconds])
    var router = Router()
    let api = ChromaAPI(
      database: database, limits: limits, allowsReset: arguments[ServeOptions.allowsReset],
      report: console.warn)
    api.addRoutes(to: &router)
    let server = try HTTPServer(
      host: host, port: arguments[ServeOptions.port], router: router, access: access, limits: limits,
      report: console.warn)
    defer { server.stop() }
    let shown = host.contains(":") ? "[\(host)]" : host
    try console.result("listening on http://\(shown):\(server.port)\n")
    try console.flush()
    // Ctrl-C and SIGTERM cancel the task. What was put right in the store meanwhile is told as it happens.
    while !Task.isCancelled {
      for warning in database.takeWarnings() { console.warn(warning) }
      try? await Task.sleep(for: .seconds(1))
    }
  }
}
