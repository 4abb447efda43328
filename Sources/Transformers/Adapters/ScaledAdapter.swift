/// An adapter and how much of it is added.
public struct ScaledAdapter: Sendable {
  /// The adapter.
  public let adapter: ModelAdapter
  /// The factor of all that it changes: 1 is the adapter as it was trained, 0 the base.
  public let scale: Double

  /// An adapter with a factor.
  public init(_ adapter: ModelAdapter, scale: Double = 1) {
    (self.adapter, self.scale) = (adapter, scale)
  }
}
