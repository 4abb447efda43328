import Foundation
import MartletJSON
import MartletStoreServers
import MartletTestScope
import Testing

@testable import MartletCommandLine

/// A store, and `martlet db` on it.
private struct DatabasePlace {
  let place: LibraryPlace

  func run(_ arguments: String..., input: String? = nil) throws -> MartletProcess.Result {
    try run(arguments, input: input)
  }

  func run(_ arguments: [String], input: String? = nil) throws -> MartletProcess.Result {
    var program = place.program
    program.input = input.map { Data($0.utf8) }
    return try program.run(["db"] + arguments + ["--store", place.store])
  }

  func object(_ arguments: String..., input: String? = nil) throws -> JSON {
    let result = try run(arguments + ["--json"], input: input)
    try #require(result.status == 0, "\(result.errors)")
    return try JSON(parsing: result.text)
  }

  func path(_ name: String) -> String { place.folder.appending(path: name).path }

  func write(_ text: String, _ name: String) throws {
    try Data(text.utf8).write(to: URL(filePath: path(name)))
  }
}

private func withDatabasePlace(_ body: (DatabasePlace) throws -> Void) throws {
  try withLibraryPlace { try body(DatabasePlace(place: $0)) }
}

private let birds = """
  {"id": "swift", "embedding": [1, 0, 0], "document": "Swifts sleep on the wing.", "metadata": {"year": 1999, "topic": "birds"}}
  {"id": "kiwi", "embedding": [0.9, 0.1, 0], "document": "Kiwis cannot fly.", "metadata": {"year": 2005, "topic": "birds"}, "uri": "file:///kiwi"}
  {"id": "rent", "embedding": [0, 1, 0], "document": "The rent is due on Friday.", "metadata": {"year": 2005}}

  """

@Suite("martlet db", .startsProcesses)
struct DatabaseCommandTests {
  private func ids(_ json: JSON, _ key: String) -> [String] {
    (json[key]?.arrayValue ?? []).compactMap { $0["id"]?.stringValue }
  }

  @Test("A collection is made, filled, described, asked, printed, and emptied; each command has its JSON")
  func life() throws {
    try withDatabasePlace { place in
      let made = try place.object("create", "notes", "--distance", "l2", "--metadata", #"{"owner": "Ann"}"#)
      #expect(made["name"] == "notes" && made["records"] == 0 && made["dimension"] == .null)
      let filled = try place.object("import", "notes", "-", input: birds)
      #expect(filled["records"] == 3 && filled["embedded"] == 0)
      let about = try place.object("describe", "notes")
      #expect(about["records"] == 3 && about["dimension"] == 3 && about["distance"] == "l2")
      #expect(about["embedder"] == .null && about["metadata"]?["owner"] == "Ann")
      #expect(about["tenant"] == "default_tenant" && about["database"] == "default_database")
      let list = try place.object("list")
      #expect(list["collections"]?.arrayValue == [about])
      let found = try place.object("query", "notes", "--embedding", "[1, 0, 0]", "-k", "2")
      #expect(ids(found, "results") == ["swift", "kiwi"])
      #expect(found["results"]?[0]?["distance"] == 0.0 && found["results"]?[0]?["embedding"] == nil)
      #expect(found["results"]?[1]?["uri"] == "file:///kiwi")
      let later = try place.object(
        "query", "notes", "--embedding", "[1, 0, 0]", "--where", #"{"year": {"$gte": 2000}}"#,
        "--where-document",
        #"{"$contains": "fly"}"#, "--exact", "--embeddings")
      #expect(ids(later, "results") == ["kiwi"] && later["results"]?[0]?["embedding"]?[1]?.doubleValue == 0.1)
      #expect(try ids(place.object("query", "notes", "--words", "rent"), "results") == ["rent"])
      let unused = try place.run("query", "notes", "--words", "rent", "--exact")
      #expect(unused.status == 64 && unused.errors.contains("--exact goes with --embedding or --text"))
      let both = try place.object("query", "notes", "--embedding", "[1, 0, 0]", "--words", "rent")
      #expect(ids(both, "results").count == 3 && both["results"]?[0]?["id"] == "rent")
      #expect(both["results"]?[1]?["id"] == "swift" && both["results"]?[1]?["distance"] == 0.0)
      #expect((both["results"]?[0]?["score"]?.doubleValue ?? 0) > 0.1)
      let some = try place.object(
        "query", "notes", "--embedding", "[1, 0, 0]", "--words", "rent", "--where", #"{"topic": "birds"}"#)
      #expect(ids(some, "results") == ["swift", "kiwi"])
      let got = try place.object("get", "notes", "kiwi", "moa")
      #expect(ids(got, "records") == ["kiwi"] && got["missing"] == ["moa"])
      #expect(try ids(place.object("get", "notes", "--offset", "1", "-n", "1"), "records") == ["kiwi"])
      #expect(try place.object("delete", "notes", "--where", #"{"topic": "birds"}"#) == ["deleted": 2])
      #expect(try place.object("delete", "notes", "rent", "moa") == ["deleted": 1])
      #expect(try place.object("drop", "notes") == ["dropped": "notes", "records": 0])
      #expect(try place.object("list") == ["collections": []])
    }
  }

  @Test("People read tables and lines, and what was done on standard error")
  func people() throws {
    try withDatabasePlace { place in
      let filled = try place.run("import", "notes", "-", input: birds)
      #expect(
        filled.errors == "3 records imported; collection notes now has 3 records.\n" && filled.output.isEmpty)
      #expect(try place.run("list").text.contains("notes             3          3  cosine"))
      #expect(try place.run("describe", "notes").text.contains("  vectors    3 numbers\n"))
      let found = try place.run("query", "notes", "--embedding", "[0, 2, 0]", "-k", "1").text
      #expect(found == "1. rent  distance 0.0000\n   The rent is due on Friday.\n   {\"year\":2005}\n")
      #expect(try place.run("delete", "notes", "swift").errors == "1 record was deleted.\n")
      #expect(try place.run("drop", "notes").errors == "Collection notes was dropped with 2 records.\n")
    }
  }

  @Test("What is exported as JSON lines comes back as it was, through a file and through a pipe")
  func lines() throws {
    try withDatabasePlace { place in
      _ = try place.object("import", "notes", "-", input: birds)
      let told = try place.object("export", "notes", place.path("notes.jsonl"))
      #expect(told["records"] == 3 && told["ids_file"] == .null && told["notes"] == [])
      let file = try String(contentsOfFile: place.path("notes.jsonl"), encoding: .utf8)
      #expect(try place.run("export", "notes", "-").text == file)
      _ = try place.object("import", "again", "-", input: file)
      #expect(try place.run("export", "again", "-").text == file)
      let some = try place.run("export", "notes", "-", "--where", #"{"year": 1999}"#)
      #expect(some.text.split(separator: "\n").count == 1 && some.text.contains("swift"))
    }
  }

  @Test(
    "Vectors go through the formats that hold them alone, and what is left out is said",
    arguments: ["npy", "fvecs", "faiss"])
  func formats(_ format: String) throws {
    try withDatabasePlace { place in
      _ = try place.object("import", "notes", "-", "--distance", "l2", input: birds)
      let file = place.path("x.\(format)")
      let told = try place.object("export", "notes", file)
      #expect(told["format"] == .string(format) && told["ids_file"] == .string(file + ".ids"))
      #expect(told["notes"]?.arrayValue?.count == 4)
      let spoken = try place.run("export", "notes", file)
      #expect(spoken.errors.contains("does not hold the text of a record: 3 were left out."))
      let filled = try place.object("import", "again", file)
      #expect(filled["records"] == 3)
      #expect(try place.object("describe", "again")["distance"] == (format == "faiss" ? "l2" : "cosine"))
      let got = try place.object("get", "again", "--embeddings")
      #expect(ids(got, "records") == ["swift", "kiwi", "rent"])
      #expect(got["records"]?[2]?["embedding"] == [0.0, 1.0, 0.0])
    }
  }

  @Test("A file that is malformed ends the import with 65 and its place; a collection is not made for it")
  func malformed() throws {
    try withDatabasePlace { place in
      let result = try place.run("import", "notes", "-", input: birds + "{\"id\": 7}\n")
      #expect(result.status == 65)
      #expect(result.errors.contains("/dev/stdin, line 4: \"id\" is a number; it should be a string."))
      #expect(try place.object("list") == ["collections": []])
      try place.write("not an index", "x.faiss")
      let index = try place.run("import", "notes", place.path("x.faiss"))
      #expect(index.status == 65 && index.errors.contains("byte 0 (kind of index)"))
      #expect(try place.run("import", "notes", place.path("none.npy")).status == 66)
      #expect(try place.run("import", "notes", place.path("x.bin")).status == 64)
    }
  }

  @Test(
    "Ids that are there already are an error, unless --replace says otherwise; what was kept before is said")
  func existing() throws {
    try withDatabasePlace { place in
      _ = try place.object("import", "notes", "-", input: birds)
      let again = try place.run("import", "notes", "-", input: birds)
      #expect(again.status == 64 && again.errors.contains("There is a record swift already"))
      #expect(again.errors.contains("With --replace, new records take the place"))
      let changed = #"{"id": "swift", "embedding": [0, 0, 1]}"#
      #expect(try place.object("import", "notes", "-", "--replace", input: changed)["records"] == 1)
      #expect(
        try ids(place.object("query", "notes", "--embedding", "[0, 0, 2]", "-k", "1"), "results") == ["swift"]
      )
      let many = (0..<3000).map { #"{"id": "\#($0)", "embedding": [1, \#($0 < 2500 ? "1" : "true"), 0]}"# }
      let broken = try place.run("import", "notes", "-", input: many.joined(separator: "\n"))
      #expect(broken.status == 65 && broken.errors.contains("2048 records before that were kept."))
      #expect(try place.object("describe", "notes")["records"] == 2051)
      let other = try place.run("import", "notes", "-", "--distance", "l2", input: changed)
      #expect(other.status == 64 && other.errors.contains("--distance is for a new collection"))
    }
  }

  @Test("A collection without an embedder takes no texts, and says what to do")
  func noEmbedder() throws {
    try withDatabasePlace { place in
      _ = try place.object("import", "notes", "-", input: birds)
      let text = try place.run("query", "notes", "--text", "birds")
      #expect(text.status == 64 && text.errors.contains("--embedding"))
      let bare = try place.run("import", "notes", "-", input: #"{"id": "x", "document": "y"}"#)
      #expect(bare.status == 64 && bare.errors.contains("no embedder is known for it"))
    }
  }

  @Test("Texts are embedded as they are imported, and found by their meaning", .needs(Models.embedder))
  func texts() throws {
    try withDatabasePlace { place in
      let texts = ["Swifts sleep on the wing.", "The rent is due on Friday."].enumerated().map {
        #"{"id": "\#($0)", "document": "\#($1)"}"#
      }
      let filled = try place.object(
        "import", "notes", "-", "--embedder", Models.embedder, input: texts.joined(separator: "\n"))
      #expect(filled["embedded"] == 2 && filled["truncated"] == 0)
      let about = try place.object("describe", "notes")
      #expect(about["dimension"] == 384 && about["embedder"]?["name"] == .string(Models.embedder))
      let found = try place.object(
        "query", "notes", "--text", "when do I have to pay for the flat?", "-k", "1")
      #expect(ids(found, "results") == ["1"])
      let wrong = try place.run("query", "notes", "--embedding", "[1, 2]")
      #expect(wrong.status == 64 && wrong.errors.contains("384 numbers; this one has 2"))
      let none = try place.run("import", "notes", "-", input: #"{"id": "x"}"#)
      #expect(none.status == 65 && none.errors.contains("neither a vector nor a document"))
    }
  }

  @Test(
    "A folder of chromadb's is imported with its distance; several collections are told apart by their names",
    .enabled(if: ChromaPython.path != nil, "chromadb could not be installed: \(ChromaPython.problem)"))
  func chromaFolder() throws {
    let folder = try ChromaFolderFixture.made.get().path
    try withDatabasePlace { place in
      let filled = try place.object("import", "many", folder + "#many")
      #expect(filled["records"] == 2484 && filled["embedded"] == 0)
      let about = try place.object("describe", "many")
      #expect(about["distance"] == "cosine" && about["dimension"] == 12)
      let notes = try place.run("import", "notes", folder + "#default_tenant/default_database/notes")
      #expect(notes.status == 0 && notes.errors.contains("metadata were left out: about"), "\(notes.errors)")
      let several = try place.run("import", "notes", folder)
      #expect(several.status == 65 && several.errors.contains("say which collection"), "\(several.errors)")
      let none = try place.run("import", "notes", folder + "#birds")
      #expect(
        none.status == 66 && none.errors.contains("it has default_tenant/default_database/configured"),
        "\(none.errors)")
    }
  }

  @Test("A store is measured, checked, copied and made small; damage ends the check with 65 and its place")
  func upkeep() throws {
    try withDatabasePlace { place in
      let lines = (0..<3000).map {
        #"{"id": "\#($0)", "embedding": [1, \#($0)], "document": "\#(String(repeating: "swift ", count: 200))"}"#
      }
      _ = try place.object("import", "notes", "-", input: lines.joined(separator: "\n"))
      #expect(try place.object("check") == ["collections": 1, "records": 3000, "problems": []])
      #expect(try place.run("check").errors == "3000 records in 1 collection checked: no problems found.\n")
      let full = try place.object("stats")
      #expect(full["collections"]?[0]?["records"] == 3000 && full["collections"]?[0]?["name"] == "notes")
      #expect(try #require(full["collections"]?[0]?["memory_bytes"]?.intValue) > 3000 * 32)
      let copy = try place.object("backup", place.path("copy"))
      #expect(copy["backup"] == .string(place.path("copy")))
      let again = try place.run("backup", place.path("copy"))
      #expect(again.status == 64 && again.errors.contains("Name a new folder for the backup."))
      _ = try place.object("delete", "notes", "--where-document", #"{"$contains": "swift"}"#)
      let empty = try place.object("stats")
      let freed = try place.object("compact")
      #expect(freed["bytes_before"]?.intValue ?? 0 >= freed["bytes_after"]?.intValue ?? .max)
      let small = try place.object("stats")
      let bytes = [full, empty, small].compactMap { $0["total_bytes"]?.intValue }
      #expect(bytes.count == 3 && bytes[2] < bytes[0] / 2, "\(bytes)")
      #expect(small["free_bytes"] == 0)
      let kept = try place.place.program.run(
        "db", "describe", "notes", "--store", place.path("copy"), "--json")
      #expect(try JSON(parsing: kept.text)["records"] == 3000)
      // A byte of a text, somewhere in the middle of the copy.
      let file = place.path("copy/martlet.sqlite")
      var content = try Data(contentsOf: URL(filePath: file))
      let middle = content.count / 2..<content.count
      let text = try #require(content.range(of: Data("swift swift".utf8), in: middle))
      content[text.lowerBound] ^= 1
      try content.write(to: URL(filePath: file))
      let damaged = try place.place.program.run("db", "check", "--store", place.path("copy"))
      #expect(damaged.status == 65, "\(damaged.text) \(damaged.errors)")
      #expect(damaged.errors.contains("found among 3000 records in 1 collection."))
    }
  }

  @Test(
    "A command line that cannot be followed ends with 64 and says why",
    arguments: [
      ([], "martlet db needs a command."),
      (["quer"], "martlet db has no command ‘quer’. Did you mean ‘query’?"),
      (["--json"], "martlet db has no option ‘--json’."), (["query", "x"], "COLLECTION"),
      (["query", "x", "--where", "{"], "--where is not valid JSON at column 2"),
      (["query", "x", "--where", #"{"$x": 1}"#], "--where is not a valid filter: where"),
      (["query", "x", "--embedding", "[]"], "--embedding needs a JSON array of numbers"),
      (["query", "x", "--embedding", #"["a"]"#], "--embedding needs an array of numbers alone"),
      (["create", "x", "--metadata", "[]"], "--metadata needs a JSON object, not an array"),
      (["create", "x", "--namespace", "x"], "--namespace needs a tenant and a database"),
      (["delete", "x"], "Which records are to be deleted?"),
      (["export", "x", "y.txt"], "does not tell its format"),
      (["export", "x", "-", "--format", "npy"], "Only JSON lines go through a pipe"),
      (["export", "x", "y.txt"], "Say --format jsonl, npy, fvecs or faiss."),
      (["import", "x", "y.txt"], "Say --format jsonl, npy, fvecs, bvecs, ivecs, faiss or chroma."),
      (["export", "x", "y.bvecs"], "y.bvecs would be bvecs, which is only read."),
      (
        ["export", "x", "y", "--format", "chroma"],
        "--format must be one of jsonl, npy, fvecs, faiss, not ‘chroma’"
      ),
      (["export", "x", "postgresql://ann:s3cret@h/d"], "FILE is a path, and this looks like an address"),
      (["import", "x", "host=h password=s3cret"], "FILE is a path, and this looks like an address"),
      (["backup", "postgresql://ann:s3cret@h/d"], "FOLDER is a path, and this looks like an address"),
      (["list", "postgresql://ann:s3cret@h/d"], "‘postgresql://ann:…@h/d’ is one argument too many"),
      (["list", "--store", "POSTGRESQL+psycopg://ann:s3cret@127.0.0.1:1/d?x=1"], "libpq knows no option"),
      (["list", "--store", "mysql://ann:s3cret@h/d"], "Martlet does not support mysql://"),
      (["index", "x", "--m", "20", "--ef-construction", "30"], "Say --ef-construction 40 or more."),
      (["export", "x", "y.npy", "--graph"], "npy holds no graph"),
    ] as [([String], String)])
  func usage(_ line: [String], _ problem: String) throws {
    try withDatabasePlace { place in
      // Where the line would do, the collection is missing.
      let result = try place.program(line)
      if problem == "COLLECTION" {
        #expect(result.status == 66)
      } else {
        let status: Int32 = problem == "libpq knows no option" ? 69 : 64
        #expect(result.status == status && result.errors.contains(problem), "\(result.errors)")
      }
      #expect(result.output.isEmpty && !result.errors.contains("s3cret"), "\(result.errors)")
    }
  }

  @Test("Collections of another namespace are reached by its names, and one that is missing is named")
  func namespaces() throws {
    try withDatabasePlace { place in
      _ = try place.object("create", "notes")
      let missing = try place.run("describe", "notes", "--namespace", "ann/work")
      #expect(missing.status == 66 && missing.errors.contains("There is no collection named notes"))
      let none = try place.run("create", "notes", "--namespace", "ann/work")
      #expect(none.status == 66 && none.errors.contains("There is no tenant or database named ann/work"))
      #expect(try place.run("create", "notes").status == 64)
    }
  }

  @Test("Help lists the commands under db, and explains each in both ways")
  func help() throws {
    let list = try MartletProcess().run("db", "--help")
    #expect(list.status == 0 && list.text.contains("Usage: martlet db COMMAND"))
    for command in Command.database.subcommands {
      #expect(list.text.contains("  \(command.ownName) "), "\(command.name)")
      let (one, other) = try (
        MartletProcess().run("help", "db", command.ownName),
        MartletProcess().run("db", command.ownName, "--help")
      )
      #expect(
        one.status == 0 && one.text == other.text && one.text.contains("Usage: martlet \(command.name)"))
    }
  }
}

extension DatabasePlace {
  /// The command line as it stands, with the store where there is a command to take it.
  fileprivate func program(_ line: [String]) throws -> MartletProcess.Result {
    var program = place.program
    program.environment["MARTLET_STORE"] = place.store
    return try program.run(["db"] + line)
  }
}
