import Foundation
import VectorStore

/// A question about documents as a whole ("What is this document about?", "Summarize handbook.pdf"), which no passage
/// resembles: what it asks for stands in all of them.
struct WholeDocuments {
  /// The paths of the documents that are meant, in order.
  let paths: [String]
  /// Whether nothing else can be meant. Where a document is only hinted at ("the budget"), passages go first.
  let isCertain: Bool

  /// Nil where the question asks for something in particular, or for more than `limit` documents.
  init?(_ question: String, in collection: Collection, limit: Int) throws {
    let words = Set(KeywordQuery(question).words.map { $0.lowercased() })
    let hasPoints = !words.isDisjoint(with: Self.points)
    let asksForAll =
      !words.isDisjoint(with: Self.summaries) || (hasPoints && !words.isDisjoint(with: Self.mainly))
    let namesDocument = !words.isDisjoint(with: Self.documents)
    guard asksForAll || namesDocument else { return nil }
    var known = Self.summaries.union(Self.documents).union(Self.requests)
    if asksForAll, hasPoints { known.formUnion(Self.points.union(Self.mainly)) }
    let rest = words.subtracting(known).filter { !QuestionWords.isFunctionWord($0) }
    let all = try collection.sources().keys.sorted()
    if rest.isEmpty {
      guard !all.isEmpty, all.count <= limit else { return nil }
      paths = all
      isCertain = asksForAll || !words.isDisjoint(with: Self.requests)
    } else {
      let named = all.filter { Self.names(of: $0).contains(rest) }
      guard asksForAll, named.count == 1 else { return nil }
      paths = named
      isCertain = question.lowercased().contains(Self.name(of: named[0]).lowercased())
    }
  }

  private static func name(of path: String) -> String { URL(filePath: path).lastPathComponent }

  /// The words of a file's name, with its extension and without, less those that would not be told from a request.
  private static func names(of path: String) -> [Set<String>] {
    let url = URL(filePath: path)
    let known = summaries.union(documents).union(requests)
    return [url.lastPathComponent, url.deletingPathExtension().lastPathComponent].map { name in
      let words = Set(KeywordQuery(name).words.map { $0.lowercased() })
      return words.subtracting(known).filter { !QuestionWords.isFunctionWord($0) }
    }
  }

  private static func set(_ words: String) -> Set<String> {
    Set(words.split(separator: " ").map(String.init))
  }

  /// Words that ask for the whole by themselves.
  private static let summaries = set(
    """
    about summarize summarise summarized summarised summary summaries overview outline gist topic topics theme themes \
    subject
    """)
  /// What else a document consists of, when it is the main ones that are asked for.
  private static let points = set(
    "point points idea ideas message takeaway takeaways topic topics theme themes")
  private static let mainly = set("main key central important")
  /// What documents are called.
  private static let documents = set(
    "document documents file files text texts pdf pdfs paper papers article articles content contents")
  /// Words of a request that say nothing of what it is for.
  private static let requests = set(
    """
    tell describe explain give provide write brief briefly short shortly whole entire please say says contain contains \
    discuss discussed discusses covers covered deal deals
    """)
}

extension Library {
  /// The evidence on documents as a whole: their first passages, in turn, and the sentences in them that say most of
  /// what those passages say.
  func evidence(on whole: WholeDocuments, passages: Int, quotes: Int) throws -> Evidence {
    let documents = try whole.paths.map { try collection.records(ofSource: $0) }
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
      words: nil, quotes: quotes)
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
