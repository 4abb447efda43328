import MartletCCrypto

/// Where the distinct values of a table are kept, one after the other.
protocol ValueStorage {
  associatedtype Value

  init()
  var count: Int { get }
  mutating func append(_ value: Value)
  func isEqual(_ place: Int, _ value: Value) -> Bool
  func hash(at place: Int) -> Int
  static func hash(_ value: Value) -> Int
}

/// The distinct values of one kind that a key has, each with the slots that have it.
struct ValueTable<Storage: ValueStorage> {
  private(set) var storage = Storage()
  private(set) var postings = PostingLists()
  /// Open addressing: the place of a value + 1; 0 is free. At most two thirds are taken.
  private var table = [UInt32](repeating: 0, count: 8)

  /// The place of a value.
  func place(of value: Storage.Value) -> Int? {
    let found = table[bucket(of: value)]
    return found == 0 ? nil : Int(found) - 1
  }

  /// Adds a slot to a value.
  mutating func add(_ value: Storage.Value, slot: UInt32) {
    let bucket = bucket(of: value)
    if table[bucket] != 0 { return postings.append(slot, to: Int(table[bucket]) - 1) }
    storage.append(value)
    postings.appendValue(slot)
    table[bucket] = UInt32(storage.count)
    if storage.count * 3 > table.count * 2 { grow() }
  }

  /// The value's bucket, or the free one where it would be put.
  private func bucket(of value: Storage.Value) -> Int {
    var bucket = Storage.hash(value) & (table.count - 1)
    while table[bucket] != 0 && !storage.isEqual(Int(table[bucket]) - 1, value) {
      bucket = (bucket + 1) & (table.count - 1)
    }
    return bucket
  }

  private mutating func grow() {
    let mask = table.count * 2 - 1
    table = [UInt32](repeating: 0, count: mask + 1)
    for place in 0..<storage.count {
      var bucket = storage.hash(at: place) & mask
      while table[bucket] != 0 { bucket = (bucket + 1) & mask }
      table[bucket] = UInt32(place + 1)
    }
  }
}

/// Numbers of one kind. Hashes are seeded by the process, so that nobody can choose numbers that collide.
struct NumberStorage<Value: Hashable & Comparable>: ValueStorage {
  private(set) var values = [Value]()

  var count: Int { values.count }
  mutating func append(_ value: Value) { values.append(value) }
  func isEqual(_ place: Int, _ value: Value) -> Bool { values[place] == value }
  func hash(at place: Int) -> Int { Self.hash(values[place]) }
  static func hash(_ value: Value) -> Int { value.hashValue }
}

/// Texts as bytes end to end in one array. Their values are keys that `withKey` makes.
struct TextStorage: ValueStorage {
  private var bytes = [UInt8]()
  private var ends = [Int]()

  /// Longer texts, which some programs put whole passages into, are known by their SHA-256.
  static let mostBytes = 64
  /// Begins the key of a long text, and no UTF-8.
  private static let digestMark: UInt8 = 0xFF

  var count: Int { ends.count }

  mutating func append(_ key: UnsafeRawBufferPointer) {
    bytes.append(contentsOf: key)
    ends.append(bytes.count)
  }

  func isEqual(_ place: Int, _ key: UnsafeRawBufferPointer) -> Bool {
    withBytes(of: place) { $0.count == key.count && $0.elementsEqual(key) }
  }

  func hash(at place: Int) -> Int { withBytes(of: place) { Self.hash($0) } }

  static func hash(_ key: UnsafeRawBufferPointer) -> Int {
    var hasher = Hasher()
    hasher.combine(bytes: key)
    return hasher.finalize()
  }

  private func withBytes<Result>(of place: Int, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    let start = place == 0 ? 0 : ends[place - 1]
    return bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[start..<ends[place]])) }
  }

  /// The bytes that stand for a text: its UTF-8, or what is kept of a long one.
  static func withKey<Result>(_ text: String, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    var text = text
    return text.withUTF8 { utf8 in
      guard utf8.count > mostBytes else { return body(UnsafeRawBufferPointer(utf8)) }
      return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 33) { key in
        key.initialize(repeating: digestMark)
        let digest = key.baseAddress.map { $0 + 1 }
        guard EVP_Digest(utf8.baseAddress, utf8.count, digest, nil, EVP_sha256(), nil) == 1 else {
          return body(UnsafeRawBufferPointer(utf8))
        }
        return body(UnsafeRawBufferPointer(key))
      }
    }
  }
}
