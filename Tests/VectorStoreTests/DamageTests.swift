import Foundation
import Testing

@testable import MartletVectorStore

@Suite struct DamageTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test(arguments: ["-1", "0", "4611686018427387904", "9223372036854775807"])
  func `A damaged length of a collection's vectors is an error that says so`(_ dimension: String) throws {
    var database: Database? = try Database.open(at: folder.path)
    _ = try database?.createCollection(.test())
    database = nil
    try folder.tamper("UPDATE collections SET dimension = \(dimension)")
    let damaged = VectorStoreError.damaged(
      path: folder.databaseFile, detail: "collection test has vectors of \(dimension) numbers")
    let reopened = try Database.open(at: folder.path, mode: .readOnly)
    #expect(throws: damaged) { try reopened.collections() }
  }
}
