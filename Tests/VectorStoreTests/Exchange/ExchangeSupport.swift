import Foundation
import MartletSeededRandom
import Testing

@testable import MartletVectorStore

/// The files that numpy and FAISS wrote (see `Fixtures/exchange/make_files.py`).
enum ExchangeFixture {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../Fixtures/exchange").standardizedFileURL.path

  static func path(_ name: String) -> String { "\(folder)/\(name)" }

  static func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(filePath: path(name))))
  }

  /// The table of which they hold the first rows and columns.
  static func table(_ rows: Int, _ columns: Int) -> [[Float]] {
    (0..<rows).map { row in
      (0..<columns).map { column -> Float in
        let whole = (7 * row + 13 * column) % 97 - 48
        return Float(whole) / 32
      }
    }
  }
}

/// All records of a file, read some at a time.
func readAll(_ reader: VectorFileReader, by limit: Int = 7) throws -> [Record] {
  var records = [Record]()
  while let some = try reader.next(limit) {
    #expect(some.count <= limit)
    records += some
  }
  return records
}

func readAll(_ path: String, _ format: VectorFileFormat? = nil, by limit: Int = 7) throws -> [Record] {
  try readAll(VectorFileReader(path: path, format: format), by: limit)
}

/// Writes records, some at a time.
@discardableResult
func write(
  _ records: [Record], to path: String, _ format: VectorFileFormat, distance: Distance = .l2,
  graph: FAISSGraph? = nil
) throws -> VectorFileSummary {
  let writer = try VectorFileWriter(path: path, format: format, distance: distance, graph: graph)
  for start in stride(from: 0, to: records.count, by: 11) {
    try writer.append(Array(records[start..<min(start + 11, records.count)]))
  }
  return try writer.finish()
}

/// What is wrong with a file of these bytes; nil where it is read to its end.
func fault(of bytes: [UInt8], _ format: VectorFileFormat) throws -> VectorFileError? {
  let folder = try TemporaryFolder()
  let path = folder.path + "/file"
  try Data(bytes).write(to: URL(filePath: path))
  do {
    let reader = try VectorFileReader(path: path, format: format)
    while let some = try reader.next(3) { #expect(!some.isEmpty) }
    _ = try reader.graph()
    return nil
  } catch {
    return error
  }
}

extension SplitMix64 {
  /// A vector of numbers of every magnitude.
  mutating func vector(_ dimension: Int) -> [Float] {
    (0..<dimension).map { _ in
      let exponent = Int.random(in: -20...20, using: &self)
      return Float.random(in: -1...1, using: &self) * Float(sign: .plus, exponent: exponent, significand: 1)
    }
  }

  /// A text of characters of all kinds.
  mutating func text() -> String {
    let characters = ["a", "ß", "\n", "\"", "\\", "漢", "🦜", "\u{1}", "\u{2028}", " ", "0"]
    return (0..<Int.random(in: 0...12, using: &self)).map { _ in characters.randomElement(using: &self) ?? ""
    }.joined()
  }
}
