import MartletRetrieval
import MartletTensors
import MartletVectorStore

/// The code in doc comments of the module, which lint compares with these lines: it compiles.
private enum DocCommentExamples {
  static func library() throws -> (IndexReport, [SearchResult]) {
    let database = try Database.open(at: "store")
    let library = try Library.openOrCreate(in: database, embedder: "all-minilm-l6-v2", device: Device())
    let report = try library.index(["/home/me/notes"])
    let results = try library.search("how often is the ladder inspected?", limit: 5)
    return (report, results)
  }

  static func filter(_ library: Library) throws -> [SearchResult] {
    let filter = try PassageFilter(from: "Carl Worth", since: 1_258_416_000).filter()
    let results = try library.search("how are tags stored", limit: 5, where: filter)
    return results
  }
}
