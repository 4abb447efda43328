import Foundation
import MartletJSON
import Testing

@testable import MartletVectorStore

/// What a real Chroma server answered (`Fixtures/filters.py`).
private struct ChromaFixture {
  struct Case {
    var query: JSON
    /// Nil where it was refused.
    var ids: [String]?
    /// Where Martlet answers otherwise on purpose.
    var isDifferent: Bool
  }

  let ids: [String]
  let records: [(metadata: Metadata, document: String?)]
  let cases: [Case]

  init() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
      "Fixtures/filters.json")
    let json = try JSON(parsing: Data(contentsOf: file))
    let all = try #require(json["records"]?.arrayValue)
    ids = all.compactMap { $0["id"]?.stringValue }
    records = try all.map {
      (try $0["metadata"]?.objectValue.map { try Metadata($0) } ?? [:], $0["document"]?.stringValue)
    }
    cases = try #require(json["filters"]?.arrayValue).map { json in
      let truth = json["difference"] ?? json
      return Case(
        query: json, ids: truth["ids"]?.arrayValue?.compactMap(\.stringValue),
        isDifferent: json["difference"] != nil)
    }
  }
}

private func filtered(_ query: JSON) throws -> Filter {
  var filters = [Filter]()
  if let clause = query["where"] { filters.append(try Filter(where: clause)) }
  if let clause = query["where_document"] { filters.append(try Filter(whereDocument: clause)) }
  return .all(filters)
}

@Suite struct FilterChromaTests {
  @Test func `Filters find the records that a Chroma server finds, and are refused where it refuses`() throws
  {
    let fixture = try ChromaFixture()
    let bench = try FilterBench(fixture.records)
    #expect(fixture.cases.count > 700)
    for (number, wanted) in fixture.cases.enumerated() {
      let text = "\(number): \(wanted.query.serialized())"
      guard let expected = wanted.ids else {
        #expect(throws: FilterError.self, "\(text)") { try filtered(wanted.query) }
        continue
      }
      let filter = try filtered(wanted.query)
      func ids(_ slots: [Int]) -> [String] { slots.map { fixture.ids[$0] } }
      #expect(try ids(bench.byIndex(filter)) == expected, "index \(text)")
      #expect(ids(bench.byTruth(filter)) == expected, "truth \(text)")
      // SQLite's reader of JSON ends texts at a NUL.
      let withoutNUL = expected.filter { $0 != "nul" }
      if !wanted.query.serialized().contains("\\u0000") {
        #expect(try ids(bench.bySQL(filter)).filter { $0 != "nul" } == withoutNUL, "SQL \(text)")
      }
    }
  }

  @Test func `Few filters are answered otherwise than by Chroma, and each says why`() throws {
    let fixture = try ChromaFixture()
    let different = fixture.cases.filter(\.isDifferent)
    #expect(different.count < fixture.cases.count / 10)
    #expect(different.allSatisfy { $0.query["difference"]?["reason"]?.stringValue?.isEmpty == false })
  }
}
