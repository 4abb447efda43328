/// A range of Unicode scalars of the text as it was given.
struct SourceRange: Equatable {
  var start: Int32
  var end: Int32
}

/// Text on its way to the model, and (where someone asks) the place that each of its bytes came from.
struct MappedText {
  var bytes: [UInt8] = []
  /// One for each byte, or none at all.
  var sources: [SourceRange] = []
  /// Whether `sources` is kept.
  var isMapped = false

  init() {}

  /// Takes a part of a text. `firstScalar` is the number of scalars before it.
  mutating func assign(_ source: ArraySlice<UInt8>, firstScalar: Int, mapped: Bool) {
    bytes.removeAll(keepingCapacity: true)
    bytes.append(contentsOf: source)
    sources.removeAll(keepingCapacity: true)
    isMapped = mapped
    guard mapped else { return }
    var scalar = Int32(truncatingIfNeeded: firstScalar) - 1
    for byte in source {
      if !UTF8Scalars.isContinuation(byte) { scalar += 1 }
      sources.append(SourceRange(start: scalar, end: scalar + 1))
    }
  }

  mutating func clear(like other: MappedText) {
    bytes.removeAll(keepingCapacity: true)
    sources.removeAll(keepingCapacity: true)
    isMapped = other.isMapped
  }

  /// Appends a scalar that came from `source`.
  @inline(__always)
  mutating func append(_ scalar: UInt32, from source: SourceRange) {
    let length = UTF8Scalars.append(scalar, to: &bytes)
    if isMapped { for _ in 0..<length { sources.append(source) } }
  }

  mutating func append(_ other: some Sequence<UInt8>, from source: SourceRange) {
    for byte in other {
      bytes.append(byte)
      if isMapped { sources.append(source) }
    }
  }

  mutating func append(_ range: Range<Int>, of other: MappedText) {
    bytes.append(contentsOf: other.bytes[range])
    if isMapped { sources.append(contentsOf: other.sources[range]) }
  }

  /// Where the byte came from; anything when nobody asked.
  @inline(__always)
  func source(_ index: Int) -> SourceRange {
    isMapped && index < sources.count ? sources[index] : SourceRange(start: 0, end: 0)
  }

  /// The scalars that a range of bytes came from.
  func source(of range: Range<Int>) -> SourceRange {
    guard let first = range.first, let last = range.last, last < sources.count else {
      return sources.last.map { SourceRange(start: $0.end, end: $0.end) } ?? SourceRange(start: 0, end: 0)
    }
    return SourceRange(start: sources[first].start, end: sources[last].end)
  }

  /// Takes a range of another text.
  mutating func assign(_ range: Range<Int>, of other: MappedText) {
    clear(like: other)
    append(range, of: other)
  }

  /// Keeps the text alone.
  mutating func forgetSources() {
    isMapped = false
    sources.removeAll(keepingCapacity: true)
  }

  /// Drops all bytes from a place on.
  mutating func truncate(_ count: Int) {
    bytes.removeSubrange(count...)
    if isMapped { sources.removeSubrange(count...) }
  }

  /// The scalars with the places they came from.
  func scalars() -> [SourcedScalar] {
    var result: [SourcedScalar] = []
    result.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      let (scalar, length) = UTF8Scalars.read(bytes, index)
      result.append(SourcedScalar(scalar: scalar, source: source(index)))
      index += length
    }
    return result
  }

  mutating func assign(_ scalars: [SourcedScalar]) {
    bytes.removeAll(keepingCapacity: true)
    sources.removeAll(keepingCapacity: true)
    for scalar in scalars { append(scalar.scalar, from: scalar.source) }
  }
}

/// A scalar and where it came from.
struct SourcedScalar {
  var scalar: UInt32
  var source: SourceRange
}
