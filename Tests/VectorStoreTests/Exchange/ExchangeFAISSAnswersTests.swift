import Foundation
import MartletJSON
import MartletSeededRandom
import MartletTestScope
import Testing

@testable import MartletVectorStore

/// A Python that has the `faiss` package: the one that MARTLET_FAISS_PYTHON names, that of the vector races' peers
/// (`make bench`), or the system's.
enum FaissPython {
  static let path: String? = {
    if TestScope.isQuick { return nil }
    let environment = ProcessInfo.processInfo.environment
    let cache = environment["XDG_CACHE_HOME"] ?? "\(environment["HOME"] ?? "")/.cache"
    let peers = "\(cache)/martlet-peers"
    let keys = (try? FileManager.default.contentsOfDirectory(atPath: peers)) ?? []
    let candidates =
      [environment["MARTLET_FAISS_PYTHON"]] + keys.sorted().map { "\(peers)/\($0)/vectors-venv/bin/python" }
      + ["/usr/bin/python3"]
    return candidates.compactMap(\.self).first { (try? run($0, ["-c", "import faiss"])) != nil }
  }()

  static let hint: Comment =
    "needs a Python with faiss-cpu: name one in MARTLET_FAISS_PYTHON, or run make bench"

  struct Failure: Error {}

  static func run(_ program: String, _ arguments: [String], input: String = "/dev/null") throws -> Data {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    process.standardInput = FileHandle(forReadingAtPath: input)
    process.standardError = FileHandle.nullDevice
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Failure() }
    return data
  }
}

@Suite("FAISS itself on what is written", .enabled(if: FaissPython.path != nil, FaissPython.hint))
struct ExchangeFAISSAnswersTests {
  private static let count = 800
  private static let dimension = 24
  private static let queries = 40

  private func vectors(_ count: Int, seed: UInt64) -> [[Float]] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { _ in (0..<Self.dimension).map { _ in Float.random(in: -1...1, using: &random) } }
  }

  /// What FAISS says of a file, and finds in it.
  private func ask(_ folder: TemporaryFolder, _ file: String, _ records: [Record]) throws -> JSON {
    let (base, queries) = (folder.path + "/base.npy", folder.path + "/queries.npy")
    for (path, rows) in [(base, records.map(\.embedding)), (queries, vectors(Self.queries, seed: 2))] {
      let array = try NumPyFile(path: path, columns: Self.dimension)
      for row in rows { try array.append(row) }
      try array.finish()
    }
    let program = try #require(FaissPython.path)
    let output = try FaissPython.run(
      program, [ExchangeFixture.path("ask_faiss.py"), file, base, "10"], input: queries)
    return try JSON(parsing: output)
  }

  private func lists(_ json: JSON, _ key: String) throws -> [[Double]] {
    try #require(json[key]?.arrayValue).map { try #require($0.arrayValue).compactMap(\.doubleValue) }
  }

  @Test("A flat index answers as FAISS's own, with the records' ids", arguments: [Distance.l2, .ip, .cosine])
  func flat(_ distance: Distance) throws {
    let folder = try TemporaryFolder()
    let file = folder.path + "/x.faiss"
    let records = vectors(Self.count, seed: 1).enumerated().map { row, vector in
      Record(id: "\(5000 - 3 * row)", embedding: vector)
    }
    try write(records, to: file, .faiss, distance: distance)
    // FAISS has unit vectors for the cosine; its own index is made of what the file holds.
    let held = try readAll(file)
    let answer = try ask(folder, file, held)
    #expect(answer["type"]?.stringValue == "IndexIDMap")
    #expect(answer["inner"]?.stringValue == (distance == .l2 ? "IndexFlatL2" : "IndexFlatIP"))
    #expect(answer["d"]?.intValue == Self.dimension && answer["ntotal"]?.intValue == Self.count)
    #expect(answer["metric"]?.intValue == (distance == .l2 ? 1 : 0))
    #expect(answer["ids"]?.arrayValue?.compactMap(\.intValue) == records.compactMap { Int($0.id) })
    #expect(answer["rewritten"]?.boolValue == true)
    #expect(try lists(answer, "distances") == lists(answer, "own_distances"))
    let own = try lists(answer, "own_labels").map { $0.map { Double(5000 - 3 * Int($0)) } }
    #expect(try lists(answer, "labels") == own)
  }

  @Test("A graph of one layer, made of a table of neighbours, is searched by FAISS with good recall")
  func oneLayer() throws {
    let folder = try TemporaryFolder()
    let file = folder.path + "/x.faiss"
    let records = vectors(Self.count, seed: 3).enumerated().map { Record(id: "\($0)", embedding: $1) }
    let graph = FAISSGraph(
      oneLayer: neighborTable(records.map(\.embedding), degree: 24), degree: 24, entry: 5)
    try write(records, to: file, .faiss, distance: .l2, graph: graph)
    let answer = try ask(folder, file, records)
    #expect(answer["inner"]?.stringValue == "IndexHNSWFlat")
    #expect(answer["rewritten"]?.boolValue == true)
    let (found, own) = try (lists(answer, "labels"), lists(answer, "own_labels"))
    let hits = zip(found, own).reduce(0) { $0 + Set($1.0).intersection($1.1).count }
    #expect(Double(hits) / Double(Self.queries * 10) >= 0.95)
    #expect(try VectorFileReader(path: file).graph() == graph)
  }

  @Test("A graph made here is searched by FAISS with good recall", arguments: [Distance.l2, .ip, .cosine])
  func madeGraph(_ distance: Distance) throws {
    let folder = try TemporaryFolder()
    let file = folder.path + "/x.faiss"
    // In clusters, and some twice, which share a node.
    let middles = vectors(60, seed: 5)
    let spread = vectors(4000, seed: 6)
    let records = spread.indices.map { row in
      let (middle, noise) = (middles[row % middles.count], spread[row < 3990 ? row : row - 3990])
      return Record(
        id: "\(row)",
        embedding: row < 3990
          ? zip(middle, noise).map { $0 + 0.3 * $1 }
          : zip(middles[(row - 3990) % 60], noise).map { $0 + 0.3 * $1 })
    }
    let writer = try VectorFileWriter(path: file, format: .faiss, distance: distance, makesGraph: true)
    try writer.append(records)
    #expect(try writer.finish().count == records.count)
    let graph = try #require(try VectorFileReader(path: file).graph())
    #expect(graph.fault == nil && graph.layers.count(where: { $0 == 2 }) == 16)
    let answer = try ask(folder, file, readAll(file))
    #expect(answer["inner"]?.stringValue == "IndexHNSWFlat" && answer["rewritten"]?.boolValue == true)
    let (found, own) = try (lists(answer, "labels"), lists(answer, "own_labels"))
    let hits = zip(found, own).reduce(0) { $0 + Set($1.0).intersection($1.1).count }
    #expect(Double(hits) / Double(Self.queries * 10) >= 0.95, "\(hits) of \(Self.queries * 10)")
  }

  @Test("A graph that FAISS made, and that was read and written here, answers as before")
  func readAndWritten() throws {
    let folder = try TemporaryFolder()
    let file = folder.path + "/x.faiss"
    let program = try #require(FaissPython.path)
    let made = folder.path + "/made.faiss"
    let records = vectors(Self.count, seed: 4).enumerated().map { Record(id: "\($0)", embedding: $1) }
    try write(records, to: folder.path + "/base.npy", .npy)
    _ = try FaissPython.run(
      program,
      [
        "-c",
        """
        import sys, faiss, numpy as np
        index = faiss.IndexHNSWFlat(\(Self.dimension), 16)
        index.add(np.load(sys.argv[1]))
        faiss.write_index(index, sys.argv[2])
        """, folder.path + "/base.npy", made,
      ])
    let reader = try VectorFileReader(path: made)
    try write(readAll(reader), to: file, .faiss, distance: .l2, graph: reader.graph())
    let (before, after) = try (ask(folder, made, records), ask(folder, file, records))
    #expect(try lists(before, "labels") == lists(after, "labels"))
    #expect(try lists(before, "distances") == lists(after, "distances"))
    #expect(after["rewritten"]?.boolValue == true)
  }

  /// The nearest half of each node's links, and some to anywhere, so that all nodes can be reached.
  private func neighborTable(_ vectors: [[Float]], degree: Int) -> [Int32] {
    var random = SplitMix64(seed: 9)
    return vectors.indices.flatMap { node -> [Int32] in
      let nearest = vectors.indices.filter { $0 != node }.map { other in
        (other, zip(vectors[node], vectors[other]).reduce(Float(0)) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) })
      }.sorted { $0.1 < $1.1 }.prefix(degree * 3 / 4).map { Int32($0.0) }
      let anywhere = (0..<degree - nearest.count).map { _ in
        Int32.random(in: 0..<Int32(vectors.count), using: &random)
      }
      return nearest + anywhere
    }
  }
}
