import MartletJSON

/// The description of a router's routes by OpenAPI 3.1, which Chroma's server has at `/openapi.json`, and a page for people.
enum OpenAPI {
  /// Adds the routes that describe those which the router has.
  static func addRoutes(to router: inout Router) {
    let routes = router.summaries
    let (document, page) = (Array(document(of: routes).serialized().utf8), Array(page(of: routes).utf8))
    router.on(.get, "/openapi.json") { _ in .json(document) }
    router.on(.get, "/docs/*") { request in
      guard request.target.path == ["docs"] || request.target.path == ["docs", ""] else {
        throw HTTPError.notFound("There is nothing at /\(request.target.path.joined(separator: "/")).")
      }
      return HTTPResponse(
        status: 200, headers: ["Content-Type": "text/html; charset=utf-8"], body: .bytes(page))
    }
  }

  private typealias Routes = [(method: HTTPMethod, path: String, summary: String)]

  private static func document(of routes: Routes) -> JSON {
    var paths = JSONObject()
    for route in routes {
      var methods = paths[route.path]?.objectValue ?? [:]
      methods[route.method.rawValue.lowercased()] = operation(route)
      paths[route.path] = .object(methods)
    }
    return [
      "openapi": "3.1.0",
      "info": [
        "title": "Martlet", "description": "Chroma's HTTP API, version 2.",
        "version": .string(ChromaAPI.version),
      ],
      "paths": .object(paths),
      "components": [
        "schemas": .object(OpenAPISchemas.all),
        "securitySchemes": ["x-chroma-token": ["type": "apiKey", "in": "header", "name": "x-chroma-token"]],
      ],
    ]
  }

  private static func operation(_ route: Routes.Element) -> JSON {
    let names = route.path.split(separator: "/").filter { $0.hasPrefix("{") }.map {
      String($0.dropFirst().dropLast())
    }
    var operation: JSONObject = ["summary": .string(route.summary)]
    operation["parameters"] = .array(
      names.map { ["name": .string($0), "in": "path", "required": true, "schema": ["type": "string"]] }
        + OpenAPISchemas.queries(of: route.method, route.path).map {
          ["name": .string($0), "in": "query", "schema": ["type": "integer", "minimum": 0]]
        })
    if let schema = OpenAPISchemas.body(of: route.method, route.path) {
      operation["requestBody"] = [
        "required": true, "content": ["application/json": ["schema": reference(schema)]],
      ]
    }
    let failure: JSON = [
      "description": "An error", "content": ["application/json": ["schema": reference("ErrorResponse")]],
    ]
    let success = route.path.hasSuffix("/add") ? "201" : "200"
    operation["responses"] = .object([
      success: ["description": "Done", "content": ["application/json": ["schema": [:]]]],
      "default": failure,
    ])
    return .object(operation)
  }

  private static func reference(_ schema: String) -> JSON {
    ["$ref": .string("#/components/schemas/\(schema)")]
  }

  private static func page(of routes: Routes) -> String {
    let rows = routes.map { "<tr><td>\($0.method.rawValue)<td><code>\($0.path)</code><td>\($0.summary)" }
    return """
      <!DOCTYPE html>
      <html lang="en">
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width">
      <title>Martlet: HTTP API</title>
      <style>
      body { font: 16px/1.4 system-ui, sans-serif; margin: 2em auto; max-width: 75em; padding: 0 1em; }
      td { border-top: 1px solid #ccc; padding: .3em 1em .3em 0; vertical-align: top; }
      code { overflow-wrap: anywhere; }
      </style>
      <h1>Martlet: HTTP API</h1>
      <p>This server answers Chroma's HTTP API, version 2. <a href="/openapi.json">/openapi.json</a> describes it for
      programs.</p>
      <table>
      \(rows.joined(separator: "\n"))
      </table>
      </html>

      """
  }
}
