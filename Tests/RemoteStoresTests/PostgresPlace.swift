import MartletStoreServers
import Testing

@testable import MartletRemoteStores
@testable import MartletVectorStore

/// A database of its own for one test, dropped when the test ends.
final class PostgresPlace: Sendable {
  let database: String
  let location: StoreLocation

  init() throws {
    database = TestPostgres.newName()
    location = try StoreLocation(store: TestPostgres.address(database))
    try Self.administer("CREATE DATABASE \(database)")
  }

  deinit { try? Self.administer("DROP DATABASE \(database) WITH (FORCE)") }

  func open(_ mode: Database.Mode = .readWrite) throws -> PostgresStore {
    try PostgresStore.open(location, mode: mode)
  }

  /// Runs SQL past the store's own code.
  @discardableResult
  func run(_ sql: String) throws -> [String] { try Self.run(sql, TestPostgres.address(database)) }

  static func administer(_ sql: String) throws { try run(sql, TestPostgres.address("postgres")) }

  @discardableResult
  static func run(_ sql: String, _ address: String) throws -> [String] {
    try PostgresConnection(address: address, title: "test").run(sql).map { $0.text(0) }
  }
}
