import JSON
import VectorStore

/// The answer to a get or a query, written as bytes: vectors would take many times their size as values.
struct RecordsAnswer {
  private(set) var bytes: [UInt8] = []
  private typealias Row = (record: Record, distance: Float)
  private let include: Set<SelectionPayload.Part>

  /// The answer to a get.
  init(_ records: [Record], _ include: [SelectionPayload.Part]) {
    self.init([records.map { ($0, 0) }], include, isNested: false)
  }

  /// The answer to a query, for each of its vectors.
  init(_ matches: [[Match]], _ include: [SelectionPayload.Part]) {
    self.init(matches.map { $0.map { ($0.record, Float($0.value)) } }, include, isNested: true)
  }

  private init(_ rows: [[Row]], _ parts: [SelectionPayload.Part], isNested: Bool) {
    include = Set(parts)
    func column(_ name: String, if part: SelectionPayload.Part?, _ write: (inout [UInt8], Row) -> Void) {
      bytes += (bytes.isEmpty ? "{" : ",").utf8
      bytes += "\"\(name)\":".utf8
      guard part.map(include.contains) ?? true else { return bytes += "null".utf8 }
      guard isNested else { return Self.list(rows.first ?? [], into: &bytes, write) }
      Self.list(rows, into: &bytes) { bytes, rows in Self.list(rows, into: &bytes, write) }
    }
    column("ids", if: nil) { $0 += JSON.quoted($1.record.id).utf8 }
    column("embeddings", if: .embeddings) { bytes, row in
      Self.list(row.record.embedding, into: &bytes) { $0 += $1.description.utf8 }
    }
    column("documents", if: .documents) { Self.text($1.record.document, into: &$0) }
    column("uris", if: .uris) { Self.text($1.record.uri, into: &$0) }
    column("metadatas", if: .metadatas) { bytes, row in
      // Chroma gives an empty object where there is a URI, since that is metadata to it.
      let isNull = row.record.metadata.isEmpty && row.record.uri == nil
      bytes += (isNull ? JSON.null : row.record.metadata.json).serialized().utf8
    }
    if isNested { column("distances", if: .distances) { $0 += $1.distance.description.utf8 } }
    bytes += ",\"include\":".utf8
    Self.list(parts, into: &bytes) { $0 += "\"\($1.rawValue)\"".utf8 }
    bytes += "}".utf8
  }

  private static func text(_ text: String?, into bytes: inout [UInt8]) {
    bytes += (text.map { JSON.quoted($0) } ?? "null").utf8
  }

  private static func list<Element>(
    _ elements: [Element], into bytes: inout [UInt8], _ write: (inout [UInt8], Element) -> Void
  ) {
    bytes.append(UInt8(ascii: "["))
    for (index, element) in elements.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      write(&bytes, element)
    }
    bytes.append(UInt8(ascii: "]"))
  }
}
