/// The members of a JSON object in their order. Keys are compared scalar by scalar.
public struct JSONObject: Sendable {
  private var members: ContiguousArray<(key: String, value: JSON)> = []
  /// Open addressing over `members` (index + 1, 0 is free). Small objects have none.
  private var table: [Int32] = []

  /// An object without members.
  public init() {}

  /// Members in the order given; a later one replaces an earlier one of the same name.
  public init(_ pairs: some Sequence<(String, JSON)>) {
    for (key, value) in pairs { self[key] = value }
  }

  /// Members in the order given; a later one replaces an earlier one of the same name.
  public init(_ pairs: KeyValuePairs<String, JSON>) {
    for (key, value) in pairs { self[key] = value }
  }

  /// The names, in order.
  public var keys: [String] { members.map(\.key) }

  /// The value of that name. Setting replaces in place or appends; setting nil removes.
  public subscript(key: String) -> JSON? {
    get { index(of: key).map { members[$0].value } }
    set {
      if let value = newValue {
        if let index = append(key: key, value: value) { members[index].value = value }
      } else if let index = index(of: key) {
        members.remove(at: index)
        rebuildTable()
      }
    }
  }

  /// Appends a member, unless one of that name is there: then its index is returned.
  mutating func append(key: String, value: JSON) -> Int? {
    if members.count < Self.linearLimit {
      if let index = index(of: key) { return index }
      members.append((key, value))
      return nil
    }
    if members.count * 2 >= table.count { rebuildTable() }
    var slot = Self.hash(key) & (table.count - 1)
    while table[slot] != 0 {
      let index = Int(table[slot]) - 1
      if Self.equal(members[index].key, key) { return index }
      slot = (slot + 1) & (table.count - 1)
    }
    members.append((key, value))
    table[slot] = Int32(members.count)
    return nil
  }

  mutating func reserveCapacity(_ count: Int) { members.reserveCapacity(count) }

  private func index(of key: String) -> Int? {
    if table.isEmpty { return members.firstIndex { Self.equal($0.key, key) } }
    var slot = Self.hash(key) & (table.count - 1)
    while table[slot] != 0 {
      let index = Int(table[slot]) - 1
      if Self.equal(members[index].key, key) { return index }
      slot = (slot + 1) & (table.count - 1)
    }
    return nil
  }

  private mutating func rebuildTable() {
    guard members.count >= Self.linearLimit else { return table = [] }
    var size = 4 * Self.linearLimit
    while size < members.count * 4 { size *= 2 }
    table = [Int32](repeating: 0, count: size)
    for (index, member) in members.enumerated() {
      var slot = Self.hash(member.key) & (size - 1)
      while table[slot] != 0 { slot = (slot + 1) & (size - 1) }
      table[slot] = Int32(index + 1)
    }
  }

  private static let linearLimit = 8

  private static func equal(_ a: String, _ b: String) -> Bool {
    a.utf8.count == b.utf8.count && a.utf8.elementsEqual(b.utf8)
  }

  /// Seeded by the process, so that a hostile file cannot choose keys that collide.
  private static func hash(_ key: String) -> Int {
    var hasher = Hasher()
    let done: Void? = key.utf8.withContiguousStorageIfAvailable {
      hasher.combine(bytes: UnsafeRawBufferPointer($0))
    }
    if done == nil { for byte in key.utf8 { hasher.combine(byte) } }
    return hasher.finalize()
  }
}

extension JSONObject: RandomAccessCollection {
  /// The first place, 0.
  public var startIndex: Int { 0 }
  /// The number of members.
  public var endIndex: Int { members.count }
  /// The member at that place.
  public subscript(position: Int) -> (key: String, value: JSON) { members[position] }
}

extension JSONObject: Equatable {
  /// The same members in the same order.
  public static func == (left: JSONObject, right: JSONObject) -> Bool {
    left.count == right.count
      && zip(left, right).allSatisfy { equal($0.key, $1.key) && $0.value == $1.value }
  }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
  /// Members in the order written; a later one replaces an earlier one of the same name.
  public init(dictionaryLiteral elements: (String, JSON)...) { self.init(elements) }
}
