import MartletJSON
import MartletVectorStore

extension ChromaAPI {
  func addTenantRoutes(to router: inout Router) {
    on(.post, "/tenants", "Create a tenant", in: &router) { try createTenant($0) }
    on(.get, "/tenants/{tenant}", "A tenant", in: &router) { request in
      let name = request.parameters["tenant"] ?? ""
      try requireTenant(name)
      return .json(["name": .string(name), "resource_name": nil])
    }
    on(.patch, "/tenants/{tenant}", "Change a tenant (not implemented)", in: &router) { _ in
      throw HTTPError.notImplemented(
        "Tenants have no resource names here, as they have none in Chroma on one machine.")
    }
    on(.get, "/tenants/{tenant}/databases", "The databases of a tenant", in: &router) {
      try listDatabases($0)
    }
    on(.post, "/tenants/{tenant}/databases", "Create a database", in: &router) { try createDatabase($0) }
    on(.get, Self.database, "A database", in: &router) { .json(json(of: try info($0))) }
    on(.delete, Self.database, "Delete a database with its collections", in: &router) { request in
      try database.deleteNamespace(try info(request).namespace)
      return .json([:])
    }
  }

  private func createTenant(_ request: HTTPRequest) throws -> HTTPResponse {
    let name = try readName(request)
    guard name.unicodeScalars.count >= 3 else {
      throw HTTPError.invalid(
        "Validation error: name: a tenant's name has at least 3 characters. Got: \(name)")
    }
    do { try database.createTenant(name) } catch VectorStoreError.namespaceExists {
      throw HTTPError(status: 409, message: "Tenant [\(name)] already exists")
    }
    return .json([:])
  }

  private func createDatabase(_ request: HTTPRequest) throws -> HTTPResponse {
    let tenant = request.parameters["tenant"] ?? ""
    let name = try readName(request)
    try ChromaNames.check(name)
    try requireTenant(tenant)
    do { try database.createNamespace(Namespace(tenant: tenant, database: name)) } catch VectorStoreError
      .namespaceExists
    {
      throw HTTPError(status: 409, message: "Database [\(name)] already exists")
    }
    return .json([:])
  }

  private func listDatabases(_ request: HTTPRequest) throws -> HTTPResponse {
    let tenant = request.parameters["tenant"] ?? ""
    let (limit, offset) = try page(request)
    try requireTenant(tenant)
    let page = try database.namespaces(of: tenant).dropFirst(offset).prefix(limit ?? .max)
    return .json(.array(page.map(json)))
  }

  private func readName(_ request: HTTPRequest) throws -> String {
    var name: String?
    try readPayload(request.body, notices) { member, reader in
      guard member == "name" else { return false }
      name = try reader.text(at: "name")
      return true
    }
    guard let name else { throw HTTPError.misshapen("missing field `name`") }
    return name
  }

  private func requireTenant(_ name: String) throws {
    guard try database.hasTenant(name) else { throw HTTPError.notFound("Tenant [\(name)] not found") }
  }

  /// The database that a request's path names.
  func info(_ request: HTTPRequest) throws -> Database.NamespaceInfo {
    let namespace = namespace(request)
    guard namespace.database.unicodeScalars.count >= 3 else {
      throw HTTPError.invalid("database name must be at least 3 characters")
    }
    guard let info = try database.namespaces(of: namespace.tenant).first(where: { $0.namespace == namespace })
    else {
      throw HTTPError.notFound("Database [\(namespace.database)] not found")
    }
    return info
  }

  private func json(of info: Database.NamespaceInfo) -> JSON {
    [
      "id": .string(info.id), "name": .string(info.namespace.database),
      "tenant": .string(info.namespace.tenant),
    ]
  }
}
