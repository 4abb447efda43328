import Foundation
import MartletCheckpoints
import MartletEmbedding
import MartletJSON
import MartletTensors
import MartletTestScope
import Testing

@Suite(
  "MiniLM's vectors are sentence-transformers'", .serialized,
  .enabled(if: MiniLM.isThere, "needs `martlet pull all-minilm-l6-v2`"))
struct ParityTests {
  func embedder(_ precision: Precision) throws -> SentenceEmbedder {
    try SentenceEmbedder(
      Checkpoint.open(MiniLM.path), name: "all-minilm-l6-v2", precision: precision, device: Device(threads: 2)
    )
  }

  @Test(
    "Every vector is within cosine 0.9999 in float32, and within 0.99 on the fast path",
    .enabled(if: MiniLM.hasData, "needs ../shared/data"))
  func vectors() throws {
    let lines = try MiniLM.lines("embedding-parity/minilm.jsonl")
    let texts = lines.compactMap { $0["text"]?.stringValue }
    let expected = lines.map { ($0["embedding"]?.arrayValue ?? []).map { Float($0.doubleValue ?? .nan) } }
    #expect(!texts.isEmpty && texts.count == expected.count)
    let exact = try embedder(.float32).embed(texts).map(\.vector)
    for (text, (a, b)) in zip(texts, zip(exact, expected)) {
      #expect(cosine(a, b) > 0.9999, "\(text.prefix(60))")
    }
    let fast = try embedder(.int8).embed(texts).map(\.vector)
    let cosines = zip(fast, expected).map(cosine)
    #expect(cosines.allSatisfy { $0 > 0.99 }, "the least is \(cosines.min() ?? 0)")
    #expect(cosines.reduce(0, +) / Float(cosines.count) > 0.998, "the mean of \(cosines)")
  }

  @Test(
    "STS-B's rank correlation is the reference's: within 0.2 points in float32, at most 0.5 lower on the fast path",
    .enabled(if: MiniLM.hasData, "needs ../shared/data"))
  func stsb() throws {
    let lines = try MiniLM.lines("stsb/dev.jsonl")
    let reference = try JSON(
      parsing: [UInt8](Data(contentsOf: MiniLM.here.appending(path: "Reference/stsb.json"))))
    let expected = try #require(reference["spearman"]?.doubleValue)
    #expect(try abs(spearman(lines, .float32) - expected) < 0.002)
    #expect(try spearman(lines, .int8) > expected - 0.005)
  }

  @Test("A text beyond the limit is cut there, and says so")
  func truncation() throws {
    let long = String(repeating: "word ", count: 500)
    let embeddings = try embedder(.float32).embed([long, "short"])
    #expect(embeddings[0].isTruncated && embeddings[0].tokenCount == 256)
    #expect(!embeddings[1].isTruncated)
  }

  private func spearman(_ lines: [JSON], _ precision: Precision) throws -> Double {
    let embedder = try embedder(precision)
    let first = try embedder.embed(lines.compactMap { $0["sentence1"]?.stringValue })
    let second = try embedder.embed(lines.compactMap { $0["sentence2"]?.stringValue })
    let similarities = zip(first, second).map { Double(cosine($0.vector, $1.vector)) }
    return pearson(ranks(similarities), ranks(lines.compactMap { $0["score"]?.doubleValue }))
  }
}

private func cosine(_ a: [Float], _ b: [Float]) -> Float {
  let dot = zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
  let lengths = (a.reduce(0) { $0 + $1 * $1 } * b.reduce(0) { $0 + $1 * $1 }).squareRoot()
  return dot / lengths
}

/// Ranks from 1, the mean of them for equals.
private func ranks(_ values: [Double]) -> [Double] {
  let order = values.indices.sorted { values[$0] < values[$1] }
  var ranks = [Double](repeating: 0, count: values.count)
  var start = 0
  while start < order.count {
    var end = start + 1
    while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
    for place in start..<end { ranks[order[place]] = Double(start + end + 1) / 2 }
    start = end
  }
  return ranks
}

private func pearson(_ a: [Double], _ b: [Double]) -> Double {
  let (meanA, meanB) = (a.reduce(0, +) / Double(a.count), b.reduce(0, +) / Double(b.count))
  let covariance = zip(a, b).reduce(0) { $0 + ($1.0 - meanA) * ($1.1 - meanB) }
  let variances =
    a.reduce(0) { $0 + ($1 - meanA) * ($1 - meanA) } * b.reduce(0) { $0 + ($1 - meanB) * ($1 - meanB) }
  return covariance / variances.squareRoot()
}

enum MiniLM {
  static let here = URL(filePath: #filePath).deletingLastPathComponent()
  static let data = here.deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "../shared/data").standardized
  static let path = "\(ModelCache().root)/all-minilm-l6-v2"
  static var isThere: Bool { !TestScope.isQuick && FileManager.default.fileExists(atPath: path) }
  static var hasData: Bool { FileManager.default.fileExists(atPath: data.path()) }
  static func lines(_ file: String) throws -> [JSON] {
    try [UInt8](Data(contentsOf: data.appending(path: file))).split(separator: 0x0A).map {
      try JSON(parsing: $0)
    }
  }
}
