/// The smallest of many numbers, in a heap that has the largest of them on top, and the ties with that one.
struct NearestHeap {
  private let limit: Int
  private var heap = [Neighbor]()
  private var ties = [Neighbor]()
  /// More ties than this are not kept.
  private let mostTies: Int

  init(limit: Int, mostTies: Int) {
    self.limit = limit
    self.mostTies = mostTies
    heap.reserveCapacity(min(limit, 4096))
  }

  /// The distance of the last one; nil while there are fewer than the limit.
  var farthest: Float? { heap.count < limit ? nil : heap.first?.distance }

  @inline(__always)
  mutating func offer(_ distance: Float, _ slot: Int) {
    if heap.count == limit && distance > heap[0].distance { return }
    insert(distance, slot)
  }

  private mutating func insert(_ distance: Float, _ slot: Int) {
    if heap.count < limit {
      heap.append(Neighbor(slot: slot, distance: distance))
      siftUp(heap.count - 1)
    } else if distance == heap[0].distance {
      if ties.count < mostTies { ties.append(Neighbor(slot: slot, distance: distance)) }
    } else {
      let evicted = heap[0]
      heap[0] = Neighbor(slot: slot, distance: distance)
      siftDown()
      // What was on top is worse than all that is kept now, unless another of the same distance still is.
      if evicted.distance == heap[0].distance {
        if ties.count < mostTies { ties.append(evicted) }
      } else {
        ties.removeAll(keepingCapacity: true)
      }
    }
  }

  func sorted() -> [Neighbor] {
    (heap + ties).sorted { ($0.distance, $0.slot) < ($1.distance, $1.slot) }
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
