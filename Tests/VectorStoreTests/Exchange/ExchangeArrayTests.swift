import Foundation
import MartletSeededRandom
import Testing

@testable import MartletVectorStore

@Suite("Files of plain vectors")
struct ExchangeArrayTests {
  @Test(
    "NumPy's arrays are read as numpy wrote them: types, byte orders, memory orders and versions",
    arguments: [
      "f4le-v1", "f4be-v2", "f8le-v3", "f8be-fortran", "f2le", "f2be-fortran", "f4le-fortran",
    ])
  func numPy(_ name: String) throws {
    let reader = try VectorFileReader(path: ExchangeFixture.path("\(name).npy"))
    #expect(reader.format == .npy && reader.dimension == 3 && reader.count == 5 && reader.distance == nil)
    for limit in [1, 2, 5, 100] {
      let records = try readAll(reader.path, by: limit)
      #expect(records.map(\.embedding) == ExchangeFixture.table(5, 3))
      #expect(records.map(\.id) == ["0", "1", "2", "3", "4"])
    }
  }

  @Test("What is written is byte for byte what numpy writes")
  func numPyWritten() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/x.npy"
    let records = ExchangeFixture.table(5, 3).enumerated().map { Record(id: "\($0)", embedding: $1) }
    let summary = try write(records, to: path, .npy)
    #expect(summary == VectorFileSummary(count: 5))
    #expect(try Array(Data(contentsOf: URL(filePath: path))) == ExchangeFixture.bytes("f4le-v1.npy"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["x.npy"])
  }

  @Test("A NumPy file has the documented header, and only appears when it is whole")
  func numPyHeader() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/x.npy"
    let file = try NumPyFile(path: path, columns: 2)
    try file.append([1, -0.5])
    try file.append([3, 4])
    #expect(!FileManager.default.fileExists(atPath: path))
    try file.finish()
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    #expect(bytes.count == 128 + 16)
    #expect(Array(bytes.prefix(8)) == [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0])
    let header = String(decoding: bytes[10..<128], as: UTF8.self)
    #expect(header.hasPrefix("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }"))
    #expect(header.hasSuffix("\n"))
    let values = bytes[128...].withUnsafeBytes { Array($0.assumingMemoryBound(to: Float.self)) }
    #expect(values == [1, -0.5, 3, 4])
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["x.npy"])
  }

  @Test(
    "An unfinished file leaves nothing behind", arguments: [VectorFileFormat.npy, .fvecs, .faiss, .jsonl])
  func unfinished(_ format: VectorFileFormat) throws {
    let folder = try TemporaryFolder()
    do {
      let writer = try VectorFileWriter(path: folder.path + "/x", format: format)
      try writer.append([Record(id: "a", embedding: [1])])
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
  }

  @Test("fvecs, ivecs and bvecs are read")
  func vecs() throws {
    let table = ExchangeFixture.table(4, 6)
    #expect(try readAll(ExchangeFixture.path("rows.fvecs"), by: 3).map(\.embedding) == table)
    let whole = table.map { $0.map { $0 * 32 + 48 } }
    #expect(try readAll(ExchangeFixture.path("rows.ivecs")).map(\.embedding) == whole)
    #expect(try readAll(ExchangeFixture.path("rows.bvecs")).map(\.embedding) == whole)
  }

  @Test("fvecs are written as they are read; ivecs and bvecs are refused")
  func vecsWritten() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/x.fvecs"
    try write(
      ExchangeFixture.table(4, 6).enumerated().map { Record(id: "\($0)", embedding: $1) }, to: path, .fvecs)
    #expect(try Array(Data(contentsOf: URL(filePath: path))) == ExchangeFixture.bytes("rows.fvecs"))
    for format in [VectorFileFormat.ivecs, .bvecs] {
      #expect(throws: VectorFileError.self) { try VectorFileWriter(path: path, format: format) }
    }
  }

  @Test(
    "Vectors and ids come back to the last bit, whatever the ids, and an empty file is one, too",
    arguments: [VectorFileFormat.npy, .fvecs, .faiss, .jsonl], 1...6 as ClosedRange<UInt64>)
  func roundTrip(_ format: VectorFileFormat, _ seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let folder = try TemporaryFolder()
    let path = folder.path + "/x"
    let dimension = Int.random(in: 1...40, using: &random)
    let count = seed == 1 ? 0 : Int.random(in: 1...60, using: &random)
    let records = (0..<count).map { row in
      let id =
        switch seed % 3 {
        case 0: "\(row)"
        case 1: "\(row * 1000 + 7)"
        default: "\(row) \(random.text())"
        }
      return Record(id: id, embedding: random.vector(dimension))
    }
    let summary = try write(records, to: path, format)
    #expect(summary.count == count)
    let tellsIDs = format == .jsonl || count == 0 || seed % 3 == 0 || format == .faiss && seed % 3 == 1
    #expect((summary.idsPath == nil) == tellsIDs)
    #expect(summary.idsPath == nil || summary.idsPath == path + ".ids")
    let reader = try VectorFileReader(path: path, format: format)
    #expect(format == .jsonl || reader.count == count)
    #expect(format == .jsonl || count == 0 || reader.dimension == dimension)
    #expect(try readAll(reader) == records)
    #expect(try reader.next() == nil)
  }

  @Test("A file of ids that an earlier one left is taken away; ids that do not fit the vectors are refused")
  func idFiles() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/x.npy"
    let ids = path + ".ids"
    try write([Record(id: "a", embedding: [1]), Record(id: "b", embedding: [2])], to: path, .npy)
    #expect(try String(contentsOfFile: ids, encoding: .utf8) == "\"a\"\n\"b\"\n")
    try Data("\"a\"\n".utf8).write(to: URL(filePath: ids))
    let few = #expect(throws: VectorFileError.self) { try readAll(path) }
    #expect(few?.description == "\(ids), line 2: the ids end here, but there are 2 vectors.")
    try Data("\"a\"\n\"b\"\n\"c\"\n".utf8).write(to: URL(filePath: ids))
    let many = #expect(throws: VectorFileError.self) { try readAll(path) }
    #expect(many?.description == "\(ids), line 3: there are more ids than the 2 vectors.")
    try Data("\"a\"\nb\n".utf8).write(to: URL(filePath: ids))
    let none = #expect(throws: VectorFileError.self) { try readAll(path) }
    #expect(none?.description == "\(ids), line 2: this is no JSON string.")
    try write([Record(id: "0", embedding: [1])], to: path, .npy)
    #expect(!FileManager.default.fileExists(atPath: ids))
  }

  @Test("What a format does not hold of the records is counted and said")
  func leftOut() throws {
    let folder = try TemporaryFolder()
    let records = [
      Record(id: "0", embedding: [1, 0], document: "text", metadata: ["a": .integer(1)]),
      Record(id: "1", embedding: [0, 1], uri: "file:///x", path: "/x"),
    ]
    let summary = try write(records, to: folder.path + "/x.fvecs", .fvecs)
    #expect(summary.leftOutDocumentCount == 1 && summary.leftOutMetadataCount == 1)
    #expect(summary.leftOutURICount == 1 && summary.leftOutPathCount == 1)
    #expect(summary.notes.first == "The format does not hold the text of a record: 1 was left out.")
    #expect(summary.notes.count == 4)
    let lines = try write(records, to: folder.path + "/x.jsonl", .jsonl)
    #expect(lines.leftOutPathCount == 1 && lines.notes.count == 1)
  }

  @Test("A vector of another length is refused, and so is a place that is no file")
  func unfit() throws {
    let folder = try TemporaryFolder()
    let writer = try VectorFileWriter(path: folder.path + "/x.npy", format: .npy)
    try writer.append([Record(id: "a", embedding: [1, 2])])
    let error = #expect(throws: VectorFileError.self) { try writer.append([Record(id: "b", embedding: [1])]) }
    #expect(error?.problem == "record b has 1 numbers, where 2 are due")
    let place = #expect(throws: VectorFileError.self) {
      try VectorFileWriter(path: "/dev/null", format: .jsonl)
    }
    #expect(place?.kind == .missing)
    let name = #expect(throws: VectorFileError.self) { try VectorFileReader(path: folder.path + "/x.txt") }
    #expect(name?.kind == .unsupported)
    let missing = #expect(throws: VectorFileError.self) {
      try VectorFileReader(path: folder.path + "/none.npy")
    }
    #expect(missing?.kind == .missing)
    #expect(throws: VectorFileError.self) { try VectorFileReader(path: folder.path, format: .fvecs) }
  }
}
