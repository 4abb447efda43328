import Foundation
import MartletJSON
import Testing

@testable import MartletInspection

@Suite("Many dimensions in two")
struct ProjectionTests {
  @Test("Principal components are those of numpy's SVD, up to their signs")
  func pca() throws {
    for data in try #require(try Reference.read("projection.json")["pca"]?.arrayValue) {
      let vectors = try #require(data["vectors"]).rows
      let found = PrincipalComponents(of: vectors)
      let expected = try #require(data["points"]?.arrayValue).map(\.doubles)
      for component in 0..<2 {
        let (a, b) = (found.points.map { $0[component] }, expected.map { $0[component] })
        let sign = zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } < 0 ? -1.0 : 1.0
        for (x, y) in zip(a, b) { #expect(abs(x - sign * y) < 1e-9) }
        // The largest coordinate in size is positive.
        #expect((a.max { abs($0) < abs($1) } ?? 0) > 0)
      }
      let ratio = try #require(data["ratio"]).doubles
      for (x, y) in zip(found.explainedVarianceRatio, ratio) { #expect(abs(x - y) < 1e-12) }
    }
  }

  @Test("Points that are equal, or on a line, have no second component")
  func degenerate() {
    let equal = PrincipalComponents(of: [[1, 2, 3], [1, 2, 3]])
    #expect(equal.points == [[0, 0], [0, 0]] && equal.explainedVarianceRatio == [0, 0])
    let line = PrincipalComponents(of: [[0, 0], [1, 1], [2, 2], [5, 5]])
    #expect(line.points.allSatisfy { $0[1] == 0 })
    #expect(abs(line.explainedVarianceRatio[0] - 1) < 1e-12)
    #expect(PrincipalComponents(of: [[7]]).points == [[0, 0]])
  }

  @Test("Eigenvectors of a matrix with equal eigenvalues are orthogonal, and fit")
  func eigenvectors() {
    let n = 40
    var state: UInt64 = 1
    var matrix = [Double](repeating: 0, count: n * n)
    for i in 0..<n {
      for j in 0...i {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let value = i < n / 2 ? Double(state >> 40) / 1e7 : (i == j ? 3 : 0)
        (matrix[i * n + j], matrix[j * n + i]) = (value, value)
      }
    }
    let eigen = SymmetricEigenvectors(of: matrix, size: n, count: n)
    #expect(zip(eigen.values, eigen.values.dropFirst()).allSatisfy { $0 >= $1 })
    for (index, vector) in eigen.vectors.enumerated() {
      for row in 0..<n {
        let product = (0..<n).reduce(0) { $0 + matrix[row * n + $1] * vector[$1] }
        #expect(abs(product - eigen.values[index] * vector[row]) < 1e-9)
      }
      for (other, second) in eigen.vectors.enumerated() {
        let product = zip(vector, second).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(abs(product - (index == other ? 1 : 0)) < 1e-12)
      }
    }
  }

  @Test("Joint probabilities, cost and gradient of t-SNE are those of scikit-learn")
  func tsneParts() throws {
    let data = try #require(try Reference.read("projection.json")["tsne"])
    let vectors = try #require(data["vectors"]).rows
    let joint = Neighbourhoods.joint(
      Neighbourhoods.squaredDistances(vectors), perplexity: try #require(data["perplexity"]?.doubleValue))
    let expected = try #require(data["joint"]?.arrayValue).flatMap(\.doubles)
    // scikit-learn searches the widths in float32, to 1e-5 of the entropy.
    for (x, y) in zip(joint, expected) { #expect(abs(x - y) < 2e-5) }
    #expect(abs(joint.reduce(0, +) - 1) < 1e-12)
    let descent = Descent(expected, start: try #require(data["y"]).doubles)
    #expect(abs(descent.cost() - (try #require(data["cost"]?.doubleValue))) < 1e-6)
    for (x, y) in zip(descent.gradient(), try #require(data["gradient"]).doubles) {
      #expect(abs(x - y) < 1e-8)
    }
  }

  @Test("The gradient of t-SNE is that of its cost, by finite differences")
  func gradient() throws {
    let data = try #require(try Reference.read("projection.json")["tsne"])
    let joint = try #require(data["joint"]?.arrayValue).flatMap(\.doubles)
    let y = try #require(data["y"]).doubles
    let gradient = Descent(joint, start: y).gradient()
    for index in y.indices {
      let costs = [1e-5, -1e-5].map { step in
        var moved = y
        moved[index] += step
        return Descent(joint, start: moved).cost()
      }
      #expect(abs((costs[0] - costs[1]) / 2e-5 - gradient[index]) < 1e-7)
    }
  }

  /// Two groups of points far from each other.
  private var groups: [[Float]] {
    (0..<24).map { index in
      let center: Float = index < 12 ? 0 : 20
      return (0..<5).map { center + Float((index * 7 + $0 * 13) % 11) / 11 }
    }
  }

  @Test("t-SNE makes its cost smaller, and keeps groups apart")
  func descends() throws {
    let start = try TSNE(of: groups, TSNE.Settings(iterations: 0))
    let end = try TSNE(of: groups)
    #expect(end.divergence < start.divergence / 2)
    #expect(end.perplexity == 23.0 / 3)
    func distance(_ i: Int, _ j: Int) -> Double {
      hypot(end.points[i][0] - end.points[j][0], end.points[i][1] - end.points[j][1])
    }
    for i in 0..<24 {
      let nearest = (0..<24).filter { $0 != i }.min { distance(i, $0) < distance(i, $1) } ?? i
      #expect((nearest < 12) == (i < 12))
    }
  }

  @Test("Equal seeds give equal maps")
  func seeds() throws {
    let (a, b) = try (TSNE(of: groups), TSNE(of: groups))
    #expect(a == b)
    #expect(try TSNE(of: groups, TSNE.Settings(seed: 1)).points != a.points)
  }

  @Test("Equal points, and points that are all equal, have finite places")
  func equalPoints() throws {
    for vectors in [groups + groups, [[Float]](repeating: [1, 2], count: 6)] {
      let map = try TSNE(of: vectors)
      #expect(map.points.joined().allSatisfy(\.isFinite) && map.divergence.isFinite)
    }
  }

  @Test("Too few points, and a perplexity that does not suit them, are refused with the range")
  func limits() throws {
    #expect(throws: InspectionError.tooFew(what: "points for t-SNE", count: 3, minimum: 4)) {
      try TSNE(of: Array(groups.prefix(3)))
    }
    #expect(throws: InspectionError.perplexityOutOfRange(30, count: 24)) {
      try TSNE(of: groups, TSNE.Settings(perplexity: 30))
    }
    #expect(throws: InspectionError.tooFew(what: "texts to place", count: 1, minimum: 2)) {
      try TextMap.check(count: 1)
    }
    #expect(InspectionError.perplexityOutOfRange(30, count: 24).description.contains("at most 7,"))
  }
}
