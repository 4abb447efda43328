import Foundation
import MartletCSQLite
import MartletJSON
import Testing

@testable import MartletVectorStore

/// Folders of several versions of Chroma, with the answers that the version itself gave (`Fixtures/chroma/make_folder.py`).
@Suite struct ChromaVersionsTests {
  /// A folder as that version wrote it.
  private struct Fixture {
    let folder: TemporaryFolder
    let collections: JSONObject

    init(_ version: String) throws {
      folder = try TemporaryFolder()
      let place = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../Fixtures/chroma/\(version)").standardized.path
      let told = try JSON(parsing: String(contentsOfFile: place + ".json", encoding: .utf8))
      collections = try #require(told["collections"]?.objectValue)
      for (name, content) in try #require(told["files"]?.objectValue) {
        let file = URL(filePath: folder.path).appending(path: name)
        try FileManager.default.createDirectory(
          at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try #require(content.stringValue.flatMap { Data(base64Encoded: $0) }).write(to: file)
      }
      var handle: OpaquePointer?
      defer { sqlite3_close(handle) }
      let sql = try String(contentsOfFile: place + ".sql", encoding: .utf8)
      try #require(sqlite3_open(folder.path + "/chroma.sqlite3", &handle) == SQLITE_OK)
      try #require(sqlite3_exec(handle, "BEGIN;" + sql + "COMMIT", nil, nil, nil) == SQLITE_OK)
    }
  }

  private func floats(_ json: JSON?) throws -> [Float] {
    try #require(json?.arrayValue).map { Float(try #require($0.doubleValue)) }
  }

  private func texts(_ json: JSON?) throws -> [String] {
    try #require(json?.arrayValue).map { try #require($0.stringValue) }
  }

  private func areNear(_ a: [Float], _ b: [Float]) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= 2e-6 * max(1, abs($1)) }
  }

  @Test(
    "A collection of any version of Chroma has its records and its distances",
    arguments: ["0.4.14", "0.4.24", "0.5.23", "0.5.23-1.5.9", "0.6.3", "1.0.12", "1.5.9"])
  func version(_ version: String) throws {
    let fixture = try Fixture(version)
    let target = try TemporaryFolder()
    let database = try Database.open(at: target.path)
    #expect(fixture.collections.count >= 7)
    for (name, told) in fixture.collections {
      let reader = try VectorFileReader(path: fixture.folder.path + "#" + name)
      var records = [Record]()
      while let some = try reader.next() { records += some }
      #expect(records.map(\.id) == (try texts(told["ids"])), "\(name)")
      let vectors = try #require(told["embeddings"]?.arrayValue).map { try floats($0) }
      #expect(zip(records, vectors).allSatisfy { areNear($0.embedding, $1) }, "\(name)")
      #expect(
        records.map { $0.document.map { .string($0) } ?? .null } == told["documents"]?.arrayValue, "\(name)")
      #expect(
        records.map { $0.metadata.isEmpty ? .null : $0.metadata.json } == told["metadatas"]?.arrayValue,
        "\(name)")
      let collection = try database.createCollection(
        CollectionConfiguration(name: name, dimension: 3, distance: try #require(reader.distance)))
      try collection.add(records)
      for query in try #require(told["queries"]?.arrayValue) {
        let found = try collection.nearest(to: floats(query["vector"]), limit: 4)
        #expect(found.map(\.record.id) == (try texts(query["ids"])), "\(name)")
        #expect(areNear(found.map { Float($0.distance) }, try floats(query["distances"])), "\(name)")
      }
    }
  }

  @Test(
    "The distance stays when the collection's metadata are replaced, and what is said of the index counts first"
  )
  func sources() throws {
    let old = try Fixture("0.5.23")
    #expect(try VectorFileReader(path: old.folder.path + "#replaced").distance == .cosine)
    #expect(try VectorFileReader(path: old.folder.path + "#plain").distance == .l2)
    for version in ["1.0.12", "1.5.9"] {
      let new = try Fixture(version)
      for (name, distance) in [
        ("replaced", Distance.cosine), ("configured-ip", .ip), ("both-ip", .ip), ("both-numbers", .l2),
      ] {
        #expect(
          try VectorFileReader(path: new.folder.path + "#" + name).distance == distance, "\(version) \(name)")
      }
    }
  }

  @Test("Changes that the tables lack are reported, also where their numbers are stored as bytes")
  func bytes() throws {
    let fixture = try Fixture("0.6.3")
    var handle: OpaquePointer?
    #expect(sqlite3_open(fixture.folder.path + "/chroma.sqlite3", &handle) == SQLITE_OK)
    let sql = "UPDATE max_seq_id SET seq_id = X'0000000000000001'"
    #expect(sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK)
    sqlite3_close(handle)
    #expect {
      try VectorFileReader(path: fixture.folder.path + "#plain")
    } throws: { "\($0)".contains("its tables lack the last") }
  }
}
