/// Points in few dimensions that keep as much as possible of the variance of many (principal component analysis, Pearson
/// 1901; Hotelling 1933).
public struct PrincipalComponents: Sendable, Equatable {
  /// The points: as many rows as there were vectors, each with as many coordinates as were asked for.
  public let points: [[Double]]
  /// The share of the variance that each coordinate keeps.
  public let explainedVarianceRatio: [Double]

  /// Finds the components exactly, in double precision: the eigenvectors of the covariance matrix, or of the matrix of
  /// products where there are fewer vectors than dimensions.
  ///
  /// The sign of a component is free; it is such that the largest coordinate in size is positive.
  /// - Parameters:
  ///   - vectors: Of one length, with finite values.
  ///   - count: How many components; those that there are not have coordinates of 0.
  public init(of vectors: [[Float]], count: Int = 2) {
    let (n, width) = (vectors.count, vectors.first?.count ?? 0)
    let rows = Self.centred(vectors)
    let usesProducts = n < width
    let size = min(n, width)
    // The covariance matrix without its factor, or the matrix of the rows' products: both have the same eigenvalues.
    let matrix = usesProducts ? Self.products(rows) : Self.products(Self.transposed(rows, width))
    let total = (0..<size).reduce(0) { $0 + matrix[$1 * size + $1] }
    let eigen = SymmetricEigenvectors(of: matrix, size: size, count: count)
    var points = [[Double]](repeating: [Double](repeating: 0, count: count), count: n)
    var ratios = [Double](repeating: 0, count: count)
    for (component, value) in eigen.values.enumerated() where value > total * 1e-14 && total > 0 {
      let vector = eigen.vectors[component]
      let coordinates =
        usesProducts
        ? vector.map { $0 * value.squareRoot() }
        : rows.map { row in zip(row, vector).reduce(0) { $0 + $1.0 * $1.1 } }
      let largest = coordinates.max { abs($0) < abs($1) } ?? 0
      for (index, coordinate) in coordinates.enumerated() {
        points[index][component] = largest < 0 ? -coordinate : coordinate
      }
      ratios[component] = value / total
    }
    (self.points, explainedVarianceRatio) = (points, ratios)
  }

  private static func centred(_ vectors: [[Float]]) -> [[Double]] {
    guard let width = vectors.first?.count else { return [] }
    var mean = [Double](repeating: 0, count: width)
    for vector in vectors { for (index, value) in vector.enumerated() { mean[index] += Double(value) } }
    mean = mean.map { $0 / Double(vectors.count) }
    return vectors.map { vector in zip(vector, mean).map { Double($0) - $1 } }
  }

  private static func transposed(_ rows: [[Double]], _ width: Int) -> [[Double]] {
    (0..<width).map { column in rows.map { $0[column] } }
  }

  /// The inner products of rows, each with each: n × n.
  private static func products(_ rows: [[Double]]) -> [Double] {
    let n = rows.count
    var products = [Double](repeating: 0, count: n * n)
    for i in 0..<n {
      for j in 0...i {
        let product = rows[i].withUnsafeBufferPointer { a in
          rows[j].withUnsafeBufferPointer { b in
            var sum = 0.0
            for k in 0..<a.count { sum += a[k] * b[k] }
            return sum
          }
        }
        products[i * n + j] = product
        products[j * n + i] = product
      }
    }
    return products
  }
}
