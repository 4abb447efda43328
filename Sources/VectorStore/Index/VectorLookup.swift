/// Finds slots by the vector that they hold, whatever a walk finds: a hash table by the checksums of vectors.
///
/// Of one vector it knows some slots only. Others hang on their nodes in the graph.
struct VectorLookup {
  private let hashes = Column<UInt64>()
  private var table = SlotTable<UInt64>()
  private static let mostEqual = 8

  /// The bytes for so many slots.
  static func bytes(for count: Int) -> Int {
    count * MemoryLayout<UInt64>.stride + SlotTable<UInt64>.bytes(for: count)
  }

  /// Notes the vector of a slot; where enough slots have it already, in the place of one whose record is gone.
  mutating func note(slot: Int, hash: UInt64, isAlive: (Int) -> Bool) throws(VectorStoreError) {
    try hashes.reserve(slot + 1)
    hashes[slot] = hash
    let equal = slots(ofHash: hash)
    if equal.count < Self.mostEqual {
      table.insert(slot: slot, hashes)
    } else if let gone = equal.first(where: { !isAlive($0) }) {
      table.replace(gone, with: slot, hashes)
    }
  }

  /// Slots that hold the vector with a hash.
  func slots(ofHash hash: UInt64) -> [Int] { table.slots(of: hash, hashes, atMost: Self.mostEqual) }
}
