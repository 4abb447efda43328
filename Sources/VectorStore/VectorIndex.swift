/// Finds the vectors nearest to one: the seam behind which an approximate graph can stand in for the exact scan.
///
/// An index is a cache in memory. The truth is in SQLite, from which it is filled and brought up to date; it need not
/// be safe for use by several threads at once.
public protocol VectorIndex: AnyObject {
  /// The vectors that it holds.
  var count: Int { get }

  /// Takes in a vector, or replaces the one with the same key.
  func set(key: Int64, vector: UnsafeBufferPointer<Float>)

  /// Forgets a vector; unknown keys are no error.
  func remove(key: Int64)

  /// Forgets everything.
  func removeAll()

  /// The nearest vectors, nearest first.
  ///
  /// - Parameters:
  ///   - query: As many numbers as each vector has.
  ///   - count: How many are wanted. More may be given where several are equally far at the end of the list.
  /// - Returns: Keys with their distances; ties in the order of their keys.
  func nearest(to query: [Float], count: Int) -> [(key: Int64, distance: Float)]
}
