/// The beginning and the end of an output of any length.
struct OutputExcerpt {
  private let headLimit: Int
  private let tailLimit: Int
  private var head: [UInt8] = []
  /// The last bytes behind the head: at least `tailLimit` where there are so many, at most twice as many.
  private var tail: [UInt8] = []
  /// The bytes that came.
  private(set) var byteCount = 0

  init(limit: Int) {
    headLimit = limit / 2
    tailLimit = limit - limit / 2
  }

  mutating func append(_ bytes: UnsafeRawBufferPointer) {
    byteCount += bytes.count
    let room = min(headLimit - head.count, bytes.count)
    head.append(contentsOf: bytes[..<room])
    tail.append(contentsOf: bytes[room...].suffix(tailLimit))
    if tail.count > 2 * tailLimit { tail.removeFirst(tail.count - tailLimit) }
  }

  /// The bytes that are not kept.
  var omitted: Int { byteCount - head.count - min(tail.count, tailLimit) }

  /// What is kept, with a line that says what is left out.
  var text: String {
    let end = tail.suffix(tailLimit)
    guard omitted > 0 else { return String(decoding: head + end, as: UTF8.self) }
    return String(decoding: head, as: UTF8.self) + "\n[… \(omitted) bytes are left out …]\n"
      + String(decoding: end, as: UTF8.self)
  }
}
