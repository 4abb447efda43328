import Foundation
import MartletSeededRandom
import MartletStoreServers
import Synchronization
import Testing

@testable import MartletRemoteStores
@testable import MartletVectorStore

@Suite(
  "PostgreSQL",
  .enabled(if: TestPostgres.isThere, "no PostgreSQL could be started: \(TestPostgres.problem ?? "")"))
struct PostgresStoreTests {
  private func withContract(_ body: (StoreContract) throws -> Void) throws {
    let place = try PostgresPlace()
    let store = try place.open()
    defer { store.close() }
    try body(StoreContract(store, name: "birds"))
    #expect(store.takeWarnings().isEmpty)
  }

  @Test("Collections are made, found, renamed and dropped, with all that they were made with")
  func collections() throws { try withContract { try $0.keepsCollections() } }

  @Test("Records come back bit for bit, in their order")
  func records() throws { try withContract { try $0.keepsRecords() } }

  @Test("Records are added, replaced, changed and deleted")
  func changes() throws { try withContract { try $0.changesRecords() } }

  @Test("What cannot be kept is refused by name")
  func refusals() throws { try withContract { try $0.refusesRecords() } }

  @Test("Each distance has Chroma's value, and filters leave what they say")
  func queries() throws { try withContract { try $0.findsNearest() } }

  @Test("Texts of users are never a part of a statement")
  func safety() throws { try withContract { try $0.isSafe() } }

  @Test("Documents are replaced whole, found by their words, and gone when they are deleted")
  func documents() throws { try withContract { try $0.keepsDocuments() } }

  @Test("What a run left unfinished is known to be, and replaced by the next")
  func unfinished() throws { try withContract { try $0.marksUnfinishedDocuments() } }

  @Test("Namespaces keep collections of one name apart")
  func namespaces() throws {
    let place = try PostgresPlace()
    let store = try place.open()
    let other = Namespace(tenant: "ann", database: "library")
    let first = try StoreContract(store, name: "birds").make()
    let second = try StoreContract(store, name: "birds", namespace: other).make()
    #expect(first.id != second.id)
    try store.dropCollection(named: "birds", in: other)
    #expect(try store.listCollections().map(\.id) == [first.id])
  }

  @Test("A database without anything of Martlet's has no collections, and reading makes nothing in it")
  func empty() throws {
    let place = try PostgresPlace()
    let store = try place.open(.readOnly)
    #expect(try store.listCollections().isEmpty)
    #expect(throws: VectorStoreError.noSuchCollection(name: "birds", existing: [])) {
      try store.collection(named: "birds")
    }
    #expect(try place.run("SELECT nspname::text FROM pg_namespace WHERE nspname = 'martlet'").isEmpty)
  }

  @Test("A store that was opened for reading does not write")
  func readOnly() throws {
    let place = try PostgresPlace()
    try StoreContract(try place.open(), name: "birds").keepsRecords()
    let reader = try place.open(.readOnly)
    let birds = try reader.collection(named: "birds")
    #expect(try birds.count() == 4)
    #expect { try birds.delete(ids: ["swift"]) } throws: { error in
      if case RemoteStoreError.noPermission = error { true } else { false }
    }
    #expect(try birds.count() == 4)
  }

  @Test("The character that PostgreSQL does not keep is refused with its place, and finds nothing")
  func zeroCharacter() throws {
    let place = try PostgresPlace()
    let birds = try StoreContract(try place.open(), name: "birds").make()
    try birds.add(StoreContract.birds)
    let bad = [
      Record(id: "a\0", embedding: [1, 1, 1]), Record(id: "b", embedding: [1, 1, 1], document: "\0"),
      Record(id: "c", embedding: [1, 1, 1], metadata: ["k\0": .bool(true)]),
      Record(id: "d", embedding: [1, 1, 1], metadata: ["k": .strings(["", "\0"])]),
      Record(id: "e", embedding: [1, 1, 1], uri: "\0"),
    ]
    for record in bad {
      #expect { try birds.add([record]) } throws: { error in
        if case RemoteStoreError.unfit(_, let reason) = error { reason.contains("U+0000") } else { false }
      }
    }
    #expect(try birds.get(ids: ["a\0", "swift"], withEmbedding: false).map(\.id) == ["swift"])
    #expect(try birds.delete(ids: ["swift\0"]) == 0)
    #expect(try birds.count() == 4)
  }

  @Test("A newer form of the tables is refused")
  func newerFormat() throws {
    let place = try PostgresPlace()
    _ = try place.open()
    try place.run("UPDATE martlet.meta SET value = 2")
    for mode in [Database.Mode.readOnly, .readWrite] {
      #expect(throws: RemoteStoreError.newerFormat(store: place.location.description, found: 2, supported: 1))
      {
        try place.open(mode)
      }
    }
  }

  @Test("Without pgvector the error says which package, and nothing is left")
  func noExtension() throws {
    let server = try TestPostgres.start(withoutVector: true)
    let location = try StoreLocation(store: TestPostgres.address("postgres", of: server))
    #expect { try PostgresStore.open(location) } throws: { error in
      guard case RemoteStoreError.noVectorExtension = error else { return false }
      return "\(error)".contains("postgresql-VERSION-pgvector")
        && "\(error)".contains("CREATE EXTENSION vector")
    }
    #expect(try PostgresStore.open(location, mode: .readOnly).listCollections().isEmpty)
  }

  @Test("Who may not make a schema is told so; who may only use what is there needs no more")
  func permissions() throws {
    let place = try PostgresPlace()
    let user = "user_\(place.database)"
    try PostgresPlace.administer("CREATE ROLE \(user) LOGIN")
    let location = try StoreLocation(store: TestPostgres.address(place.database, user: user))
    #expect { try PostgresStore.open(location) } throws: { error in
      guard let error = error as? RemoteStoreError else { return false }
      switch error {
      case .noPermission, .noVectorExtension: return "\(error)".contains("permission denied")
      default: return false
      }
    }
    try StoreContract(try place.open(), name: "birds").keepsRecords()
    try place.run("GRANT USAGE ON SCHEMA martlet TO \(user)")
    try place.run("GRANT SELECT ON ALL TABLES IN SCHEMA martlet TO \(user)")
    let store = try PostgresStore.open(location)
    #expect(try store.collection(named: "birds").count() == 4)
    #expect { try store.collection(named: "birds").delete(ids: ["swift"]) } throws: { error in
      if case RemoteStoreError.noPermission = error { true } else { false }
    }
    try place.run("DROP OWNED BY \(user)")
    try PostgresPlace.administer("DROP ROLE \(user)")
  }

  @Test("Nobody there, no such database, a wrong option: errors name the place and never the password")
  func unreachable() throws {
    let server = try TestPostgres.address("nowhere").replacing("postgres@", with: "postgres:s3cret@")
    for address in [
      server, "postgresql://ann:s3cret@127.0.0.1:1/db", "postgresql://ann:s3cret@/db?host=/nowhere",
      "postgresql://ann:s3cret@127.0.0.1/db?no_such_option=1&password=s3cret",
      "postgresql://ann:s3cret@127.0.0.1/db?password:s3cret",
      "postgresql://ann:s3cret@127.0.0.1/db?password=a=s3cret", "POSTGRESQL://ann:s3cret@127.0.0.1:1/db",
      "postgresql+psycopg://ann:s3cret@127.0.0.1:1/db",
    ] {
      #expect { try PostgresStore.open(try StoreLocation(store: address)) } throws: { error in
        guard case RemoteStoreError.unreachable = error else { return false }
        return !"\(error)".contains("s3cret") && "\(error)".contains(":…@")
      }
    }
  }

  @Test("Two writers that begin at once agree on the tables and on a collection's dimension")
  func concurrency() async throws {
    let place = try PostgresPlace()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<4 {
        group.addTask {
          let store = try place.open()
          // One of them makes it.
          _ = try? StoreContract(store, name: "birds").make()
          let birds = try store.collection(named: "birds")
          for step in 0..<5 {
            try birds.add([Record(id: "\(number)-\(step)", embedding: [1, Float(number), Float(step)])])
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(try place.open().collection(named: "birds").count() == 20)
  }

  @Test(
    "A transaction that the server breaks off because of a deadlock is run again, and both writers succeed")
  func deadlocks() throws {
    let place = try PostgresPlace()
    try place.run("ALTER DATABASE \(place.database) SET deadlock_timeout = '20ms'")
    let store = try place.open()
    try StoreContract(store, name: "birds").make().add(
      ["a", "b"].map { Record(id: $0, embedding: [1, 1, 1]) })
    let birds = try store.collection(named: "birds")
    let has = [DispatchSemaphore(value: 0), DispatchSemaphore(value: 0)]
    let done = DispatchSemaphore(value: 0)
    let attempts = Mutex(0)
    let problems = Mutex([String]())
    for number in 0..<2 {
      // Threads: tasks that wait for each other need not run at once.
      Thread {
        let order = number == 0 ? ["a", "b"] : ["b", "a"]
        var hasMet = false
        do {
          try birds.transact { connection in
            attempts.withLock { $0 += 1 }
            let sql = "UPDATE \(birds.table) SET uri = $1 WHERE id = $2"
            try connection.run(sql, [.text("\(number)"), .text(order[0])])
            if !hasMet {
              hasMet = true
              has[number].signal()
              _ = has[1 - number].wait(timeout: .now() + 30)
            }
            try connection.run(sql, [.text("\(number)"), .text(order[1])])
          }
        } catch { problems.withLock { $0.append("\(error)") } }
        done.signal()
      }.start()
    }
    for _ in 0..<2 { #expect(done.wait(timeout: .now() + 60) == .success) }
    #expect(problems.withLock { $0 } == [])
    #expect(attempts.withLock { $0 } == 3)
    let uris = try birds.get(RecordSelection(withEmbedding: false)).map(\.uri)
    #expect(uris == ["0", "0"] || uris == ["1", "1"])
  }

  @Test("An id that the server's index has no room for is named by its beginning and its length")
  func longIDs() throws {
    let place = try PostgresPlace()
    let birds = try StoreContract(try place.open(), name: "birds").make()
    var random = SplitMix64(seed: 1)
    // One that can be compressed may be longer.
    try birds.add([Record(id: String(repeating: "a", count: 6000), embedding: [1, 1, 1])])
    let characters = (0..<6000).map { _ in
      Character(Unicode.Scalar(UInt8.random(in: 33...126, using: &random)))
    }
    let long = "long-" + String(characters)
    #expect {
      try birds.add([Record(id: "a", embedding: [1, 1, 1]), Record(id: long, embedding: [1, 1, 1])])
    } throws: { error in
      guard case RemoteStoreError.unfit(_, let reason) = error else { return false }
      return reason.contains("the id that begins with \"long-") && reason.contains("has 6005 bytes")
    }
    #expect(try birds.count() == 1)
  }

  @Test("pgvector in a schema that the user may not use is an error with the grant that is missing")
  func hiddenExtension() throws {
    let place = try PostgresPlace()
    let user = "hidden_\(place.database)"
    try place.run("CREATE SCHEMA tools")
    try place.run("CREATE EXTENSION vector SCHEMA tools")
    try StoreContract(try place.open(), name: "birds").keepsRecords()
    try PostgresPlace.administer("CREATE ROLE \(user) LOGIN")
    try place.run("GRANT USAGE ON SCHEMA martlet TO \(user)")
    try place.run("GRANT SELECT ON ALL TABLES IN SCHEMA martlet TO \(user)")
    let location = try StoreLocation(store: TestPostgres.address(place.database, user: user))
    #expect { try PostgresStore.open(location, mode: .readOnly) } throws: { error in
      guard case RemoteStoreError.noPermission = error else { return false }
      return "\(error)".contains("GRANT USAGE ON SCHEMA tools TO \(user)")
    }
    try place.run("GRANT USAGE ON SCHEMA tools TO \(user)")
    let birds = try PostgresStore.open(location, mode: .readOnly).collection(named: "birds")
    #expect(try birds.nearest(VectorQuery([1, 0, 0], limit: 1)).count == 1)
    try place.run("DROP OWNED BY \(user)")
    try PostgresPlace.administer("DROP ROLE \(user)")
  }

  @Test("Statistics of a collection that the user may not read are the server's estimate, and that is said")
  func missingGrant() throws {
    let place = try PostgresPlace()
    let user = "reader_\(place.database)"
    try StoreContract(try place.open(), name: "closed").keepsRecords()
    try StoreContract(try place.open(), name: "open").keepsRecords()
    try PostgresPlace.administer("CREATE ROLE \(user) LOGIN")
    try place.run("GRANT USAGE ON SCHEMA martlet TO \(user)")
    try place.run("GRANT SELECT ON martlet.meta, martlet.collections, martlet.records_2 TO \(user)")
    let location = try StoreLocation(store: TestPostgres.address(place.database, user: user))
    let store = try PostgresStore.open(location, mode: .readOnly)
    #expect(try store.statistics().map(\.name) == ["closed", "open"])
    let warnings = store.takeWarnings()
    #expect(warnings.count == 1 && warnings[0].contains("Collection closed cannot be read"))
    #expect { try store.collection(named: "closed").count() } throws: { error in
      if case RemoteStoreError.noPermission = error { true } else { false }
    }
    #expect(try store.collection(named: "open").count() == 4)
    try place.run("DROP OWNED BY \(user)")
    try PostgresPlace.administer("DROP ROLE \(user)")
  }

  @Test("A statement at work ends when its task is cancelled, and the connection is good for the next")
  func cancellation() async throws {
    let place = try PostgresPlace()
    let store = try place.open()
    // Were it not cancelled on the server, the test would not end today.
    let task = Task { try store.withConnection { _ = try $0.run("SELECT pg_sleep(86400)") } }
    try await Task.sleep(for: .milliseconds(200))
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(try store.listCollections().isEmpty)
  }

  @Test("Statistics tell what a collection takes")
  func statistics() throws {
    let place = try PostgresPlace()
    let store = try place.open()
    try StoreContract(store, name: "birds").keepsRecords()
    let statistics = try #require(try store.statistics().first)
    #expect(statistics.name == "birds" && statistics.recordCount == 4 && statistics.dimension == 3)
    #expect(statistics.tableBytes > 0 && statistics.indexBytes > 0 && statistics.index == nil)
  }
}
