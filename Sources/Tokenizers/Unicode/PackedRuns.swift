/// Reads the numbers that `make_tables.py` writes as text: groups of five bits, the lowest first.
struct PackedNumbers {
  private let text: UnsafeBufferPointer<UInt8>
  private var position = 0

  /// A static string lives as long as the program, so the pointer does.
  init(_ text: StaticString) {
    self.text = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
  }

  var isAtEnd: Bool { position >= text.count }

  mutating func next() -> UInt32 {
    var value: UInt32 = 0
    var shift: UInt32 = 0
    while position < text.count {
      let digit = Self.digit(text[position])
      position += 1
      value |= (digit & 31) &<< shift
      if digit & 32 == 0 { break }
      shift += 5
    }
    return value
  }

  mutating func nextSigned() -> Int32 {
    let value = next()
    return value & 1 == 0 ? Int32(value >> 1) : -Int32((value >> 1) + 1)
  }

  private static func digit(_ character: UInt8) -> UInt32 {
    switch character {
    case 0x30...0x39: UInt32(character - 0x30)
    case 0x41...0x5A: UInt32(character - 0x41 + 10)
    case 0x61...0x7A: UInt32(character - 0x61 + 36)
    case 0x2B: 62
    default: 63
    }
  }
}

/// One byte for every Unicode scalar: a plain table for the planes that text is written in, and a
/// binary search above.
struct ScalarTable: Sendable {
  private var low: [UInt8]
  private var starts: [UInt32] = []
  private var values: [UInt8] = []
  private static let lowCount: UInt32 = 0x20000

  init(runs text: StaticString) {
    low = [UInt8](repeating: 0, count: Int(Self.lowCount))
    var numbers = PackedNumbers(text)
    var start: UInt32 = 0
    var value: UInt8 = 0
    while !numbers.isAtEnd {
      let next = start + numbers.next()
      fill(from: start, to: next, value)
      start = next
      value = UInt8(truncatingIfNeeded: numbers.next())
      if start >= Self.lowCount {
        if starts.isEmpty { appendHigh(Self.lowCount, low[Int(Self.lowCount) - 1]) }
        appendHigh(start, value)
      }
    }
    fill(from: start, to: 0x110000, value)
    if starts.isEmpty { appendHigh(Self.lowCount, value) }
  }

  private mutating func fill(from start: UInt32, to end: UInt32, _ value: UInt8) {
    guard value != 0, start < Self.lowCount else { return }
    for scalar in start..<min(end, Self.lowCount) { low[Int(scalar)] = value }
  }

  private mutating func appendHigh(_ start: UInt32, _ value: UInt8) {
    starts.append(start)
    values.append(value)
  }

  @inline(__always)
  subscript(scalar: UInt32) -> UInt8 {
    scalar < Self.lowCount ? low[Int(scalar)] : high(scalar)
  }

  private func high(_ scalar: UInt32) -> UInt8 {
    var lower = 0
    var upper = starts.count
    while upper - lower > 1 {
      let middle = (lower + upper) / 2
      if starts[middle] <= scalar { lower = middle } else { upper = middle }
    }
    return values[lower]
  }
}

/// Scalars that are replaced by others: a sorted list.
struct ScalarMapping: Sendable {
  private var keys: [UInt32] = []
  private var ends: [UInt32] = []
  private var scalars: [UInt32] = []

  init(_ text: StaticString) {
    var numbers = PackedNumbers(text)
    var key: UInt32 = 0
    while !numbers.isAtEnd {
      key += numbers.next()
      keys.append(key)
      for _ in 0..<numbers.next() {
        scalars.append(UInt32(truncatingIfNeeded: Int(key) + Int(numbers.nextSigned())))
      }
      ends.append(UInt32(scalars.count))
    }
  }

  /// What replaces the scalar; nil where it stays.
  subscript(scalar: UInt32) -> ArraySlice<UInt32>? {
    guard let first = keys.first, scalar >= first else { return nil }
    var lower = 0
    var upper = keys.count
    while upper - lower > 1 {
      let middle = (lower + upper) / 2
      if keys[middle] <= scalar { lower = middle } else { upper = middle }
    }
    guard keys[lower] == scalar else { return nil }
    return scalars[(lower == 0 ? 0 : Int(ends[lower - 1]))..<Int(ends[lower])]
  }
}
