import MartletJSON
import MartletVectorStore

/// Martlet's tables, and what a connection needs to use them.
enum PostgresSchema {
  /// The version of the tables' form.
  static let version = 1

  /// Two programs that begin at the same time must not both make the tables. The number means nothing.
  private static let lock = 6_277_101_735

  /// Brings a new connection into the state that all statements count on.
  static func configure(_ connection: PostgresConnection, readOnly: Bool) throws {
    let encoding = try connection.run("SHOW server_encoding").map { $0.text(0) }.first ?? ""
    guard encoding == "UTF8" else {
      throw RemoteStoreError.unfit(
        store: connection.title, reason: "the database's encoding is \(encoding), where texts need UTF8")
    }
    // Of remarks only warnings matter. What is not parameters depends on no setting of the user's.
    try connection.run(
      """
      SELECT set_config('client_min_messages', 'warning', false), set_config('extra_float_digits', '1', false),
        set_config('default_transaction_read_only', $1, false)
      """, [.text(readOnly ? "on" : "off")])
    try setSearchPath(connection)
  }

  /// pgvector's operators are where its extension is, which need not be the schema that the user looks through.
  private static func setSearchPath(_ connection: PostgresConnection) throws {
    try connection.run(
      """
      SELECT set_config('search_path', quote_ident(n.nspname), false)
      FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'vector'
      """)
  }

  /// Whether there is anything of Martlet's; an error where it is of a newer form.
  static func exists(_ connection: PostgresConnection) throws -> Bool {
    // Not by `to_regclass`, which may still remember that there was nothing before it had to wait for another's lock.
    let tables = try connection.run(
      """
      SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = 'martlet' AND c.relname = 'meta'
      """)
    guard tables.count > 0 else { return false }
    let found = try connection.run("SELECT value FROM martlet.meta WHERE key = 'format'").integer
    guard let found else { return false }
    guard found <= version else {
      throw RemoteStoreError.newerFormat(store: connection.title, found: found, supported: version)
    }
    return true
  }

  /// Makes what is missing.
  static func prepare(_ connection: PostgresConnection) throws {
    guard try !exists(connection) else { return }
    try connection.transaction {
      try connection.run("SELECT pg_advisory_xact_lock($1)", [.integer(lock)])
      guard try !exists(connection) else { return }
      try makeExtension(connection)
      if try connection.run("SELECT 1 WHERE to_regnamespace('martlet') IS NOT NULL").count == 0 {
        try connection.run("CREATE SCHEMA martlet")
      }
      try connection.run("CREATE TABLE martlet.meta (key text PRIMARY KEY, value bigint NOT NULL)")
      try connection.run(
        """
        CREATE TABLE martlet.collections (
          number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
          id uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
          tenant text NOT NULL, database text NOT NULL, name text COLLATE "C" NOT NULL,
          dimension integer, distance text NOT NULL,
          embedder text, revision text, maximum_tokens bigint, precision text,
          created timestamptz NOT NULL DEFAULT now(),
          metadata jsonb NOT NULL, client_configuration text,
          index_method text, index_parameters jsonb,
          UNIQUE (tenant, database, name))
        """)
      try connection.run("INSERT INTO martlet.meta VALUES ('format', $1)", [.integer(version)])
    }
    try setSearchPath(connection)
  }

  private static func makeExtension(_ connection: PostgresConnection) throws {
    // Asking first: one who may not make extensions may still use one that is there.
    guard try connection.run("SELECT 1 FROM pg_extension WHERE extname = 'vector'").count == 0 else { return }
    do {
      try connection.run("CREATE EXTENSION IF NOT EXISTS vector")
    } catch let failure as PostgresFailure where ["0A000", "58P01", "42501"].contains(failure.state) {
      throw RemoteStoreError.noVectorExtension(store: connection.title, detail: failure.message)
    }
  }

  /// The server passes over a schema that the user may not use, and would say that there is no type "vector".
  private static func checkUsage(_ connection: PostgresConnection) throws {
    let hidden = try connection.run(
      """
      SELECT quote_ident(n.nspname), quote_ident(current_user)
      FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
      WHERE e.extname = 'vector' AND NOT has_schema_privilege(n.oid, 'USAGE')
      """
    ).map { ($0.text(0), $0.text(1)) }.first
    guard let (schema, user) = hidden else { return }
    throw RemoteStoreError.noPermission(
      store: connection.title,
      detail:
        "pgvector is in schema \(schema), which this user may not use; have its owner run GRANT USAGE ON "
        + "SCHEMA \(schema) TO \(user)")
  }

  /// The numbers of pgvector's types.
  static func vectorTypes(_ connection: PostgresConnection) throws -> VectorTypes {
    try checkUsage(connection)
    let found = try connection.run(
      """
      SELECT t.oid::bigint, t.typarray::bigint, e.extversion
      FROM pg_extension e JOIN pg_type t ON t.typnamespace = e.extnamespace AND t.typname = 'vector'
      WHERE e.extname = 'vector'
      """
    ).map { row in
      VectorTypes(
        vector: PostgresType(rawValue: UInt32(truncatingIfNeeded: row.integer(0))),
        vectors: PostgresType(rawValue: UInt32(truncatingIfNeeded: row.integer(1))),
        version: row.text(2).split(separator: ".").map { Int($0) ?? 0 })
    }.first
    guard let found else {
      throw RemoteStoreError.noVectorExtension(
        store: connection.title, detail: "the extension was taken out of this database")
    }
    return found
  }
}

/// A row of the table of collections.
struct PostgresCollectionRow: Sendable {
  let number: Int
  let id: String
  let configuration: CollectionConfiguration
  let index: PostgresIndex?

  private static let columns = """
    number, id::text, tenant, database, name, dimension, distance, embedder, revision, maximum_tokens, precision,
    metadata, client_configuration, index_method, index_parameters
    """

  /// The rows that a condition leaves.
  static func read(
    _ connection: PostgresConnection, _ condition: String, _ values: [PostgresValue] = []
  ) throws -> [PostgresCollectionRow] {
    try connection.run("SELECT \(columns) FROM martlet.collections \(condition)", values).map { row in
      guard let distance = Distance(rawValue: row.text(6)) else {
        throw RemoteStoreError.unexpectedAnswer(
          store: connection.title, detail: "collection \(row.text(4)) has no known distance")
      }
      let embedder = row.optionalText(7).map {
        EmbedderIdentity(
          name: $0, revision: row.text(8), maximumTokens: row.integer(9), precision: row.text(10))
      }
      let configuration = CollectionConfiguration(
        name: row.text(4), namespace: Namespace(tenant: row.text(2), database: row.text(3)),
        dimension: row.optionalInteger(5), distance: distance, embedder: embedder,
        metadata: try PostgresMetadata.read(row.json(11), of: "collection \(row.text(4))", connection.title),
        clientConfiguration: row.optionalText(12))
      return PostgresCollectionRow(
        number: row.integer(0), id: row.text(1), configuration: configuration,
        index: PostgresIndex(method: row.optionalText(13), parameters: row.json(14)))
    }
  }

  /// Writes a new row and gives its number.
  static func insert(_ wanted: CollectionConfiguration, _ connection: PostgresConnection) throws -> Int {
    do {
      return try connection.run(
        """
        INSERT INTO martlet.collections (tenant, database, name, dimension, distance, embedder, revision,
          maximum_tokens, precision, metadata, client_configuration)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING number
        """,
        [
          .text(wanted.namespace.tenant), .text(wanted.namespace.database), .text(wanted.name),
          .integer(wanted.dimension), .text(wanted.distance.rawValue), .text(wanted.embedder?.name),
          .text(wanted.embedder?.revision), .integer(wanted.embedder?.maximumTokens),
          .text(wanted.embedder?.precision),
          .json(
            try PostgresMetadata.encoded(
              wanted.metadata, of: "collection \(wanted.name)", connection.title)),
          .text(wanted.clientConfiguration),
        ]
      ).integer ?? 0
    } catch let failure as PostgresFailure where failure.state == "23505" {
      throw VectorStoreError.collectionExists(name: wanted.name)
    }
  }
}
