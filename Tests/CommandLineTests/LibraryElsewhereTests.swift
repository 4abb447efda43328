import Foundation
import MartletJSON
import MartletStoreServers
import Testing

@testable import MartletCommandLine

@Suite("index, search and ask in stores elsewhere", .needs(Models.embedder))
struct LibraryElsewhereTests {
  private struct Elsewhere {
    let place: LibraryPlace
    let store: String
    var collection = "notes"
    var environment: [String: String] = [:]

    func object(_ arguments: String...) throws -> JSON {
      var program = place.program
      program.environment.merge(environment) { $1 }
      let result = try program.run(arguments + ["--store", store, "--collection", collection, "--json"])
      try #require(result.status == 0, "\(result.errors)")
      return try JSON(parsing: result.text)
    }
  }

  /// What a search found, its scores to six digits: the distances of stores differ by rounding.
  private func found(_ json: JSON) -> [[String]] {
    (json["results"]?.arrayValue ?? []).map { result in
      ["id", "path", "start_line", "text"].map { result[$0]?.serialized() ?? "" }
        + [String(format: "%.5f", result["score"]?.doubleValue ?? .nan)]
    }
  }

  /// The same files, indexed in a folder and elsewhere, are found alike, before and after they change.
  private func worksAsInAFolder(_ elsewhere: Elsewhere) throws {
    let place = elsewhere.place
    try place.write("tower.txt", "The gallery ladder is inspected every six months.\nSwifts leave in August.")
    try place.write(
      "cats.md", "# Cats\n\nCats sleep for most of the day.\n\n# Dogs\n\nDogs bark at the tower.\n")
    try place.write("empty.txt", "")
    let first = try elsewhere.object("index", place.documents.path)
    #expect(first["added"] == 3 && first["chunks"]?.intValue ?? 0 > 1)
    try agree(elsewhere)
    #expect(try elsewhere.object("index", place.documents.path)["unchanged"] == 3)

    try place.write("tower.txt", "The gallery ladder was sold to a collector of ladders.")
    try FileManager.default.removeItem(at: place.documents.appending(path: "cats.md"))
    let second = try elsewhere.object("index", place.documents.path)
    #expect(second["changed"] == 1 && second["removed"]?.arrayValue?.count == 1)
    try agree(elsewhere)
    #expect(found(try elsewhere.object("search", "cats", "--by", "words")).isEmpty)
  }

  private func agree(_ elsewhere: Elsewhere) throws {
    let place = elsewhere.place
    _ = try place.object("index", place.documents.path)
    for way in ["semantic", "keyword", "hybrid"] {
      let here = found(try place.object("search", "ladders at the tower", "--by", way))
      #expect(!here.isEmpty)
      #expect(found(try elsewhere.object("search", "ladders at the tower", "--by", way)) == here, "\(way)")
    }
  }

  @Test(
    "PostgreSQL, asked as well",
    .enabled(if: TestPostgres.isThere, "no PostgreSQL could be started: \(TestPostgres.problem ?? "")"),
    .needs("qwen2.5-coder-0.5b-instruct"))
  func postgres() throws {
    let server = try TestPostgres.start()
    try withLibraryPlace { place in
      let elsewhere = Elsewhere(place: place, store: TestPostgres.address("postgres", of: server))
      try worksAsInAFolder(elsewhere)
      let answer = try elsewhere.object("ask", "Who bought the gallery ladder?")
      #expect(answer["answered"]?.boolValue == true)
      #expect(answer["answer"]?.stringValue?.contains("collector") == true)
      #expect(answer["quotes"]?[0]?["path"]?.stringValue == place.documents.appending(path: "tower.txt").path)
      let whole = try elsewhere.object("ask", "Summarize tower.txt")
      #expect(whole["answered"]?.boolValue == true)
    }
    withExtendedLifetime(server) {}
  }

  @Test(
    "Chroma's own server",
    .enabled(if: TestChroma.isThere, "chromadb could not be started: \(TestChroma.problem ?? "")"))
  func chroma() throws {
    try withLibraryPlace { place in
      try worksAsInAFolder(
        Elsewhere(place: place, store: TestChroma.address(), collection: TestChroma.newName()))
    }
  }

  @Test("Another machine's martlet serve")
  func server() throws {
    try withLibraryPlace { place in
      let served = place.folder.appending(path: "served").path
      let server = try ServeProcess(
        ["--store", served, "--port", "0"], environment: ["MARTLET_API_KEY": "k3y"])
      try worksAsInAFolder(
        Elsewhere(place: place, store: server.address, environment: ["MARTLET_API_KEY": "k3y"]))
    }
  }

  @Test("A collection keeps its embedder through martlet serve, in both directions")
  func embedderThroughServer() throws {
    try withLibraryPlace { place in
      try place.write("swift.md", "The swift sleeps on the wing.")
      _ = try place.object("index", place.documents.path)
      let server = try ServeProcess(["--store", place.store, "--port", "0"])
      let served = Elsewhere(place: place, store: server.address, collection: "default")
      #expect(try !found(served.object("search", "how do birds rest")).isEmpty)
      let filled = Elsewhere(place: place, store: server.address, collection: "over-http")
      _ = try filled.object("index", place.documents.path)
      #expect(server.end(SIGTERM) == 0)
      #expect(try !found(place.object("search", "how do birds rest", "--collection", "over-http")).isEmpty)
    }
  }
}
