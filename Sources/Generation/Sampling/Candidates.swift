#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The tokens that may come next, the most probable first; of equal ones the smaller id.
///
/// Each filter is the one of the same name in llama.cpp's `llama-sampling.cpp`.
struct Candidates {
  struct Candidate: Equatable {
    var token: Int32
    var logit: Float
  }
  private(set) var list: [Candidate]

  /// The `count` most probable tokens; all of them where `count` is 0.
  init(_ logits: UnsafeBufferPointer<Float>, top count: Int) {
    let count = count > 0 ? min(count, logits.count) : logits.count
    if count == logits.count {
      list = logits.indices.map { Candidate(token: Int32($0), logit: logits[$0]) }
      list.sort(by: Self.precedes)
      return
    }
    // One pass with a heap of the best so far; most logits fail the comparison with its least.
    var heap: [Candidate] = []
    heap.reserveCapacity(count)
    for index in logits.indices {
      let candidate = Candidate(token: Int32(index), logit: logits[index])
      if heap.count < count {
        heap.append(candidate)
        if heap.count == count { heap.sort { Self.precedes($1, $0) } }
      } else if candidate.logit > heap[0].logit {
        heap[0] = candidate
        Self.siftDown(&heap)
      }
    }
    list = heap.sorted(by: Self.precedes)
  }

  private static func precedes(_ a: Candidate, _ b: Candidate) -> Bool {
    a.logit != b.logit ? a.logit > b.logit : a.token < b.token
  }

  /// Restores a heap whose root, the least, was replaced.
  private static func siftDown(_ heap: inout [Candidate]) {
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
        if precedes(heap[least], heap[child]) { least = child }
      }
      if least == parent { return }
      heap.swapAt(parent, least)
      parent = least
    }
  }

  /// Keeps the fewest tokens whose probabilities reach `share`.
  mutating func keepTopP(_ share: Float) {
    guard share < 1 else { return }
    let probabilities = probabilities(temperature: 1)
    var sum = 0.0
    let last = probabilities.firstIndex { probability in
      sum += probability
      return sum >= Double(share)
    }
    list.removeSubrange((last ?? list.count - 1) + 1..<list.count)
  }

  /// Keeps the tokens at least `share` as probable as the first.
  mutating func keepMinP(_ share: Float) {
    guard share > 0, let best = list.first?.logit else { return }
    let least = best + log(share)
    let kept = list.prefix { $0.logit >= least }.count
    list.removeSubrange(max(1, kept)..<list.count)
  }

  /// The probabilities of the candidates among themselves.
  func probabilities(temperature: Float) -> [Double] {
    let best = list.first?.logit ?? 0
    let weights = list.map { exp(Double(($0.logit - best) / temperature)) }
    let sum = weights.reduce(0, +)
    return weights.map { $0 / sum }
  }

  /// The candidate that the number `point` in 0..<1 falls on.
  func draw(at point: Double, temperature: Float) -> Int32 {
    var sum = 0.0
    let index = probabilities(temperature: temperature).firstIndex { probability in
      sum += probability
      return point < sum
    }
    return list[index ?? list.count - 1].token
  }
}
