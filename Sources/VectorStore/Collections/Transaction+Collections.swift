#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

extension Transaction {
  // MARK: Collections

  func createCollection(_ configuration: CollectionConfiguration) throws(VectorStoreError) -> CollectionInfo {
    let name = configuration.name
    try CollectionConfiguration.check(name: name)
    if let dimension = configuration.dimension, !CollectionInfo.possibleDimensions.contains(dimension) {
      throw .impossibleDimension(dimension)
    }
    let namespace = try number(of: configuration.namespace)
    guard try isFree(name, in: namespace) else { throw .collectionExists(name: name) }
    try takeSequence()
    let embedder = configuration.embedder
    let created = Int(time(nil))
    let id = makeIdentifier()
    try connection.run(
      """
      INSERT INTO collections
        (id, name, namespace, dimension, distance, embedder, revision, maximum_tokens, precision, created, metadata,
         client_configuration)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """,
      .text(id), .text(name), .integer(namespace), .optional(configuration.dimension),
      .text(configuration.distance.rawValue), .optional(embedder?.name), .text(embedder?.revision ?? ""),
      .integer(embedder?.maximumTokens ?? 0), .text(embedder?.precision ?? ""), .integer(created),
      .text(configuration.metadata.encoded), .optional(configuration.clientConfiguration))
    let number = connection.lastInsertedKey
    try connection.execute(Schema.tables(of: number))
    return CollectionInfo(number: number, id: id, configuration: configuration, created: created, epoch: 0)
  }

  /// Drops the collection of that name, as this transaction sees it: another thread may have dropped it, or put another
  /// one in its place, since the caller last looked.
  ///
  /// - Returns: The collection that went.
  func deleteCollection(
    named name: String, in namespace: Namespace
  ) throws(VectorStoreError) -> CollectionInfo {
    guard let info = try CollectionInfo.named(name, in: namespace, connection) else {
      let existing = try CollectionInfo.all(connection).filter { $0.configuration.namespace == namespace }
      throw .noSuchCollection(name: name, existing: existing.map(\.configuration.name))
    }
    try deleteCollection(info)
    return info
  }

  private func deleteCollection(_ info: CollectionInfo) throws(VectorStoreError) {
    hasDeleted = true
    forget(info)
    try takeSequence()
    try connection.execute(Schema.drop(info.number))
    try connection.run("DELETE FROM collections WHERE number = ?", .integer(info.number))
  }

  /// Gives a collection another name, other metadata, or another configuration of its client's; nil leaves as it was.
  func modify(
    _ collection: VectorCollection, name: String?, metadata: Metadata?, clientConfiguration: String?
  ) throws(VectorStoreError) {
    let info = try info(of: collection)
    try takeSequence()
    if let name, name != info.configuration.name {
      try CollectionConfiguration.check(name: name)
      guard try isFree(name, in: try number(of: info.configuration.namespace)) else {
        throw .collectionExists(name: name)
      }
      try connection.run(
        "UPDATE collections SET name = ? WHERE number = ?", .text(name), .integer(info.number))
    }
    if let metadata {
      try connection.run(
        "UPDATE collections SET metadata = ? WHERE number = ?", .text(metadata.encoded), .integer(info.number)
      )
    }
    if let clientConfiguration {
      try connection.run(
        "UPDATE collections SET client_configuration = ? WHERE number = ?", .text(clientConfiguration),
        .integer(info.number))
    }
  }

  private func isFree(_ name: String, in namespace: Int) throws(VectorStoreError) -> Bool {
    try connection.integer(
      "SELECT count(*) FROM collections WHERE name = ? AND namespace = ?", .text(name), .integer(namespace))
      == 0
  }

  // MARK: Namespaces

  func number(of namespace: Namespace) throws(VectorStoreError) -> Int {
    guard
      let number = try connection.integer(
        "SELECT number FROM namespaces WHERE tenant = ? AND name = ?", .text(namespace.tenant),
        .text(namespace.database))
    else { throw .noSuchNamespace(namespace.description) }
    return number
  }

  /// Makes a tenant.
  public func createTenant(_ name: String) throws(VectorStoreError) {
    guard try connection.integer("SELECT 1 FROM tenants WHERE name = ?", .text(name)) == nil else {
      throw .namespaceExists(name)
    }
    try takeSequence()
    try connection.run("INSERT INTO tenants VALUES (?)", .text(name))
  }

  /// Makes a database of a tenant.
  public func createNamespace(_ namespace: Namespace) throws(VectorStoreError) {
    guard try connection.integer("SELECT 1 FROM tenants WHERE name = ?", .text(namespace.tenant)) != nil
    else {
      throw .noSuchNamespace(namespace.tenant)
    }
    let known = try connection.integer(
      "SELECT 1 FROM namespaces WHERE tenant = ? AND name = ?", .text(namespace.tenant),
      .text(namespace.database))
    guard known == nil else { throw .namespaceExists(namespace.description) }
    try takeSequence()
    try connection.run(
      "INSERT INTO namespaces (id, tenant, name) VALUES (?, ?, ?)", .text(makeIdentifier()),
      .text(namespace.tenant),
      .text(namespace.database))
  }

  /// Drops a database of a tenant with its collections.
  /// - Returns: The collections that went with it.
  func deleteNamespace(_ namespace: Namespace) throws(VectorStoreError) -> [CollectionInfo] {
    let number = try number(of: namespace)
    try takeSequence()
    let infos = try CollectionInfo.some(connection, "WHERE c.namespace = ?", [.integer(number)])
    for info in infos { try deleteCollection(info) }
    try connection.run("DELETE FROM namespaces WHERE number = ?", .integer(number))
    return infos
  }

  /// Drops all collections, databases and tenants but those that are there from the beginning.
  /// - Returns: The collections that there were.
  func deleteEverything() throws(VectorStoreError) -> [CollectionInfo] {
    try takeSequence()
    let infos = try CollectionInfo.all(connection)
    for info in infos { try deleteCollection(info) }
    try connection.execute("DELETE FROM namespaces; DELETE FROM tenants; \(Schema.defaultNamespace)")
    return infos
  }
}

/// A random UUID (RFC 9562, version 4).
func makeIdentifier() -> String {
  var bytes = (0..<16).map { _ in UInt8.random(in: 0...255) }
  bytes[6] = bytes[6] & 0x0F | 0x40
  bytes[8] = bytes[8] & 0x3F | 0x80
  let digits = bytes.map { byte in
    let text = String(byte, radix: 16)
    return text.utf8.count == 1 ? "0" + text : text
  }
  return [0..<4, 4..<6, 6..<8, 8..<10, 10..<16].map { digits[$0].joined() }.joined(separator: "-")
}
