extension ModelAdapter {
  /// What two adapters, or one with itself, do to one layer.
  public struct Comparison: Sendable, Equatable {
    /// The layer's path.
    public let path: String
    /// The length (Frobenius norm) of the first adapter's update: scaling · B · A; 0 where it has none.
    public let norm: Double
    /// That of the other adapter's.
    public let otherNorm: Double
    /// The length of the difference of the two updates.
    public let differenceNorm: Double
    /// The cosine of the angle between the two updates: 1 in the same direction, 0 where they have nothing in common; nil
    /// where one of them is zero.
    public let cosine: Double?
  }

  /// The length (Frobenius norm) of what the adapter adds to each layer, by path. Computed from the small matrices, so that
  /// no update is ever there as a whole.
  /// - Throws: ``AdapterError/invalidPattern(_:problem:)``.
  public func updateNorms() throws(AdapterError) -> [String: Double] {
    var norms: [String: Double] = [:]
    for path in factors.keys {
      norms[path] = try max(0, product(with: self, at: path)).squareRoot()
    }
    return norms
  }

  /// How far the updates of two adapters agree, layer by layer, over the layers that either has.
  /// - Throws: ``AdapterError/unexpectedShape(tensor:expected:found:)`` where a layer has another shape in the other.
  public func compared(to other: ModelAdapter) throws(AdapterError) -> [Comparison] {
    var result: [Comparison] = []
    for path in Set(factors.keys).union(other.factors.keys).sorted() {
      let (a, b) = (try product(with: self, at: path), try other.product(with: other, at: path))
      let shared = try product(with: other, at: path)
      let length = (max(0, a) * max(0, b)).squareRoot()
      result.append(
        Comparison(
          path: path, norm: max(0, a).squareRoot(), otherNorm: max(0, b).squareRoot(),
          differenceNorm: max(0, a + b - 2 * shared).squareRoot(),
          cosine: length > 0 ? min(1, max(-1, shared / length)) : nil))
    }
    return result
  }

  /// The inner product of two updates: of all values of B₁A₁ and B₂A₂, which is that of B₁ᵀB₂ and A₁A₂ᵀ.
  private func product(with other: ModelAdapter, at path: String) throws(AdapterError) -> Double {
    guard let first = factors[path], let second = other.factors[path] else { return 0 }
    guard first.a.columns == second.a.columns, first.b.rows == second.b.rows else {
      throw .unexpectedShape(
        tensor: path, expected: [first.b.rows, first.a.columns],
        found: [second.b.rows, second.a.columns])
    }
    let (a1, a2) = (first.a.values, second.a.values)
    let (b1, b2) = (first.b.transposed().values, second.b.transposed().values)
    let (inputs, outputs) = (first.a.columns, first.b.rows)
    var sum = 0.0
    for i in 0..<first.a.rows {
      for j in 0..<second.a.rows {
        sum +=
          Self.dot(a1, i * inputs, a2, j * inputs, inputs)
          * Self.dot(b1, i * outputs, b2, j * outputs, outputs)
      }
    }
    return sum * (try configuration.scaling(of: path)) * (try other.configuration.scaling(of: path))
  }

  private static func dot(_ x: [Float], _ i: Int, _ y: [Float], _ j: Int, _ count: Int) -> Double {
    x.withUnsafeBufferPointer { x in
      y.withUnsafeBufferPointer { y in
        var sum = 0.0
        for k in 0..<count { sum += Double(x[i + k]) * Double(y[j + k]) }
        return sum
      }
    }
  }
}
