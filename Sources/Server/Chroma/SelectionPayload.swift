import MartletJSON
import MartletVectorStore

/// What a get, a query or a delete asks for.
struct SelectionPayload {
  /// What a request does with the records.
  enum Use { case get, query, delete }

  /// A part of records that an answer may have.
  enum Part: String, CaseIterable {
    case distances, documents, embeddings, metadatas, uris
  }

  private(set) var ids: [String]?
  private(set) var filter: Filter?
  private(set) var limit: Int?
  private(set) var offset = 0
  private(set) var include: [Part]
  private(set) var vectors: [[Float]] = []
  private(set) var count = 10

  /// The most bytes of a filter.
  private static let largestFilter = 4 << 20

  init(_ body: [UInt8], for use: Use, atMost limitOfVectors: Int, _ notices: Notices) throws {
    include = use == .query ? [.documents, .metadatas, .distances] : [.documents, .metadatas]
    var filters: [Filter] = []
    var hasVectors = false
    try readPayload(body, notices) { member, reader in
      switch (member, use) {
      case ("ids", _): ids = try reader.orNull { try $0.texts(at: "ids") }
      case ("where", _):
        if let json = try Self.filter(&reader, "where") { filters.append(try Filter(where: json)) }
      case ("where_document", _):
        if let json = try Self.filter(&reader, "where_document") {
          filters.append(try Filter(whereDocument: json))
        }
      case ("limit", .get), ("limit", .delete): limit = try reader.orNull { try $0.count(at: "limit") }
      case ("offset", .get): offset = try reader.orNull { try $0.count(at: "offset") } ?? 0
      case ("include", .get), ("include", .query):
        include = try reader.orNull { try Self.parts(&$0) } ?? include
      case ("query_embeddings", .query):
        vectors = try reader.list(at: "query_embeddings", atMost: limitOfVectors) {
          try $0.vector(at: "query_embeddings[\($1)]")
        }
        hasVectors = true
      case ("n_results", .query): count = try reader.orNull { try $0.count(at: "n_results") } ?? 10
      default: return false
      }
      return true
    }
    guard hasVectors || use != .query else { throw HTTPError.misshapen("missing field `query_embeddings`") }
    filter = filters.count > 1 ? .all(filters) : filters.first
  }

  private static func filter(_ reader: inout JSONReader, _ place: String) throws -> JSON? {
    try reader.orNull { try $0.value(at: place, atMost: largestFilter) }
  }

  private static func parts(_ reader: inout JSONReader) throws -> [Part] {
    try reader.list(at: "include") { reader, index in
      let name = try reader.text(at: "include[\(index)]")
      guard let part = Part(rawValue: name) else {
        let known = Part.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ")
        throw HTTPError.misshapen("include[\(index)]: unknown variant `\(name)`, expected one of \(known)")
      }
      return part
    }
  }
}
