import Foundation
import MartletJSON
import MartletSeededRandom
import Testing

@testable import MartletVectorStore

@Suite("Index files of FAISS")
struct ExchangeFAISSTests {
  @Test(
    "Flat indexes are read: vectors, metric, and rows as ids",
    arguments: [
      ("flat-l2", FAISSMetric.euclidean, Distance?.some(.l2)), ("flat-ip", .innerProduct, .ip),
      ("flat-l1", .other(2, argument: 0), nil),
    ])
  func flat(_ name: String, _ metric: FAISSMetric, _ distance: Distance?) throws {
    let reader = try VectorFileReader(path: ExchangeFixture.path("\(name).faiss"))
    #expect(reader.format == .faiss && reader.dimension == 4 && reader.count == 20)
    #expect(reader.metric == metric && reader.distance == distance)
    #expect(try reader.graph() == nil)
    let records = try readAll(reader)
    #expect(records.map(\.embedding) == ExchangeFixture.table(20, 4))
    #expect(records.map(\.id) == (0..<20).map { "\($0)" })
  }

  @Test(
    "Maps of ids are read, over flat indexes and over graphs",
    arguments: [("idmap-flat", 20), ("idmap2-hnsw", 60)])
  func mapped(_ name: String, _ count: Int) throws {
    let reader = try VectorFileReader(path: ExchangeFixture.path("\(name).faiss"))
    let records = try readAll(reader)
    #expect(records.map(\.embedding) == ExchangeFixture.table(count, 4))
    #expect(records.map(\.id) == (0..<count).map { "\(1000 + 3 * $0)" })
    #expect(try (reader.graph() != nil) == (name == "idmap2-hnsw"))
  }

  @Test("An index without a vector is read")
  func empty() throws {
    let reader = try VectorFileReader(path: ExchangeFixture.path("empty.faiss"))
    #expect(reader.count == 0 && reader.dimension == 7 && reader.distance == .ip)
    #expect(try reader.next() == nil)
  }

  @Test("A graph has the arrays that FAISS has in memory")
  func graph() throws {
    let reader = try VectorFileReader(path: ExchangeFixture.path("hnsw-l2.faiss"))
    let graph = try #require(try reader.graph())
    let json = try JSON(parsing: ExchangeFixture.bytes("hnsw-l2.json"))
    func numbers(_ key: String) -> [Int32] {
      (json[key]?.arrayValue ?? []).compactMap { $0.intValue.map { Int32($0) } }
    }
    #expect(graph.layers == numbers("levels"))
    #expect(graph.links == numbers("neighbors"))
    #expect(graph.roomBelow == numbers("cum_nneighbor_per_level"))
    #expect(graph.probabilities == json["assign_probas"]?.arrayValue?.compactMap(\.doubleValue))
    #expect(Int(graph.entry) == json["entry_point"]?.intValue)
    #expect(Int(graph.constructionEffort) == json["efConstruction"]?.intValue)
    #expect(Int(graph.searchEffort) == json["efSearch"]?.intValue)
    #expect(graph.fault == nil && graph.count == 60)
  }

  @Test("What was read is written byte for byte", arguments: ["idmap-flat"])
  func same(_ name: String) throws {
    let folder = try TemporaryFolder()
    let reader = try VectorFileReader(path: ExchangeFixture.path("\(name).faiss"))
    let path = folder.path + "/x.faiss"
    let summary = try write(readAll(reader), to: path, .faiss, distance: .l2, graph: reader.graph())
    #expect(summary.idsPath == nil)
    #expect(try Array(Data(contentsOf: URL(filePath: path))) == ExchangeFixture.bytes("\(name).faiss"))
  }

  @Test("A graph is written byte for byte, but for the kind of map that is around it")
  func sameGraph() throws {
    let folder = try TemporaryFolder()
    let reader = try VectorFileReader(path: ExchangeFixture.path("idmap2-hnsw.faiss"))
    let path = folder.path + "/x.faiss"
    try write(readAll(reader), to: path, .faiss, distance: .l2, graph: reader.graph())
    var expected = try ExchangeFixture.bytes("idmap2-hnsw.faiss")
    expected.replaceSubrange(0..<4, with: Array("IxMp".utf8))
    #expect(try Array(Data(contentsOf: URL(filePath: path))) == expected)
  }

  @Test(
    "Ids that are whole numbers are FAISS's ids; as soon as one is none, all are rows and have a file of their own",
    arguments: [
      (["7", "0", "9223372036854775807"], true), (["1", "01"], false), (["1", "+1"], false), (["-1"], false),
      (["9223372036854775808"], false), (["1", "1 "], false), (["1", "a"], false), (["1", ""], false),
    ])
  func ids(_ ids: [String], _ areNumbers: Bool) throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/x.faiss"
    let records = ids.map { Record(id: $0, embedding: [1, 2]) }
    let summary = try write(records, to: path, .faiss)
    #expect((summary.idsPath == nil) == areNumbers)
    #expect(try readAll(path) == records)
    let index = try FAISSFile(CheckedInput(path: path))
    #expect(
      try index.ids(0..<ids.count)
        == (areNumbers ? ids.compactMap { Int64($0) } : ids.indices.map { Int64($0) }))
  }

  @Test("For the cosine vectors are brought to unit length, unless they are there, and that is said")
  func cosine() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/x.faiss"
    let records = [Record(id: "0", embedding: [3, 4]), Record(id: "1", embedding: [0, 1])]
    let summary = try write(records, to: path, .faiss, distance: .cosine)
    #expect(summary.normalized == 1)
    #expect(
      summary.notes.first?.hasPrefix("FAISS has no cosine: 1 vector was brought to unit length") == true)
    let reader = try VectorFileReader(path: path)
    #expect(reader.distance == .ip)
    #expect(try readAll(reader).map(\.embedding) == [[0.6, 0.8], [0, 1]])
  }

  @Test("A graph that would lead FAISS astray is refused, in a file and in memory")
  func faults() throws {
    let sound = FAISSGraph(oneLayer: [1, -1, 0, 2, 1, -1], degree: 2, entry: 0)
    #expect(sound.fault == nil)
    func fault(_ change: (inout FAISSGraph) -> Void) -> String {
      var graph = sound
      change(&graph)
      return graph.fault ?? ""
    }
    #expect(fault { $0.links[0] = 3 } == "node 0 is linked with node 3, and there are 3")
    #expect(fault { $0.links[0] = -2 }.hasPrefix("node 0 is linked with node -2"))
    #expect(fault { $0.links.removeLast() } == "there are 5 links, but the layers have room for 6")
    #expect(fault { $0.layers[1] = 0 } == "node 1 is in 0 layers of 1")
    #expect(fault { $0.layers[1] = 2 } == "node 1 is in 2 layers of 1")
    #expect(fault { $0.entry = 3 } == "searches begin at node 3, and there are 3")
    #expect(fault { $0.entry = -1 } == "searches begin at node -1, and there are 3")
    #expect(fault { $0.roomBelow = [] } == "there is no layer")
    #expect(fault { $0.roomBelow = [1, 3] } == "there is room for 1 links below the lowest layer")
    #expect(fault { $0.roomBelow = [0, 2, 1] }.hasPrefix("there is room for 1 links below a layer"))
    let tall = fault {
      $0.roomBelow = [0, 2, 3]
      $0.layers = [2, 1, 1]
      $0.links = [1, -1, 1, 0, 2, 1, -1]
    }
    #expect(tall == "node 0 is linked in layer 1 with node 1, which is not in it")
    let folder = try TemporaryFolder()
    var unsound = sound
    unsound.links[0] = 3
    let error = #expect(throws: VectorFileError.self) {
      try VectorFileWriter(path: folder.path + "/x", format: .faiss, graph: unsound)
    }
    #expect(error?.problem == "the graph is not sound: node 0 is linked with node 3, and there are 3")
    let few = try VectorFileWriter(path: folder.path + "/x", format: .faiss, graph: sound)
    try few.append([Record(id: "0", embedding: [1])])
    let unfit = #expect(throws: VectorFileError.self) { try few.finish() }
    #expect(unfit?.problem == "1 vectors for a graph of 3 nodes")
  }
}
