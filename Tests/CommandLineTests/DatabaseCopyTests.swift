import Foundation
import MartletJSON
import MartletStoreServers
import MartletTestScope
import Testing

@testable import MartletCommandLine

/// A folder with a store of three records, and the program.
private struct CopyPlace {
  let place: LibraryPlace
  var environment: [String: String] = [:]

  var birds: String { place.store + "#birds" }

  func run(_ arguments: String..., input: String? = nil) throws -> MartletProcess.Result {
    var program = place.program
    program.environment.merge(environment) { $1 }
    program.input = input.map { Data($0.utf8) }
    return try program.run(arguments)
  }

  func object(_ arguments: String..., input: String? = nil) throws -> JSON {
    var program = place.program
    program.environment.merge(environment) { $1 }
    program.input = input.map { Data($0.utf8) }
    let result = try program.run(arguments + ["--json"])
    try #require(result.status == 0, "\(result.errors)")
    return try JSON(parsing: result.text)
  }

  /// The records of a collection as lines, sorted by nothing.
  func lines(_ store: String, _ collection: String) throws -> String {
    let result = try run("db", "export", collection, "-", "--store", store)
    try #require(result.status == 0, "\(result.errors)")
    return result.text
  }
}

private func withCopyPlace(_ body: (CopyPlace) throws -> Void) throws {
  try withLibraryPlace { place in
    let copy = CopyPlace(place: place)
    _ = try copy.object(
      "db", "import", "birds", "-", "--distance", "l2", "--store", place.store, input: records)
    try body(copy)
  }
}

private let records = """
  {"id": "swift", "embedding": [1.0, 0.0, 0.25], "document": "Swifts sleep on the wing.", "metadata": {"names": ["a", "b"], "weight": 40.0, "year": 1999}, "uri": null}
  {"id": "kiwi", "embedding": [0.9, 0.1, -3e-05], "document": "Kiwis cannot fly.", "metadata": {"year": 2005}, "uri": "file:///kiwi"}
  {"id": "rent", "embedding": [0.0, 1.0, 0.0], "document": null, "metadata": {}, "uri": null}

  """

@Suite("martlet db copy", .startsProcesses)
struct DatabaseCopyTests {
  @Test("A collection is copied between folders and verified; a second time it is refused")
  func folders() throws {
    try withCopyPlace { place in
      let to = place.place.folder.appending(path: "to").path
      let report = try place.object("db", "copy", place.birds, to + "#100%25 birds")
      #expect(
        report["records"] == 3 && report["left_out_sources"] == 0 && report["replaced_unfinished"] == false)
      #expect(report["from"]?.stringValue == place.birds)
      #expect(try place.lines(to, "100% birds") == records)
      let again = try place.run("db", "copy", place.birds, to + "#100%25 birds")
      #expect(again.status == 64 && again.errors.contains("already, with 3 records"))
      let spoken = try place.run("db", "copy", place.birds, to + "#more")
      #expect(spoken.status == 0 && spoken.text.isEmpty && spoken.errors.contains("3 records copied to"))
    }
  }

  @Test("Errors have their exit codes, and say what is wanted")
  func errors() throws {
    try withCopyPlace { place in
      let cases: [([String], Int32, String)] = [
        (["copy", place.place.store, "x#y"], 64, "PATH#collection"),
        (["copy", place.birds, "mysql://h/d#x"], 64, "postgresql://user@host"),
        (["copy", place.place.store + "#none", "/nowhere#x"], 66, "There are: birds"),
        (["copy", "/nowhere#x", "x#y"], 66, "no store"),
        (["copy", place.birds, "http://127.0.0.1:1#x"], 69, "cannot be reached"),
        (
          ["copy", place.birds, "postgresql://a:s3cret@127.0.0.1:1/d#x"], 69, "postgresql://a:…@127.0.0.1:1/d"
        ),
        (["copy", place.birds, "http://h/a/b#x", "--to-namespace", "c/d"], 64, "--to-namespace"),
        (["list", "--store", "postgresql://a@127.0.0.1:1/d#x"], 64, "names a collection"),
        (["list", "--store", "http://127.0.0.1:1"], 69, "cannot be reached"),
        (["compact", "--store", "postgresql://a@127.0.0.1:1/d"], 64, "VACUUM FULL"),
        (["check", "--store", "postgresql://a@127.0.0.1:1/d"], 64, "pg_amcheck"),
        (["backup", "x", "--store", "http://127.0.0.1:1"], 64, "martlet db copy"),
        (["index", "birds", "--store", place.place.store], 64, "by itself"),
        (["index", "birds", "--lists", "3"], 64, "--method ivfflat"),
      ]
      for (arguments, status, text) in cases {
        let result = try place.place.program.run(["db"] + arguments)
        #expect(result.status == status && result.errors.contains(text), "\(arguments): \(result.errors)")
        #expect(!result.errors.contains("s3cret"))
      }
      let commands: [([String], Int32, String)] = [
        (["index", "x"], 69, "cannot be reached"), (["search", "x"], 69, "cannot be reached"),
        (["ask", "x"], 69, "cannot be reached"), (["serve"], 64, "needs a Martlet folder"),
      ]
      for (command, status, text) in commands {
        let result = try place.place.program.run(
          command + ["--store", "postgresql://a:s3cret@127.0.0.1:1/d"])
        #expect(result.status == status && result.errors.contains(text), "\(command): \(result.errors)")
        #expect(
          result.errors.contains("postgresql://a:…@127.0.0.1:1/d") && !result.errors.contains("s3cret"))
      }
    }
  }

  @Test("To a server of Martlet's, with a key and without, and back")
  func server() throws {
    try withCopyPlace { place in
      let served = place.place.folder.appending(path: "served").path
      let server = try ServeProcess(
        ["--store", served, "--port", "0"], environment: ["MARTLET_API_KEY": "k3y"])
      let refused = try place.run("db", "copy", place.birds, server.address + "#birds")
      #expect(refused.status == 77 && refused.errors.contains("MARTLET_API_KEY"))
      var place = place
      place.environment = ["MARTLET_API_KEY": "k3y"]
      _ = try place.object(
        "db", "copy", place.birds, server.address + "/default_tenant/default_database#birds")
      let back = place.place.folder.appending(path: "back").path
      _ = try place.object("db", "copy", server.address + "#birds", back + "#birds")
      #expect(try place.lines(back, "birds") == records)
      let about = try place.object("db", "describe", "birds", "--store", server.address)
      #expect(about["records"] == 3 && about["dimension"] == 3 && about["distance"] == "l2")
    }
  }

  @Test(
    "The commands work on PostgreSQL, too",
    .enabled(if: TestPostgres.isThere, "no PostgreSQL could be started: \(TestPostgres.problem ?? "")"))
  func postgres() throws {
    // No other test of this process uses that database.
    let store = try TestPostgres.address("postgres")
    try withCopyPlace { place in
      let report = try place.object(
        "db", "copy", place.birds, store + "#birds", "--to-namespace", "ann/library")
      #expect(report["records"] == 3)
      func ids(_ json: JSON, _ key: String) -> [String] {
        (json[key]?.arrayValue ?? []).compactMap { $0["id"]?.stringValue }
      }
      let named = ["--namespace", "ann/library", "--store", store]
      let indexed = try place.object(
        "db", "index", "birds", named[0], named[1], named[2], named[3], "--m", "8")
      #expect(indexed["index"] == "hnsw (m = 8, ef_construction = 64)")
      let found = try place.object(
        "db", "query", "birds", "--embedding", "[1,0,0]", "-k", "2", named[0], named[1], named[2], named[3])
      #expect(ids(found, "results") == ["kiwi", "swift"])
      let some = try place.object(
        "db", "get", "birds", "--where", #"{"year": {"$lt": 2005}}"#, named[0], named[1], named[2], named[3])
      #expect(ids(some, "records") == ["swift"])
      let list = try place.object("db", "list", "--store", store)["collections"]?.arrayValue ?? []
      #expect(list.count == 1 && list.first?["tenant"] == "ann" && list.first?["records"] == 3)
      let space = try place.object("db", "stats", "--store", store)
      #expect(space["collections"]?[0]?["table_bytes"]?.intValue ?? 0 > 0)
      _ = try place.object(
        "db", "delete", "birds", "rent", named[0], named[1], named[2], named[3])
      _ = try place.object("db", "create", "more", "--dimension", "2", "--store", store)
      let more = try place.object(
        "db", "import", "more", "-", "--store", store, input: #"{"id": "a", "embedding": [1, 2]}"#)
      #expect(more["records"] == 1)
      let words = try place.object(
        "db", "query", "birds", "--words", "wing", named[0], named[1], named[2], named[3])
      #expect(ids(words, "results") == ["swift"])
      #expect(try place.run("db", "stats", "--store", store).text.contains("index of vectors"))
      _ = try place.object("db", "drop", "more", "--store", store)
      let back = place.place.folder.appending(path: "back").path
      _ = try place.object("db", "copy", store + "#birds", back + "#birds", "--from-namespace", "ann/library")
      #expect(
        try place.lines(back, "birds") == records.split(separator: "\n").prefix(2).joined(separator: "\n")
          + "\n")
    }
  }

  @Test("Ctrl-C ends a copy with 130, and nothing of it is left")
  func interrupted() throws {
    try withCopyPlace { place in
      let lines = (0..<40_000).map { #"{"id": "\#($0)", "embedding": [1, \#($0), 3]}"# }.joined(
        separator: "\n")
      _ = try place.object("db", "import", "many", "-", "--store", place.place.store, input: lines)
      let to = place.place.folder.appending(path: "to").path
      let result = try place.place.program.interrupt(
        ["db", "copy", place.place.store + "#many", to + "#many"],
        when: { _ in FileManager.default.fileExists(atPath: to + "/martlet.sqlite-wal") })
      // A machine may be so fast that all was done before.
      guard result.status != 0 else { return }
      #expect(result.status == 130 && result.errors.contains("Interrupted"))
      #expect(try place.object("db", "list", "--store", to)["collections"] == [])
    }
  }
}
