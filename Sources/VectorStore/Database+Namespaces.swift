import MartletSQLite

extension Database {
  /// A database of a tenant, with the id that clients know it by.
  public struct NamespaceInfo: Sendable, Equatable {
    /// Its names.
    public var namespace: Namespace
    /// A UUID.
    public var id: String
  }

  /// Whether there is a tenant of that name.
  public func hasTenant(_ name: String) throws -> Bool {
    try readers.read { try $0.integer("SELECT 1 FROM tenants WHERE name = ?", .text(name)) != nil }
  }

  /// Makes a tenant.
  public func createTenant(_ name: String) throws { try transaction { try $0.createTenant(name) } }

  /// The databases of a tenant in the order of their names.
  public func namespaces(of tenant: String) throws -> [NamespaceInfo] {
    try readers.read { connection in
      try connection.rows("SELECT name, id FROM namespaces WHERE tenant = ? ORDER BY name", [.text(tenant)]) {
        (row: SQLiteRow) throws(VectorStoreError) in
        NamespaceInfo(namespace: Namespace(tenant: tenant, database: row.text(0)), id: row.text(1))
      }
    }
  }

  /// Makes a database of a tenant.
  public func createNamespace(_ namespace: Namespace) throws {
    try transaction { try $0.createNamespace(namespace) }
  }

  /// Drops a database of a tenant with its collections.
  public func deleteNamespace(_ namespace: Namespace) throws {
    for info in try transaction({ try $0.deleteNamespace(namespace) }) { indexes.drop(info) }
  }

  /// Drops everything: all collections, and all tenants and databases but `Namespace.default`, which is then empty.
  public func reset() throws {
    for info in try transaction({ try $0.deleteEverything() }) { indexes.drop(info) }
  }
}
