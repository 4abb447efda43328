import MartletJSON
import MartletVectorStore

/// The answer to a get or a query, written as bytes while the records are read, column by column: as values, records
/// and their vectors would take many times their size.
struct RecordsAnswer {
  private enum Column: Int, CaseIterable {
    case ids, embeddings, documents, uris, metadatas, distances

    var name: String { "\(self)" }
  }

  private var columns: [[UInt8]]
  private let isIncluded: [Bool]
  private let parts: [SelectionPayload.Part]
  private let isNested: Bool
  private let share: AnswerShare
  /// Whether something stands in the present list, or in the list of lists.
  private var hasRecord = false
  private var hasList = false

  /// An answer without a record. That to a query is nested: it has a list for each vector.
  init(_ parts: [SelectionPayload.Part], isNested: Bool, within share: AnswerShare) {
    self.parts = parts
    self.isNested = isNested
    self.share = share
    let names = Set(parts.map(\.rawValue))
    isIncluded = Column.allCases.map { $0 == .ids || names.contains($0.name) }
    columns = Column.allCases.map { _ in [] }
  }

  /// Adds a list for the next vector of a query.
  mutating func addList(_ matches: [Match]) throws(HTTPError) {
    for column in Column.allCases { columns[column.rawValue] += (hasList ? ",[" : "[").utf8 }
    (hasList, hasRecord) = (true, false)
    for match in matches { try add(match.record, Float(match.distance)) }
    for column in Column.allCases { columns[column.rawValue].append(UInt8(ascii: "]")) }
  }

  /// Adds a record to the last list.
  mutating func add(_ record: Record, _ distance: Float = 0) throws(HTTPError) {
    for column in Column.allCases where isIncluded[column.rawValue] {
      if hasRecord { columns[column.rawValue].append(UInt8(ascii: ",")) }
      Self.write(record, distance, column, into: &columns[column.rawValue])
    }
    hasRecord = true
    try share.grow(to: columns.reduce(0) { $0 + $1.count })
  }

  private static func write(_ record: Record, _ distance: Float, _ column: Column, into bytes: inout [UInt8])
  {
    switch column {
    case .ids: bytes += JSON.quoted(record.id).utf8
    case .embeddings:
      bytes.append(UInt8(ascii: "["))
      for (index, number) in record.embedding.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        bytes += number.description.utf8
      }
      bytes.append(UInt8(ascii: "]"))
    case .documents: bytes += (record.document.map { JSON.quoted($0) } ?? "null").utf8
    case .uris: bytes += (record.uri.map { JSON.quoted($0) } ?? "null").utf8
    case .metadatas:
      // Chroma gives an empty object where there is a URI, since that is metadata to it.
      let isNull = record.metadata.isEmpty && record.uri == nil
      bytes += (isNull ? JSON.null : record.metadata.json).serialized().utf8
    case .distances: bytes += distance.description.utf8
    }
  }

  /// The whole, to be sent.
  consuming func response() -> HTTPResponse {
    var bytes = [UInt8]()
    bytes.reserveCapacity(columns.reduce(64 * parts.count + 256) { $0 + $1.count })
    for column in Column.allCases where column != .distances || isNested {
      bytes += "\(bytes.isEmpty ? "{" : ",")\"\(column.name)\":".utf8
      if isIncluded[column.rawValue] {
        bytes.append(UInt8(ascii: "["))
        bytes += columns[column.rawValue]
        bytes.append(UInt8(ascii: "]"))
      } else {
        bytes += "null".utf8
      }
      columns[column.rawValue] = []
    }
    bytes += ",\"include\":[\(parts.map { "\"\($0.rawValue)\"" }.joined(separator: ","))]}".utf8
    var response = HTTPResponse.json(bytes)
    response.share = share
    return response
  }
}
