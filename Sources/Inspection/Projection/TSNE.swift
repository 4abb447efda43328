import Foundation

/// Points in two dimensions whose neighbours are the neighbours of many dimensions: t-distributed stochastic neighbour
/// embedding (van der Maaten and Hinton, "Visualizing Data using t-SNE", JMLR 9, 2008), computed exactly in O(n²) a step.
///
/// Distances between groups and the sizes of groups mean little in it: it shows who is near whom. Equal seeds give equal
/// points.
public struct TSNE: Sendable, Equatable {
  /// How the points are found.
  public struct Settings: Sendable, Equatable {
    /// About how many neighbours a point has: 2 to the power of the entropy of its neighbourhood (section 2); nil is 30, or
    /// a third of the other points if that is less.
    public var perplexity: Double?
    /// Steps of gradient descent; nil is 1000, as in scikit-learn.
    public var iterations: Int?
    /// Draws the small differences that tell equal points apart.
    public var seed: UInt64

    /// The settings that scikit-learn has, unless others are given.
    public init(perplexity: Double? = nil, iterations: Int? = nil, seed: UInt64 = 0) {
      (self.perplexity, self.iterations, self.seed) = (perplexity, iterations, seed)
    }
  }

  /// The points: two coordinates for each vector.
  public let points: [[Double]]
  /// What the perplexity was.
  public let perplexity: Double
  /// The Kullback-Leibler divergence of the two neighbourhoods at the end, in nats: the cost that was made small.
  public let divergence: Double

  /// The fewest vectors that it takes: each needs three others.
  public static let fewest = 4

  /// Places vectors.
  /// - Parameters:
  ///   - vectors: Of one length, with finite values.
  ///   - settings: How.
  ///   - progress: Called after each step with how many are done, of how many.
  /// - Throws: ``InspectionError`` where there are fewer than ``fewest`` or the perplexity does not suit so many;
  ///   `CancellationError` where the task is cancelled.
  public init(
    of vectors: [[Float]], _ settings: Settings = Settings(),
    progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) throws {
    let count = vectors.count
    guard count >= Self.fewest else {
      throw InspectionError.tooFew(what: "points for t-SNE", count: count, minimum: Self.fewest)
    }
    let most = Double(count - 1) / 3
    perplexity = settings.perplexity ?? min(30, most)
    guard perplexity >= 1, perplexity <= most else {
      throw InspectionError.perplexityOutOfRange(perplexity, count: count)
    }
    let start = PrincipalComponents(of: vectors).points
    var descent = Descent(
      Neighbourhoods.joint(Neighbourhoods.squaredDistances(vectors), perplexity: perplexity),
      start: Self.scaled(start, seed: settings.seed))
    let iterations = settings.iterations ?? 1000
    for step in 0..<iterations {
      try Task.checkCancellation()
      descent.step(step)
      progress(step + 1, iterations)
    }
    let y = descent.y
    points = (0..<count).map { [y[2 * $0], y[2 * $0 + 1]] }
    divergence = descent.cost()
  }

  /// The principal components, small, so that all points can still move, with a little noise that tells equal ones apart.
  private static func scaled(_ points: [[Double]], seed: UInt64) -> [Double] {
    let first = points.map { $0[0] }
    let deviation = (first.reduce(0) { $0 + $1 * $1 } / Double(first.count)).squareRoot()
    let factor = deviation > 0 ? 1e-4 / deviation : 0
    var noise = SplitMix(seed: seed)
    return points.flatMap { point in point.prefix(2).map { $0 * factor + noise.next() * 1e-6 } }
  }
}

/// The probabilities that a point would pick another as its neighbour (section 2).
enum Neighbourhoods {
  /// The squared Euclidean distances, each with each: n × n.
  static func squaredDistances(_ vectors: [[Float]]) -> [Double] {
    let n = vectors.count
    var distances = [Double](repeating: 0, count: n * n)
    for i in 0..<n {
      for j in 0..<i {
        let distance = vectors[i].withUnsafeBufferPointer { a in
          vectors[j].withUnsafeBufferPointer { b in
            var sum = 0.0
            for k in 0..<a.count {
              let difference = Double(a[k]) - Double(b[k])
              sum += difference * difference
            }
            return sum
          }
        }
        distances[i * n + j] = distance
        distances[j * n + i] = distance
      }
    }
    return distances
  }

  /// The joint probabilities of all pairs: (p(j|i) + p(i|j)) / 2n, which sum to 1.
  static func joint(_ distances: [Double], perplexity: Double) -> [Double] {
    let n = Int(Double(distances.count).squareRoot())
    var p = [Double](repeating: 0, count: n * n)
    for i in 0..<n {
      let row = conditional(Array(distances[i * n..<(i + 1) * n]), point: i, perplexity: perplexity)
      for j in 0..<n {
        p[i * n + j] += row[j] / Double(2 * n)
        p[j * n + i] += row[j] / Double(2 * n)
      }
    }
    return p
  }

  /// A Gaussian around one point whose width gives the entropy that is asked for, found by bisection.
  private static func conditional(_ distances: [Double], point: Int, perplexity: Double) -> [Double] {
    let wanted = log(perplexity)
    let nearest = distances.enumerated().filter { $0.offset != point }.map(\.element).min() ?? 0
    // Distances count relative to their scale, so that the search begins near its end.
    let scale = distances.reduce(0, +) / Double(max(1, distances.count - 1))
    guard scale > 0 else {
      return distances.indices.map { $0 == point ? 0 : 1 / Double(distances.count - 1) }
    }
    var (precision, low, high) = (1 / scale, 0.0, Double.infinity)
    var row = [Double](repeating: 0, count: distances.count)
    for _ in 0..<100 {
      var (sum, weighted) = (0.0, 0.0)
      for (j, distance) in distances.enumerated() where j != point {
        row[j] = exp(-precision * (distance - nearest))
        sum += row[j]
        weighted += row[j] * (distance - nearest)
      }
      let entropy = log(sum) + precision * weighted / sum
      for j in row.indices { row[j] /= sum }
      if abs(entropy - wanted) < 1e-5 { break }
      if entropy > wanted {
        low = precision
        precision = high.isFinite ? (precision + high) / 2 : precision * 2
      } else {
        high = precision
        precision = (precision + low) / 2
      }
    }
    return row
  }
}

/// Gradient descent with momentum and gains (section 3.4).
struct Descent {
  /// The points: x and y of each.
  private(set) var y: [Double]
  private let p: [Double]
  private let count: Int
  private var velocity, gains: [Double]
  private let learningRate: Double

  /// The steps in which neighbours pull harder than they will, so that groups form, and by how much.
  private static let exaggeratedSteps = 250
  private static let exaggeration = 12.0

  init(_ joint: [Double], start: [Double]) {
    (p, y, count) = (joint, start, start.count / 2)
    velocity = [Double](repeating: 0, count: start.count)
    gains = [Double](repeating: 1, count: start.count)
    // scikit-learn's "auto" (Belkina et al. 2019).
    learningRate = max(Double(count) / Self.exaggeration / 4, 50)
  }

  /// One step, the first of which is number 0.
  mutating func step(_ number: Int) {
    let isEarly = number < Self.exaggeratedSteps
    let momentum = isEarly ? 0.5 : 0.8
    let gradient = gradient(exaggeration: isEarly ? Self.exaggeration : 1)
    for index in y.indices {
      // Gains grow while the direction stays and shrink where it turns (Jacobs 1988).
      gains[index] =
        gradient[index] * velocity[index] < 0 ? gains[index] + 0.2 : max(0.01, gains[index] * 0.8)
      velocity[index] = momentum * velocity[index] - learningRate * gains[index] * gradient[index]
      y[index] += velocity[index]
    }
    centre()
  }

  private mutating func centre() {
    for axis in 0..<2 {
      var mean = 0.0
      for point in 0..<count { mean += y[2 * point + axis] }
      mean /= Double(count)
      for point in 0..<count { y[2 * point + axis] -= mean }
    }
  }

  /// The derivative of the cost by each coordinate (equation 5): 4 Σ (p − q)(yᵢ − yⱼ) / (1 + |yᵢ − yⱼ|²).
  func gradient(exaggeration: Double = 1) -> [Double] {
    var attraction = [Double](repeating: 0, count: y.count)
    var repulsion = [Double](repeating: 0, count: y.count)
    var sum = 0.0
    y.withUnsafeBufferPointer { y in
      p.withUnsafeBufferPointer { p in
        for i in 0..<count {
          let (xi, yi) = (y[2 * i], y[2 * i + 1])
          var (ax, ay, rx, ry) = (0.0, 0.0, 0.0, 0.0)
          for j in 0..<count where j != i {
            let (dx, dy) = (xi - y[2 * j], yi - y[2 * j + 1])
            let kernel = 1 / (1 + dx * dx + dy * dy)
            let pull = p[i * count + j] * kernel
            let push = kernel * kernel
            sum += kernel
            ax += pull * dx
            ay += pull * dy
            rx += push * dx
            ry += push * dy
          }
          (attraction[2 * i], attraction[2 * i + 1]) = (ax, ay)
          (repulsion[2 * i], repulsion[2 * i + 1]) = (rx, ry)
        }
      }
    }
    return zip(attraction, repulsion).map { 4 * (exaggeration * $0 - $1 / sum) }
  }

  /// The Kullback-Leibler divergence of the joint probabilities in two dimensions from those in many (equation 2).
  func cost() -> Double {
    var kernels = [Double](repeating: 0, count: count * count)
    var sum = 0.0
    for i in 0..<count {
      for j in 0..<count where j != i {
        let (dx, dy) = (y[2 * i] - y[2 * j], y[2 * i + 1] - y[2 * j + 1])
        kernels[i * count + j] = 1 / (1 + dx * dx + dy * dy)
        sum += kernels[i * count + j]
      }
    }
    var cost = 0.0
    for (p, kernel) in zip(p, kernels) where p > 0 && kernel > 0 { cost += p * log(p * sum / kernel) }
    return cost
  }
}

/// The random numbers of SplitMix64 (Steele et al. 2014), between -1 and 1.
private struct SplitMix {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> Double {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    z ^= z >> 31
    return Double(z >> 11) * 0x1p-52 - 1
  }
}
