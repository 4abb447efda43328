/// One of the longest common subsequences of two sequences.
struct CommonSubsequence {
  /// How many elements it has.
  let length: Int
  /// Where they are in the first sequence, ascending. Of several longest ones it is that which rouge-score finds, going
  /// back from the ends and leaving out elements of the first sequence rather than of the second.
  let positions: [Int]

  init(_ first: [UInt32], _ second: [UInt32]) {
    let (rows, columns) = (first.count, second.count)
    guard rows > 0, columns > 0 else {
      length = 0
      positions = []
      return
    }
    let width = columns + 1
    var lengths = [Int32](repeating: 0, count: (rows + 1) * width)
    (length, positions) = lengths.withUnsafeMutableBufferPointer { lengths in
      first.withUnsafeBufferPointer { first in
        second.withUnsafeBufferPointer { second in
          for row in 1..<rows + 1 {
            var place = row * width
            let token = first[row - 1]
            for column in 0..<columns {
              place += 1
              lengths[place] =
                token == second[column]
                ? lengths[place - width - 1] + 1 : max(lengths[place - width], lengths[place - 1])
            }
          }
          var found = [Int]()
          var (row, column) = (rows, columns)
          while row > 0, column > 0 {
            let place = row * width + column
            if first[row - 1] == second[column - 1] {
              found.append(row - 1)
              row -= 1
              column -= 1
            } else if lengths[place - 1] > lengths[place - width] {
              column -= 1
            } else {
              row -= 1
            }
          }
          return (Int(lengths[rows * width + columns]), found.reversed())
        }
      }
    }
  }
}
