import Testing

@testable import MartletVectorStore

@Suite("A folder as a store")
struct FolderStoreTests {
  private func withContract(_ body: (StoreContract) throws -> Void) throws {
    let folder = try TemporaryFolder()
    let database = try Database.open(at: folder.path)
    defer { database.close() }
    try body(StoreContract(database, name: "birds"))
  }

  @Test("Collections are made, found, renamed and dropped, with all that they were made with")
  func collections() throws { try withContract { try $0.keepsCollections() } }

  @Test("Records come back bit for bit, in their order")
  func records() throws { try withContract { try $0.keepsRecords() } }

  @Test("Records are added, replaced, changed and deleted")
  func changes() throws { try withContract { try $0.changesRecords() } }

  @Test("What cannot be kept is refused by name")
  func refusals() throws { try withContract { try $0.refusesRecords(keepsZeroVectors: true) } }

  @Test("Each distance has Chroma's value, and filters leave what they say")
  func queries() throws { try withContract { try $0.findsNearest() } }

  @Test("Texts of users are never a part of a statement")
  func safety() throws { try withContract { try $0.isSafe() } }

  @Test("Documents are replaced whole, found by their words, and gone when they are deleted")
  func documents() throws { try withContract { try $0.keepsDocuments() } }
}
