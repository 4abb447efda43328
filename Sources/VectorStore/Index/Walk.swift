import MartletKernels

/// What one thread needs to walk a graph.
final class Walk: @unchecked Sendable {
  // Used by one thread at a time.
  var state = martlet_walk()
  private var nodes = 0
  private var effort = 0
  private var stride = 0
  /// Room for a node's numbers, and zeros for the remainders that a code leaves: ``prepareDecoding(dimension:)``.
  private(set) var vector = UnsafeMutablePointer<Float>.allocate(capacity: 1)
  private(set) var noRemainders = UnsafeMutablePointer<Int16>.allocate(capacity: 1)
  private var decoded = 0
  private static let trail = 1 << 14
  private static let frontier = 1 << 17

  init() {
    state.trail = .allocate(capacity: Self.trail)
    state.trail_capacity = Self.trail
    state.sought = .max
  }

  deinit {
    state.visited?.deallocate()
    state.trail?.deallocate()
    state.pool?.deallocate()
    state.frontier?.deallocate()
    state.flat_codes?.deallocate()
    vector.deallocate()
    noRemainders.deallocate()
  }

  /// Makes room for a walk among `nodes` nodes that keeps `effort` of them.
  func prepare(nodes: Int, effort: Int) {
    if nodes > self.nodes || state.visited == nil {
      state.visited?.deallocate()
      self.nodes = max(nodes, self.nodes * 3 / 2)
      let words = (self.nodes + 63) / 64
      state.visited = .allocate(capacity: words)
      state.visited.initialize(repeating: 0, count: words)
    }
    if effort > self.effort || state.pool == nil {
      state.pool?.deallocate()
      self.effort = effort
      state.pool = .allocate(capacity: effort + 1)
    }
  }

  /// Makes room for linking a node whose code has `stride` bytes, too.
  func prepareLinking(nodes: Int, effort: Int, stride: Int) {
    prepare(nodes: nodes, effort: effort)
    guard stride > self.stride || state.flat_codes == nil else { return }
    state.flat_codes?.deallocate()
    self.stride = stride
    state.flat_codes = .allocate(capacity: 3 * stride)
  }

  /// Makes room for a filtered walk, too.
  func prepareFrontier() {
    guard state.frontier == nil else { return }
    state.frontier = .allocate(capacity: Self.frontier)
    state.frontier_capacity = Self.frontier
  }

  /// Makes room for a node's numbers, too, as its code alone has them.
  func prepareDecoding(dimension: Int) {
    guard decoded < dimension else { return }
    decoded = dimension
    vector.deallocate()
    noRemainders.deallocate()
    vector = .allocate(capacity: dimension)
    noRemainders = .allocate(capacity: dimension)
    noRemainders.initialize(repeating: 0, count: dimension)
  }
}
