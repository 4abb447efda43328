import Kernels

/// Compares the query with every vector, by the SIMD kernels: exact, and quick enough for some hundred thousand.
///
/// The vectors lie end to end in one aligned matrix, each row padded to whole cache lines. For cosine distance they are
/// brought to length one when they are taken in.
public final class ExactIndex: VectorIndex {
  private let dimension: Int
  private let distance: Distance
  private let stride: Int
  private let kernels: UnsafePointer<martlet_kernels>
  private var rows: UnsafeMutablePointer<Float>
  private var capacity: Int
  private var keys = [Int64]()
  private var rowOfKey = [Int64: Int]()

  private static let rowsAtOnce = 1024

  /// Creates an index for vectors of `dimension` numbers.
  public init(dimension: Int, distance: Distance) throws(VectorStoreError) {
    guard let kernels = martlet_kernels_best() else { throw .noKernels }
    self.kernels = kernels
    self.dimension = dimension
    self.distance = distance
    stride = (dimension + 15) / 16 * 16
    // Memory comes with the first vector: the dimension may be a damaged file's.
    capacity = 0
    rows = Self.allocate(0)
  }

  deinit { rows.deallocate() }

  private static func allocate(_ count: Int) -> UnsafeMutablePointer<Float> {
    let bytes = UnsafeMutableRawPointer.allocate(byteCount: max(count, 16) * 4, alignment: 64)
    return bytes.initializeMemory(as: Float.self, repeating: 0, count: max(count, 16))
  }

  /// The vectors that it holds.
  public var count: Int { keys.count }

  /// Takes in a vector, or replaces the one with the same key.
  public func set(key: Int64, vector: UnsafeBufferPointer<Float>) {
    guard vector.count == dimension, let source = vector.baseAddress else { return }
    let row: Int
    if let known = rowOfKey[key] {
      row = known
    } else {
      row = keys.count
      if row == capacity { grow() }
      keys.append(key)
      rowOfKey[key] = row
    }
    let target = rows + row * stride
    target.update(from: source, count: dimension)
    if distance == .cosine {
      let length = kernels.pointee.dot(target, target, dimension).squareRoot()
      if length > 0 { kernels.pointee.scale(target, 1 / length, target, dimension) }
    }
  }

  private func grow() {
    capacity = max(64, capacity * 2)
    let larger = Self.allocate(capacity * stride)
    larger.update(from: rows, count: keys.count * stride)
    rows.deallocate()
    rows = larger
  }

  /// Forgets a vector; the last one takes its row.
  public func remove(key: Int64) {
    guard let row = rowOfKey.removeValue(forKey: key) else { return }
    let last = keys.count - 1
    if row != last {
      (rows + row * stride).update(from: rows + last * stride, count: stride)
      keys[row] = keys[last]
      rowOfKey[keys[last]] = row
    }
    keys.removeLast()
  }

  /// Forgets everything.
  public func removeAll() {
    keys.removeAll()
    rowOfKey.removeAll()
  }

  /// The nearest vectors, nearest first, with all that are as far as the last one.
  public func nearest(to query: [Float], count: Int) -> [(key: Int64, distance: Float)] {
    guard count > 0, query.count == dimension, !keys.isEmpty else { return [] }
    var query = query
    if distance == .cosine {
      let length = kernels.pointee.dot(query, query, dimension).squareRoot()
      if length > 0 { query = query.map { $0 / length } }
    }
    var best = NearestHeap(limit: count)
    var values = [Float](repeating: 0, count: Self.rowsAtOnce)
    for start in Swift.stride(from: 0, to: keys.count, by: Self.rowsAtOnce) {
      let size = min(Self.rowsAtOnce, keys.count - start)
      measure(query, from: start, count: size, into: &values)
      for i in 0..<size { best.offer(values[i], keys[start + i]) }
    }
    return best.sorted()
  }

  private func measure(_ query: [Float], from start: Int, count: Int, into values: inout [Float]) {
    let first = rows + start * stride
    if distance == .l2 {
      kernels.pointee.squared_distance_many(query, first, stride, count, dimension, &values)
    } else {
      kernels.pointee.dot_many(query, first, stride, count, dimension, &values)
      for i in 0..<count { values[i] = 1 - values[i] }
    }
  }
}

/// The smallest of many numbers, in a heap that has the largest of them on top, and the ties with that one.
struct NearestHeap {
  private let limit: Int
  private var heap = [(distance: Float, key: Int64)]()
  private var ties = [(distance: Float, key: Int64)]()
  /// More ties than this are not of use to anyone.
  private static let maximumTies = 4096

  init(limit: Int) {
    self.limit = limit
    heap.reserveCapacity(min(limit, 4096))
  }

  @inline(__always)
  mutating func offer(_ distance: Float, _ key: Int64) {
    if heap.count == limit && distance > heap[0].distance { return }
    insert(distance, key)
  }

  private mutating func insert(_ distance: Float, _ key: Int64) {
    if heap.count < limit {
      heap.append((distance, key))
      siftUp(heap.count - 1)
    } else if distance == heap[0].distance {
      if ties.count < Self.maximumTies { ties.append((distance, key)) }
    } else {
      let evicted = heap[0]
      heap[0] = (distance, key)
      siftDown()
      // What was on top is worse than all that is kept now, unless another of the same distance still is.
      if evicted.distance == heap[0].distance {
        if ties.count < Self.maximumTies { ties.append(evicted) }
      } else {
        ties.removeAll(keepingCapacity: true)
      }
    }
  }

  func sorted() -> [(key: Int64, distance: Float)] {
    (heap + ties).sorted { ($0.distance, $0.key) < ($1.distance, $1.key) }.map { ($0.key, $0.distance) }
  }

  private mutating func siftUp(_ index: Int) {
    var child = index
    while child > 0 {
      let parent = (child - 1) / 2
      guard heap[child].distance > heap[parent].distance else { return }
      heap.swapAt(child, parent)
      child = parent
    }
  }

  private mutating func siftDown() {
    var parent = 0
    while true {
      var largest = parent
      for child in [2 * parent + 1, 2 * parent + 2]
      where child < heap.count && heap[child].distance > heap[largest].distance { largest = child }
      if largest == parent { return }
      heap.swapAt(parent, largest)
      parent = largest
    }
  }
}
