import MartletCheckpoints
import Testing

@Suite("The catalogue of models")
struct CatalogueTests {
  @Test("No name or alias means two models, whatever its case")
  func distinct() throws {
    var owners: [String: String] = [:]
    for entry in try Catalogue.standard().entries {
      for name in Set(([entry.name] + entry.aliases).map { $0.lowercased() }) {
        #expect(owners.updateValue(entry.name, forKey: name) == nil, "\(name)")
      }
    }
  }

  @Test("Every model is found by its name and its aliases, in upper and lower case")
  func found() throws {
    let catalogue = try Catalogue.standard()
    for entry in catalogue.entries {
      for name in [entry.name] + entry.aliases {
        for form in [name, name.uppercased(), name.lowercased()] {
          #expect(catalogue.find(form)?.name == entry.name, "\(form)")
        }
      }
    }
  }

  @Test(
    "Names of other programs mean the same models",
    arguments: [
      "all-minilm": "all-minilm-l6-v2", "smollm2:135m": "smollm2-135m-instruct",
      "qwen2.5-coder:0.5b": "qwen2.5-coder-0.5b-instruct", "llama3.2:1b": "llama-3.2-1b-instruct",
      "sentence-transformers/all-MiniLM-L6-v2": "all-minilm-l6-v2",
    ])
  func others(alias: String, name: String) throws {
    let catalogue = try Catalogue.standard()
    #expect(try catalogue.entry(named: alias).name == name)
    let location = try ModelLocation(alias, cache: ModelCache(root: "/nonexistent"), catalogue: catalogue)
    guard case .catalogue(let entry) = location else {
      Issue.record("\(alias) is taken for \(location)")
      return
    }
    #expect(entry.name == name)
  }

  @Test("Every model states a licence, a purpose, and the SHA-256 of its files where it is a default")
  func facts() throws {
    let entries = try Catalogue.standard().entries
    #expect(entries.count { $0.isDefault } >= 2)
    for entry in entries {
      #expect(!entry.license.isEmpty && !entry.purpose.isEmpty && !entry.summary.isEmpty, "\(entry.name)")
      if entry.isDefault { #expect(entry.isPinned && entry.byteCount != nil, "\(entry.name)") }
    }
  }

  @Test("A misspelt alias leads to its model")
  func suggestions() throws {
    let error = #expect(throws: CheckpointError.self) {
      try Catalogue.standard().entry(named: "smollm2:135n")
    }
    #expect(error.map { "\($0)".contains("smollm2-135m-instruct") } == true)
  }
}
