import Foundation
import Testing

@testable import MartletVectorStore

extension StoreContract {
  private struct Stopped: Error {}

  private static func source(_ path: String, hash: String) -> Source {
    Source(
      path: path, byteCount: 12, modificationDate: Date(timeIntervalSince1970: 1_767_225_600.123_456_7),
      hash: hash,
      details: ["kind": .string("text"), "indexed": .integer(.max)])
  }

  private static func passage(_ id: String, _ text: String) -> Record {
    Record(id: id, embedding: [1, 0, 2], document: text, metadata: ["page": .integer(3)])
  }

  private func documents() throws -> any DocumentCollection {
    _ = try make()
    return try store.openDocuments(named: name, in: namespace)
  }

  /// Sources are replaced whole, and their records' words found.
  func keepsDocuments() throws {
    let documents = try documents()
    #expect(try documents.sources().isEmpty)
    #expect(try documents.search(words: "swifts", limit: 5, where: nil).isEmpty)
    let (birds, trees) = (
      Self.source("/notes/birds é'.md", hash: "b1"), Self.source("/notes/trees.md", hash: "t1")
    )
    let empty = Self.source("/notes/empty.md", hash: "e1")
    let swift = Self.passage("1", "Swifts sleep on the wing; a swift lands to breed.")
    let owl = Self.passage("2", "Owls hear voles, and owls hoot.")
    let oak = Self.passage("3", "In this oak the owl sleeps.")
    try documents.replace([(birds, [swift, owl]), (trees, [oak]), (empty, [])])
    #expect(try documents.sources() == [birds.path: birds, trees.path: trees, empty.path: empty])
    let found = try documents.records(ofSource: birds.path)
    #expect(
      found.map(\.document) == [swift.document, owl.document]
        && found.map(\.embedding) == [[1, 0, 2], [1, 0, 2]])
    #expect(found.allSatisfy { $0.path == birds.path && $0.metadata == ["page": .integer(3)] })
    try keepsWords(documents)

    try keepsWordsOfAllScripts(documents)

    let changed = Self.source(birds.path, hash: "b2")
    try documents.replace(changed) { append in
      try append([Self.passage("4", "Kiwis cannot fly.")])
      try append([])
      try append([Self.passage("5", "Kiwis sniff for worms.")])
    }
    #expect(try documents.records(ofSource: birds.path).map(\.id) == ["4", "5"])
    #expect(try documents.search(words: "swifts", limit: 5, where: nil).isEmpty)
    #expect(
      try documents.search(words: "kiwis", limit: 5, where: nil).map(\.record.sourcePath) == [
        birds.path, birds.path,
      ])
    var noted = changed
    noted.modificationDate += 0.001
    try documents.note(noted)
    try documents.deleteSources(paths: [trees.path, "/nowhere"])
    try documents.finishWriting()
    let again = try store.openDocuments(named: name, in: namespace)
    #expect(try again.sources() == [birds.path: noted, empty.path: empty])
    #expect(try again.records.count() == 2)
  }

  private func keepsWords(_ documents: any DocumentCollection) throws {
    // BM25 by hand: the passage of two owls before that of one, though it is the longer one.
    let owls = try documents.search(words: "OWLS owl", limit: 5, where: nil)
    #expect(Set(owls.map(\.record.id)) == ["2", "3"] && owls[0].score >= owls[1].score && owls[1].score > 0)
    #expect(
      try documents.search(words: "owls owl", limit: 1, where: nil).map(\.record.id) == [owls[0].record.id])
    let filter = Filter.document(.contains("oak"))
    #expect(try documents.search(words: "owls owl", limit: 5, where: filter).map(\.record.id) == ["3"])
    let frequencies = try documents.documentFrequencies(of: ["sleep", "owls", "nothing", "!"])
    #expect(frequencies.frequencies == [1, 1, 0, 0] && frequencies.recordCount == 3)
    #expect(try documents.ranking(words: "owl nothing", limit: 5, where: nil).recordCount == 3)
    let snippets = try documents.snippets(ids: ["2", "3", "9"], words: "oak", wordLimit: 8)
    #expect(snippets.keys.sorted() == ["3"] && snippets["3"]?.highlightedBytes.count == 1)
  }

  /// Words are found as they are read, whatever their letters are made of; a snippet has them as they are written.
  private func keepsWordsOfAllScripts(_ documents: any DocumentCollection) throws {
    let source = Self.source("/notes/scripts.md", hash: "s1")
    let texts = ["8": "灯台の鍵は青い石の下にあります。", "9": "A diﬃcult work\u{AD}shop."]
    try documents.replace([(source, texts.map { Self.passage($0, $1) })])
    for (words, id, written) in [
      ("鍵", "8", "鍵"), ("difficult", "9", "diﬃcult"), ("workshop", "9", "work\u{AD}shop"),
    ] {
      #expect(try documents.search(words: words, limit: 5, where: nil).map(\.record.id) == [id], "\(words)")
      let snippet = try #require(try documents.snippets(ids: [id], words: words, wordLimit: 20)[id])
      #expect(snippet.text == texts[id] && snippet.marked == [written])
    }
    try documents.deleteSources(paths: [source.path])
  }

  /// A source that was not written to its end is none that anybody would take for done.
  func marksUnfinishedDocuments() throws {
    let documents = try documents()
    let source = Self.source("/notes/birds.md", hash: "b1")
    try documents.replace([(source, [Self.passage("1", "Swifts.")])])
    #expect(throws: Stopped.self) {
      try documents.replace(Self.source(source.path, hash: "b2")) { append in
        try append([Self.passage("2", "Owls.")])
        throw Stopped()
      }
    }
    #expect(try documents.sources()[source.path]?.hash == "")
    #expect(try documents.records.count() == 0)
    // As a killed run leaves it: a record of a source that is not noted as finished.
    var left = Self.passage("3", "Kiwis.")
    left.metadata["path"] = .string(source.path)
    try documents.records.add([left])
    try documents.replace([(source, [Self.passage("1", "Swifts.")])])
    #expect(try documents.sources() == [source.path: source])
    #expect(try documents.records(ofSource: source.path).map(\.id) == ["1"])
    // A collection that was made anew knows nothing of the sources of its namesake.
    try store.dropCollection(named: name, in: namespace)
    let anew = try self.documents()
    #expect(try anew.sources().isEmpty)
    try anew.replace([(source, [])])
    #expect(try anew.sources() == [source.path: source])
    try store.dropDocuments(named: name, in: namespace)
    // Somebody's own collection of the name that sources would have is left alone.
    let own = try store.makeCollection(CollectionConfiguration(name: name + ".sources", namespace: namespace))
    try own.add([Record(id: "mine", embedding: [1, 2])])
    let beside = try self.documents()
    #expect(throws: VectorStoreError.sourcesNameTaken(collection: name, name: name + ".sources")) {
      try beside.replace([(source, [])])
    }
    #expect(try beside.sources().isEmpty && own.count() == 1)
    try store.dropDocuments(named: name, in: namespace)
    #expect(try own.count() == 1)
    try store.dropCollection(named: name + ".sources", in: namespace)
    #expect(try !store.listCollections().contains { $0.name.hasPrefix(name) })
  }
}

extension Snippet {
  /// The parts that are marked.
  fileprivate var marked: [String] {
    let bytes = Array(text.utf8)
    return highlightedBytes.map { String(decoding: bytes[$0], as: UTF8.self) }
  }
}
