import Foundation
import MartletSeededRandom
import Testing

@testable import MartletVectorStore

@Suite("A graph that is made for FAISS")
struct ExchangeMadeGraphTests {
  private func file(of vectors: [[Float]], _ distance: Distance, in folder: TemporaryFolder) throws -> String
  {
    let path = folder.path + "/x.faiss"
    let writer = try VectorFileWriter(path: path, format: .faiss, distance: distance, makesGraph: true)
    try writer.append(vectors.enumerated().map { Record(id: "\(7 * $0)", embedding: $1) })
    #expect(try writer.finish().count == vectors.count)
    return path
  }

  @Test(
    "Is sound, and leads from its entry to every vector, equal ones among them", arguments: Distance.allCases)
  func reach(distance: Distance) throws {
    var random = SplitMix64(seed: 31)
    let folder = try TemporaryFolder()
    let different = (0..<1500).map { _ in (0..<8).map { _ in Float.random(in: -1...1, using: &random) } }
    let vectors = different + [[Float]](repeating: different[3], count: 40)
    let path = try file(of: vectors, distance, in: folder)
    let graph = try #require(try VectorFileReader(path: path).graph())
    #expect(graph.fault == nil && graph.count == vectors.count)
    let starts = graph.layers.reduce(into: [0]) {
      $0.append($0[$0.count - 1] + Int(graph.roomBelow[Int($1)]))
    }
    var reached = Set([graph.entry])
    var waiting = [graph.entry]
    while let node = waiting.popLast() {
      let start = starts[Int(node)]
      for link in graph.links[start..<start + Int(graph.roomBelow[1])] where link >= 0 {
        if reached.insert(link).inserted { waiting.append(link) }
      }
    }
    #expect(reached.count == vectors.count)
    let read = try readAll(path)
    #expect(read.map(\.id) == vectors.indices.map { "\(7 * $0)" })
    if distance != .cosine { #expect(read.map(\.embedding) == vectors) }
  }

  @Test("Of one vector, or of none, it is one as well")
  func small() throws {
    for count in 0...2 {
      let folder = try TemporaryFolder()
      let vectors = (0..<count).map { [Float($0), 1] }
      let graph = try VectorFileReader(path: file(of: vectors, .l2, in: folder)).graph()
      #expect(graph?.fault == nil)
      #expect(count == 0 || graph?.count == count)
    }
  }

  @Test("Goes into FAISS's files alone")
  func formats() {
    #expect(throws: VectorFileError.self) {
      try VectorFileWriter(path: "/nowhere/x.npy", format: .npy, makesGraph: true)
    }
  }
}
