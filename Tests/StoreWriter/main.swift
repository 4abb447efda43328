// Writes the transactions of `StoreScript` into the store in the folder that is named, from where it left off, and says
// the number of each once it is kept. Killed by tests.

import Foundation
import MartletStoreScript
import MartletVectorStore

let database = try Database.open(at: CommandLine.arguments[1])
let configuration = CollectionConfiguration(name: "script", dimension: StoreScript.dimension)
let collection = try database.getOrCreateCollection(configuration)
let last = try collection.get(ids: ["round"]).first?.metadata["round"]?.integerValue
var round = try last ?? (collection.count() > 0 ? 1 : 0)
while true {
  round += 1
  try database.transaction { transaction in
    for change in StoreScript.changes(round) {
      switch change {
      case .upsert(let records): try transaction.upsert(records, to: collection)
      case .delete(let ids): _ = try transaction.delete(ids: ids, from: collection)
      }
    }
  }
  FileHandle.standardOutput.write(Data("\(round)\n".utf8))
  // So that kills meet the snapshot, too.
  if round % 4 == 0 { try collection.finishIndex() }
}
