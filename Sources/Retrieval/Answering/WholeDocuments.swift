import Foundation
import MartletVectorStore

/// A question about documents as a whole ("What is this document about?", "Summarize handbook.pdf", "Worum geht es
/// hier?"), which no passage resembles: what it asks for stands in all of them.
struct WholeDocuments {
  /// The paths of the documents that are meant, in order.
  let paths: [String]
  /// Whether nothing else can be meant. Where a document is only hinted at ("the budget"), passages go first.
  let isCertain: Bool

  /// Nil where the question asks for something in particular, or for more than `limit` documents.
  init?(_ question: String, in collection: any DocumentCollection, limit: Int) throws {
    for words in WholeDocumentWords.languages {
      guard let request = words.request(question) else { continue }
      let all = try collection.sources().keys.sorted()
      if request.rest.isEmpty {
        guard !all.isEmpty, all.count <= limit else { continue }
        paths = all
        isCertain = request.asksForAll || request.hasRequest
      } else {
        let named = all.filter { Self.names(of: $0, words).contains(request.rest) }
        guard request.asksForAll, named.count == 1 else { continue }
        paths = named
        isCertain = question.lowercased().contains(Self.name(of: named[0]).lowercased())
      }
      return
    }
    return nil
  }

  private static func name(of path: String) -> String { URL(filePath: path).lastPathComponent }

  /// The words of a file's name, with its extension and without.
  private static func names(of path: String, _ words: WholeDocumentWords) -> [Set<String>] {
    let url = URL(filePath: path)
    return [url.lastPathComponent, url.deletingPathExtension().lastPathComponent]
      .map(words.words(ofName:))
  }
}

extension Library {
  /// The evidence on documents as a whole: their first passages, in turn, and the sentences in them that say most of
  /// what those passages say.
  func evidence(on whole: WholeDocuments, passages: Int, quotes: Int) throws -> Evidence {
    let documents = try whole.paths.map { try self.documents.records(ofSource: $0) }
    var places: [(document: Int, ordinal: Int)] = []
    for ordinal in 0..<(documents.map(\.count).max() ?? 0) {
      for document in documents.indices where ordinal < documents[document].count {
        places.append((document, ordinal))
      }
    }
    let chosen = places.prefix(passages).sorted { ($0.document, $0.ordinal) < ($1.document, $1.ordinal) }
    let records = chosen.map { documents[$0.document][$0.ordinal] }
    let centre = Self.sum(of: records.map(\.embedding))
    var evidence = try weigh(
      records.map { SearchResult($0) }, by: centre, passages: records.map { cosine(centre, $0.embedding) },
      words: nil, quotes: quotes, order: .asFound)
    // Each passage is as much a part of the whole as any other; but the model should see something of each document.
    let order = chosen.indices.sorted {
      (chosen[$0].ordinal, chosen[$0].document) < (chosen[$1].ordinal, chosen[$1].document)
    }
    evidence.candidates = order.map { .init(number: $0 + 1, score: evidence.strength) }
    evidence.whole = .init(
      documents: documents.count, passages: documents.reduce(0) { $0 + $1.count })
    return evidence
  }

  private static func sum(of vectors: [[Float]]) -> [Float] {
    vectors.dropFirst().reduce(vectors.first ?? []) { sum, vector in zip(sum, vector).map(+) }
  }
}
