import Foundation

/// The eigenvalues and eigenvectors of a real symmetric matrix, in double precision: Householder's reduction to
/// tridiagonal form and the QL algorithm with implicit shifts (Bowdler, Martin, Reinsch and Wilkinson, "The QR and QL
/// algorithms for symmetric matrices", Numerische Mathematik 11, 1968; EISPACK's tred2 and tql2).
struct SymmetricEigenvectors {
  /// The eigenvalues, the largest first.
  private(set) var values: [Double]
  /// The eigenvectors of unit length, in the order of ``values``.
  private(set) var vectors: [[Double]]

  /// Takes n³ steps.
  /// - Parameters:
  ///   - matrix: n × n, row after row; its lower triangle is read.
  ///   - count: How many eigenvectors are wanted, those of the largest eigenvalues.
  init(of matrix: [Double], size n: Int, count: Int) {
    precondition(matrix.count == n * n, "a square matrix")
    var work = Tridiagonalization(matrix, n)
    work.reduce()
    work.diagonalize()
    let order = work.d.indices.sorted { work.d[$1] < work.d[$0] }.prefix(count)
    values = order.map { work.d[$0] }
    vectors = order.map { column in (0..<n).map { work.v[$0 * n + column] } }
  }
}

/// The work on one matrix: `v` becomes the eigenvectors, one a column; `d` the eigenvalues.
private struct Tridiagonalization {
  let n: Int
  var v: [Double]
  /// The diagonal.
  var d: [Double]
  /// The subdiagonal of the tridiagonal matrix.
  var e: [Double]

  init(_ matrix: [Double], _ n: Int) {
    (v, self.n) = (matrix, n)
    d = [Double](repeating: 0, count: n)
    e = [Double](repeating: 0, count: n)
  }

  /// Householder's reflections, from the last row up.
  mutating func reduce() {
    guard n > 0 else { return }
    for j in 0..<n { d[j] = v[(n - 1) * n + j] }
    for i in stride(from: n - 1, to: 0, by: -1) {
      let scale = d[0..<i].reduce(0) { $0 + abs($1) }
      var h = 0.0
      if scale == 0 {
        e[i] = d[i - 1]
        for j in 0..<i {
          d[j] = v[(i - 1) * n + j]
          v[i * n + j] = 0
          v[j * n + i] = 0
        }
      } else {
        for k in 0..<i {
          d[k] /= scale
          h += d[k] * d[k]
        }
        let f = d[i - 1]
        let g = f > 0 ? -h.squareRoot() : h.squareRoot()
        e[i] = scale * g
        h -= f * g
        d[i - 1] = f - g
        reflect(i, h)
      }
      d[i] = h
    }
    accumulate()
  }

  /// Applies a reflection to the rows and columns that are left.
  private mutating func reflect(_ i: Int, _ h: Double) {
    for j in 0..<i { e[j] = 0 }
    for j in 0..<i {
      let f = d[j]
      v[j * n + i] = f
      var g = e[j] + v[j * n + j] * f
      for k in j + 1..<max(i, j + 1) {
        g += v[k * n + j] * d[k]
        e[k] += v[k * n + j] * f
      }
      e[j] = g
    }
    var f = 0.0
    for j in 0..<i {
      e[j] /= h
      f += e[j] * d[j]
    }
    let half = f / (h + h)
    for j in 0..<i { e[j] -= half * d[j] }
    for j in 0..<i {
      let (f, g) = (d[j], e[j])
      for k in j..<i { v[k * n + j] -= f * e[k] + g * d[k] }
      d[j] = v[(i - 1) * n + j]
      v[i * n + j] = 0
    }
  }

  /// Multiplies the reflections together.
  private mutating func accumulate() {
    for i in 0..<n - 1 {
      v[(n - 1) * n + i] = v[i * n + i]
      v[i * n + i] = 1
      let h = d[i + 1]
      if h != 0 {
        for k in 0...i { d[k] = v[k * n + i + 1] / h }
        for j in 0...i {
          var g = 0.0
          for k in 0...i { g += v[k * n + i + 1] * v[k * n + j] }
          for k in 0...i { v[k * n + j] -= g * d[k] }
        }
      }
      for k in 0...i { v[k * n + i + 1] = 0 }
    }
    for j in 0..<n {
      d[j] = v[(n - 1) * n + j]
      v[(n - 1) * n + j] = 0
    }
    v[(n - 1) * n + n - 1] = 1
    e[0] = 0
  }

  /// The QL algorithm: rotations drive the subdiagonal to zero.
  mutating func diagonalize() {
    guard n > 1 else { return }
    for i in 1..<n { e[i - 1] = e[i] }
    e[n - 1] = 0
    var shift = 0.0
    var largest = 0.0
    for l in 0..<n {
      largest = max(largest, abs(d[l]) + abs(e[l]))
      var m = l
      while m < n - 1, abs(e[m]) > largest * 0x1p-52 { m += 1 }
      if m > l {
        // Two or three steps are the rule; EISPACK gives up after 30.
        for _ in 0..<60 {
          sweep(from: l, to: m, &shift)
          if abs(e[l]) <= largest * 0x1p-52 { break }
        }
      }
      d[l] += shift
      e[l] = 0
    }
  }

  /// One QL step on the rows `l...m`.
  private mutating func sweep(from l: Int, to m: Int, _ shift: inout Double) {
    let first = d[l]
    let p = (d[l + 1] - first) / (2 * e[l])
    let r = p < 0 ? -hypot(p, 1) : hypot(p, 1)
    d[l] = e[l] / (p + r)
    d[l + 1] = e[l] * (p + r)
    let next = d[l + 1]
    let moved = first - d[l]
    for i in l + 2..<max(n, l + 2) { d[i] -= moved }
    shift += moved

    var q = d[m]
    var (c, c2, c3) = (1.0, 1.0, 1.0)
    let beside = e[l + 1]
    var (s, s2) = (0.0, 0.0)
    for i in stride(from: m - 1, through: l, by: -1) {
      (c3, c2, s2) = (c2, c, s)
      let g = c * e[i]
      let h = c * q
      let length = hypot(q, e[i])
      e[i + 1] = s * length
      s = e[i] / length
      c = q / length
      q = c * d[i] - s * g
      d[i + 1] = h + s * (c * g + s * d[i])
      for k in 0..<n {
        let right = v[k * n + i + 1]
        v[k * n + i + 1] = s * v[k * n + i] + c * right
        v[k * n + i] = c * v[k * n + i] - s * right
      }
    }
    q = -s * s2 * c3 * beside * e[l] / next
    e[l] = s * q
    d[l] = c * q
  }
}
