import MartletRemoteStores
import MartletVectorStore

/// The location of a store or of a collection, as somebody types it. What is shown of it must be a location, too.
func readLocation(_ input: [UInt8]) {
  let text = String(decoding: input, as: UTF8.self)
  if let location = try? StoreLocation(store: text) { precondition(!location.description.isEmpty) }
  do {
    let location = try StoreLocation(collection: text)
    precondition(location.collection?.isEmpty == false)
  } catch { precondition(!error.description.isEmpty) }
}

/// What a server of Chroma's answers to `get` and to `query`.
func readChromaAnswer(_ input: [UInt8]) {
  _ = try? ChromaRecords.records(input, "a server")
  _ = try? ChromaRecords.matches(input, "a server")
}
