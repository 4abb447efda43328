/// Many short strings in one buffer: a vocabulary of 150,000 tokens as two allocations.
///
/// A reader appends the bytes as the file has them; that they are UTF-8 is checked where it matters.
public struct PackedStrings: Sendable, Equatable {
  private(set) var bytes: [UInt8] = []
  /// The end of each string in `bytes`.
  private(set) var ends: [UInt32] = []

  /// No strings.
  public init() {}

  /// The strings in order.
  public init(_ strings: some Sequence<String>) {
    for string in strings { append(string.utf8) }
  }

  /// Makes room, so that appending does not move what is there.
  public mutating func reserveCapacity(strings: Int, bytes count: Int) {
    ends.reserveCapacity(strings)
    bytes.reserveCapacity(count)
  }

  /// Appends one string by its bytes.
  public mutating func append(_ string: some Collection<UInt8>) {
    bytes.append(contentsOf: string)
    ends.append(UInt32(truncatingIfNeeded: bytes.count))
  }

  /// Appends one string by its bytes, which need no copy first: how a file's vocabulary is read.
  public mutating func append(_ string: UnsafeRawBufferPointer) {
    bytes.append(contentsOf: string)
    ends.append(UInt32(truncatingIfNeeded: bytes.count))
  }

  /// Where the string lies in ``bytes``.
  @inline(__always)
  func range(_ index: Int) -> Range<Int> {
    (index == 0 ? 0 : Int(ends[index - 1]))..<Int(ends[index])
  }

  /// Whether a string's bytes are `range` of `other`.
  @inline(__always)
  func equals(_ index: Int, _ other: [UInt8], _ range: Range<Int>) -> Bool {
    let own = self.range(index)
    guard own.count == range.count else { return false }
    var a = own.lowerBound
    for b in range {
      if bytes[a] != other[b] { return false }
      a += 1
    }
    return true
  }

  /// The bytes of one string.
  public func bytes(at index: Int) -> ArraySlice<UInt8> { bytes[range(index)] }
}

extension PackedStrings: RandomAccessCollection {
  /// The first place, 0.
  public var startIndex: Int { 0 }
  /// The number of strings.
  public var endIndex: Int { ends.count }
  /// The string at that place; bytes that are not UTF-8 read as U+FFFD.
  public subscript(position: Int) -> String { String(decoding: bytes(at: position), as: UTF8.self) }
}

extension PackedStrings: ExpressibleByArrayLiteral {
  /// The strings in order.
  public init(arrayLiteral elements: String...) { self.init(elements) }
}
