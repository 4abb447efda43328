/// The longest common subsequence of two sequences. Its length takes memory for one row of the usual table; its positions
/// take one bit more for each pair of elements.
enum CommonSubsequence {
  /// How many elements it has.
  static func length(_ first: [UInt32], _ second: [UInt32]) -> Int {
    fill(first, second) { _, _ in }
  }

  /// Where the elements of one are in the first sequence, ascending. Of several longest ones it is that which rouge-score
  /// finds, going back from the ends and leaving out elements of the first sequence rather than of the second.
  static func positions(_ first: [UInt32], _ second: [UInt32]) -> [Int] {
    let width = second.count
    // Whether the way back leaves out an element of the second sequence.
    var leavesSecond = [UInt64](repeating: 0, count: (first.count * width + 63) / 64)
    _ = fill(first, second) { row, column in
      let place = row * width + column
      leavesSecond[place / 64] |= 1 << UInt64(place % 64)
    }
    var found = [Int]()
    var (row, column) = (first.count - 1, second.count - 1)
    while row >= 0, column >= 0 {
      let place = row * width + column
      if first[row] == second[column] {
        found.append(row)
        row -= 1
        column -= 1
      } else if leavesSecond[place / 64] >> UInt64(place % 64) & 1 == 1 {
        column -= 1
      } else {
        row -= 1
      }
    }
    return found.reversed()
  }

  /// Finds the length for all beginnings of both, row by row.
  ///
  /// - Parameter leaveSecond: Called for each pair of beginnings that have more in common without the last element of the
  ///   second than without that of the first.
  private static func fill(
    _ first: [UInt32], _ second: [UInt32], _ leaveSecond: (_ row: Int, _ column: Int) -> Void
  ) -> Int {
    var lengths = [Int32](repeating: 0, count: second.count + 1)
    return lengths.withUnsafeMutableBufferPointer { lengths in
      second.withUnsafeBufferPointer { second in
        for (row, token) in first.enumerated() {
          var diagonal: Int32 = 0
          var column = 0
          while column < second.count {
            let above = lengths[column + 1]
            if token == second[column] {
              lengths[column + 1] = diagonal + 1
            } else if lengths[column] > above {
              lengths[column + 1] = lengths[column]
              leaveSecond(row, column)
            }
            diagonal = above
            column += 1
          }
        }
        return Int(lengths[second.count])
      }
    }
  }
}
