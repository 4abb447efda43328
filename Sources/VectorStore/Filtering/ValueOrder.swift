import MartletSQLite

/// The order of a table's numbers, found when it is first asked for and brought up to date when many were added since.
///
/// The table must not change meanwhile; any number of threads may ask at once.
final class ValueOrder: Sendable {
  private let sorted = Locked<[UInt32]>([])
  /// So many new values are rather looked through than sorted in.
  private static let mostUnsorted = 1024

  /// Calls `body` with the place of each value from `least` to `greatest`.
  func forEach<Value: Comparable>(
    from least: Value, to greatest: Value, of values: [Value], _ body: (Int) -> Void
  ) {
    guard least <= greatest else { return }
    let order = order(of: values)
    let start = Self.partition(order) { values[$0] < least }
    let end = Self.partition(order) { values[$0] <= greatest }
    for place in order[start..<end] { body(Int(place)) }
    for place in order.count..<values.count where values[place] >= least && values[place] <= greatest {
      body(place)
    }
  }

  /// The places of the first values in the order of the values.
  private func order<Value: Comparable>(of values: [Value]) -> [UInt32] {
    sorted.withLock { known in
      if values.count - known.count > Self.mostUnsorted {
        let added = (UInt32(known.count)..<UInt32(values.count)).sorted { values[Int($0)] < values[Int($1)] }
        known = known.isEmpty ? added : Self.merged(known, added) { values[$0] < values[$1] }
      }
      return known
    }
  }

  private static func merged(_ a: [UInt32], _ b: [UInt32], _ isLess: (Int, Int) -> Bool) -> [UInt32] {
    var merged = [UInt32]()
    merged.reserveCapacity(a.count + b.count)
    var (i, j) = (0, 0)
    while i < a.count && j < b.count {
      if isLess(Int(b[j]), Int(a[i])) {
        merged.append(b[j])
        j += 1
      } else {
        merged.append(a[i])
        i += 1
      }
    }
    merged += a[i...]
    merged += b[j...]
    return merged
  }

  /// How many places, from the first on, belong to values that come before.
  private static func partition(_ order: [UInt32], _ comesBefore: (Int) -> Bool) -> Int {
    var (low, high) = (0, order.count)
    while low < high {
      let middle = (low + high) / 2
      if comesBefore(Int(order[middle])) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
