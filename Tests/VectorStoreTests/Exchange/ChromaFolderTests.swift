import Foundation
import MartletCSQLite
import MartletJSON
import MartletSQLite
import MartletSeededRandom
import MartletStoreServers
import Testing

@testable import MartletVectorStore

extension ChromaFolderFixture {
  /// A copy that a test may damage.
  fileprivate func copy(in folder: TemporaryFolder) throws -> String {
    let copy = folder.path + "/chroma"
    try FileManager.default.copyItem(atPath: path, toPath: copy)
    return copy
  }

  fileprivate var collections: [JSON] { get throws { try #require(JSON(parsing: told).arrayValue) } }

  /// The records of a collection as chromadb tells them.
  fileprivate static func records(_ collection: JSON) throws -> [Record] {
    try #require(collection["records"]?.arrayValue).map { json in
      let numbers = try #require(json["embedding"]?.arrayValue)
      return Record(
        id: try #require(json["id"]?.stringValue),
        embedding: numbers.compactMap { $0.doubleValue.map(Float.init) },
        document: json["document"]?.stringValue,
        metadata: try Metadata(#require(json["metadata"]?.objectValue)),
        uri: json["uri"]?.stringValue)
    }
  }
}

@Suite(.enabled(if: ChromaPython.path != nil, "chromadb could not be installed: \(ChromaPython.problem)"))
struct ChromaFolderTests {
  private func records(of path: String, _ limit: Int = 300) throws -> [Record] {
    let reader = try VectorFileReader(path: path)
    var records = [Record]()
    while let some = try reader.next(limit) {
      #expect(some.count <= limit)
      records += some
    }
    return records
  }

  @Test func `Every collection has the records that chromadb says it has, in its order`()
    throws
  {
    let fixture = try ChromaFolderFixture.made.get()
    for collection in try fixture.collections {
      let address = try #require(collection["address"]?.stringValue)
      let expected = try ChromaFolderFixture.records(collection)
      let reader = try VectorFileReader(path: fixture.path + "#" + address)
      #expect(reader.format == .chroma && reader.count == expected.count)
      #expect(reader.distance?.rawValue == collection["distance"]?.stringValue)
      let found = try records(of: fixture.path + "#" + address)
      #expect(found.map { Array($0.id.utf8) } == expected.map { Array($0.id.utf8) })
      // What the graph has not saved yet comes as it was added; Chroma has brought it to unit length and back.
      let rounding: Float = reader.distance == .cosine ? 1e-6 : 0
      for (var record, other) in zip(found, expected) {
        #expect(record.embedding.count == other.embedding.count)
        #expect(zip(record.embedding, other.embedding).allSatisfy { abs($0 - $1) <= rounding })
        record.embedding = other.embedding
        #expect(record == other)
      }
    }
  }

  @Test
  func
    `A collection is found by its name alone where there is one of it, and else those there are are named`()
    throws
  {
    let path = try ChromaFolderFixture.made.get().path
    #expect(try VectorFileReader(path: path + "#many").count == 2484)
    #expect(try VectorFileReader(path: path + "#many").leftOut == [])
    let notes = try VectorFileReader(path: path + "#default_tenant/default_database/notes")
    #expect(notes.leftOut == ["The collection's own metadata were left out: about."])
    #expect(try VectorFileReader(path: path + "#empty").next() == nil)
    func problem(_ path: String) -> String {
      do { _ = try VectorFileReader(path: path) } catch { return "\(error)" }
      return ""
    }
    #expect(problem(path).contains("say which collection"))
    #expect(
      problem(path + "#birds").contains(
        "there is no collection birds; it has default_tenant/default_database/configured"))
    #expect(problem(path + "#notes").contains("say \(path)#default_tenant/default_database/notes or"))
  }

  @Test func `What is no folder of Chroma's is refused with what it lacks`() throws {
    let folder = try TemporaryFolder()
    func error(_ path: String) -> VectorFileError? {
      do { _ = try VectorFileReader(path: path, format: .chroma) } catch { return error }
      return nil
    }
    #expect(error(folder.path)?.kind == .missing)
    let file = folder.path + "/chroma.sqlite3"
    try Data(String(repeating: "not a database ", count: 100).utf8).write(to: URL(filePath: file))
    #expect(error(folder.path)?.kind == .damaged)
    try FileManager.default.removeItem(atPath: file)
    var other: OpaquePointer?
    #expect(sqlite3_open(file, &other) == SQLITE_OK)
    #expect(sqlite3_exec(other, "CREATE TABLE collections (id TEXT)", nil, nil, nil) == SQLITE_OK)
    sqlite3_close(other)
    #expect(error(folder.path)?.kind == .unsupported)
    #expect(error(folder.path)?.problem.contains("no table segments") == true)
  }

  @Test
  func `Changes that Chroma has not taken into its tables are told of, and so is a change while it is read`()
    throws
  {
    let folder = try TemporaryFolder()
    let path = try ChromaFolderFixture.made.get().copy(in: folder)
    let reader = try VectorFileReader(path: path + "#many")
    _ = try reader.next(10)
    var writer: OpaquePointer?
    #expect(sqlite3_open(path + "/chroma.sqlite3", &writer) == SQLITE_OK)
    #expect(sqlite3_exec(writer, "UPDATE max_seq_id SET seq_id = seq_id - 1", nil, nil, nil) == SQLITE_OK)
    sqlite3_close(writer)
    #expect(throws: VectorFileError.self) { try reader.next(10) }
    #expect {
      try VectorFileReader(path: path + "#many")
    } throws: { "\($0)".contains("its tables lack the last 1 of its changes") }
  }

  @Test func `A list with values of several kinds is refused, and none of them is left out`() throws {
    let folder = try TemporaryFolder()
    let path = try ChromaFolderFixture.made.get().copy(in: folder)
    var writer: OpaquePointer?
    #expect(sqlite3_open(path + "/chroma.sqlite3", &writer) == SQLITE_OK)
    let sql = "UPDATE embedding_metadata_array SET int_value = NULL, string_value = 'two' WHERE int_value = 2"
    #expect(sqlite3_exec(writer, sql, nil, nil, nil) == SQLITE_OK)
    sqlite3_close(writer)
    #expect {
      try records(of: path + "#default_tenant/default_database/notes")
    } throws: { "\($0)".contains("the list l of a record holds several kinds of values") }
  }

  @Test func `A graph without its files, or with others, is refused; one that was never saved needs none`()
    throws
  {
    let folder = try TemporaryFolder()
    let path = try ChromaFolderFixture.made.get().copy(in: folder)
    let segment = try segment(of: path)
    try FileManager.default.removeItem(atPath: segment + "/data_level0.bin")
    #expect(throws: VectorFileError.self) { try VectorFileReader(path: path + "#many") }
    try Data("hello".utf8).write(to: URL(filePath: segment + "/data_level0.bin"))
    #expect(throws: VectorFileError.self) { try VectorFileReader(path: path + "#many") }
    try FileManager.default.removeItem(atPath: segment + "/index_metadata.pickle")
    // Without its table of ids the graph counts for one that was never saved: its records are there without vectors.
    let records = try records(of: path + "#many")
    #expect(records.count == 2484 && records.contains { $0.embedding.isEmpty && $0.document != nil })
  }

  private func segment(of path: String) throws -> String {
    let connection = try StoreConnection(path: path + "/chroma.sqlite3", readOnly: true)
    let ids = try connection.rows(
      "SELECT s.id FROM segments s JOIN collections c ON c.id = s.collection WHERE c.name = 'many' AND scope = 'VECTOR'"
    ) { (row: SQLiteRow) throws(VectorStoreError) in row.text(0) }
    return path + "/" + (try #require(ids.first))
  }

  @Test func `Files with flipped, cut or repeated bytes are read or refused, and never more than that`()
    throws
  {
    let folder = try TemporaryFolder()
    let path = try ChromaFolderFixture.made.get().copy(in: folder)
    let segment = try segment(of: path)
    var random = SplitMix64(seed: 31)
    for name in ["index_metadata.pickle", "header.bin", "length.bin", "data_level0.bin"] {
      let file = URL(filePath: segment + "/" + name)
      let sound = [UInt8](try Data(contentsOf: file))
      for round in 0..<(name == "data_level0.bin" ? 20 : 150) {
        var bytes = sound
        switch round % 3 {
        case 0:
          for _ in 0...Int.random(in: 0...3, using: &random) {
            bytes[Int.random(in: 0...bytes.count - 1, using: &random)] = UInt8(
              Int.random(in: 0...255, using: &random))
          }
        case 1: bytes = Array(bytes.prefix(Int.random(in: 0...bytes.count - 1, using: &random)))
        default:
          let start = Int.random(in: 0...bytes.count - 1, using: &random)
          bytes.insert(
            contentsOf: bytes[start..<min(bytes.count, start + Int.random(in: 1...64, using: &random))],
            at: Int.random(in: 0...min(200, bytes.count), using: &random))
        }
        try Data(bytes).write(to: file)
        do { _ = try records(of: path + "#many") } catch is VectorFileError {}
      }
      try Data(sound).write(to: file)
    }
    #expect(try records(of: path + "#many").count == 2484)
  }
}

@Suite struct PickleReaderTests {
  private func value(_ bytes: [UInt8]) throws -> PickleValue {
    let folder = try TemporaryFolder()
    let path = folder.path + "/pickle"
    try Data(bytes).write(to: URL(filePath: path))
    var reader = try PickleReader(CheckedInput(path: path))
    return try reader.value()
  }

  @Test func `An object of Python is its state, and nothing that a pickle names is called`() throws {
    // pickle.dumps of an instance of a class with the attributes id_to_label = {"a": 3} and name = "x", protocol 2.
    let object: [UInt8] =
      [0x80, 2] + Array("c__main__\nThing\n".utf8) + [0x71, 0, 0x29, 0x81, 0x71, 1, 0x7D, 0x71, 2, 0x28]
      + [0x58, 11, 0, 0, 0] + Array("id_to_label".utf8) + [
        0x71, 3, 0x7D, 0x71, 4, 0x58, 1, 0, 0, 0, 0x61, 0x4B, 3, 0x73,
      ]
      + [0x58, 4, 0, 0, 0] + Array("name".utf8) + [0x58, 1, 0, 0, 0, 0x78, 0x75, 0x62, 0x2E]
    guard case .pairs(let labels) = try value(object)["id_to_label"], case .integer(3) = labels.first?.value
    else {
      Issue.record("the state is not there")
      return
    }
    // os.system("…"): a name, a tuple, REDUCE.
    let call =
      [0x80, 2] + Array("cos\nsystem\n".utf8) + [0x58, 4, 0, 0, 0] + Array("true".utf8) + [0x85, 0x52, 0x2E]
    guard case .none = try value(call) else {
      Issue.record("a call has a value")
      return
    }
  }

  @Test func `Deep, endless and empty pickles are refused`() throws {
    let deep = [UInt8(ascii: "N")] + [UInt8](repeating: 0x85, count: 1_000_000) + [UInt8(ascii: ".")]
    for bytes in [
      deep, [], [0x2E], [0x28], [0x8D, 255, 255, 255, 255, 255, 255, 255, 255], [0x80, 4, 0x75, 0x2E], [0x01],
    ] {
      #expect(throws: VectorFileError.self) { try value(bytes) }
    }
  }
}
