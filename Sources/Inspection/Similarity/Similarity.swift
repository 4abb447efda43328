/// How near vectors are to each other, each to each.
public struct Similarity: Sendable, Equatable {
  /// What the vectors stand for.
  public let labels: [String]
  /// The cosines of the angles between them: 1 on the diagonal; 0 where one of the two is zero.
  public let cosine: [[Double]]
  /// The Euclidean distances between them.
  public let euclidean: [[Double]]

  /// Compares vectors of one length.
  public init(_ vectors: LabelledVectors) {
    labels = vectors.labels
    let rows = vectors.vectors.map { $0.map(Double.init) }
    let lengths = rows.map { row in row.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    var cosine = [[Double]](repeating: [Double](repeating: 1, count: rows.count), count: rows.count)
    var euclidean = [[Double]](repeating: [Double](repeating: 0, count: rows.count), count: rows.count)
    for i in rows.indices {
      if lengths[i] == 0 { cosine[i][i] = 0 }
      for j in 0..<i {
        var (product, distance) = (0.0, 0.0)
        for (a, b) in zip(rows[i], rows[j]) {
          product += a * b
          distance += (a - b) * (a - b)
        }
        let scale = lengths[i] * lengths[j]
        let value = scale > 0 ? max(-1, min(1, product / scale)) : 0
        (cosine[i][j], cosine[j][i]) = (value, value)
        (euclidean[i][j], euclidean[j][i]) = (distance.squareRoot(), distance.squareRoot())
      }
    }
    (self.cosine, self.euclidean) = (cosine, euclidean)
  }
}
