import MartletDatasets
import Testing

@Suite("The example of the documentation of Datasets")
struct DocumentationTests {
  @Test("It compiles, and finds the data set")
  func example() throws {
    let entry = try DatasetCatalogue.standard().entry(named: "gsm8k")
    let isThere = DatasetCache(root: "/nowhere").files(of: entry)["test"] != nil

    #expect(!isThere && entry.license == "MIT")
  }
}
