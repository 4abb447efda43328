import MartletServer
import MartletVectorStore

/// A request to Chroma's routes: a line with its method and target, in which COLLECTION is a collection's id, then its
/// body.
func readChromaRequest(_ input: [UInt8]) {
  let lines = input.split(separator: UInt8(ascii: "\n"), maxSplits: 1, omittingEmptySubsequences: false)
  let words = String(decoding: lines[0], as: UTF8.self).split(separator: " ", maxSplits: 1)
  guard words.count == 2, let method = HTTPMethod(rawValue: String(words[0])) else { return }
  withFolder([]) { path in
    guard let database = try? Database.open(at: path),
      let collection = try? database.createCollection(CollectionConfiguration(name: "birds", distance: .l2))
    else { return }
    try? collection.upsert([
      Record(id: "a", embedding: [1, 2], document: "A martlet never lands.", metadata: ["n": .integer(1)])
    ])
    var router = Router()
    var limits = ServerLimits()
    limits.body = 1 << 20
    ChromaAPI(database: database, limits: limits) { _ in }.addRoutes(to: &router)
    let text = words[1].replacing("COLLECTION", with: collection.id)
    guard let target = try? HTTPTarget(String(text)) else { return }
    _ = try? router.answer(
      HTTPRequest(method: method, target: target, body: lines.count > 1 ? Array(lines[1]) : []))
    database.close()
  }
}
