import MartletVectorStore

/// What a writer that may be killed at any moment does: a list of transactions without end, each known in advance, so
/// that from the number of the last one the whole content of the store follows.
public struct StoreScript: Sendable {
  /// Records that are there from the first transaction on.
  public static let base = 8500
  /// The numbers of each vector.
  public static let dimension = 8

  /// The changes of one transaction.
  public enum Change: Sendable {
    /// Writes records, new ones or in the place of those with their ids.
    case upsert([Record])
    /// Deletes records.
    case delete([String])
  }

  /// The changes of transaction `number`, from 1.
  public static func changes(_ number: Int) -> [Change] {
    if number == 1 { return [.upsert((0..<base).map { record(id: $0, round: 1) })] }
    var random = Random(state: UInt64(number) &* 0x9E37_79B9_7F4A_7C15)
    func ids() -> [Int] {
      (0..<1 + Int(random.next() % 20)).map { _ in Int(random.next() % UInt64(base + 500)) }
    }
    // The last record of all says which transaction it was.
    return [
      .upsert(ids().map { record(id: $0, round: number) }), .delete(ids().map { "\($0)" }),
      .upsert([Record(id: "round", embedding: vector(-1, number), metadata: ["round": .integer(number)])]),
    ]
  }

  /// The content after transaction `number`.
  public static func content(after number: Int) -> [String: Record] {
    var content = [String: Record]()
    for round in stride(from: 1, through: number, by: 1) { apply(round, to: &content) }
    return content
  }

  /// Makes the changes of transaction `number` in a dictionary.
  public static func apply(_ number: Int, to content: inout [String: Record]) {
    for change in changes(number) {
      switch change {
      case .upsert(let records): for record in records { content[record.id] = record }
      case .delete(let ids): for id in ids { content[id] = nil }
      }
    }
  }

  private static func record(id: Int, round: Int) -> Record {
    Record(
      id: "\(id)", embedding: vector(id, round), document: "record \(id) of round \(round)",
      metadata: ["round": .integer(round), "tag": .string("t\(id % 7)")])
  }

  private static func vector(_ id: Int, _ round: Int) -> [Float] {
    var random = Random(state: UInt64(truncatingIfNeeded: id &* 1_000_003 &+ round))
    return (0..<dimension).map { _ in Float(random.next() >> 40) / Float(1 << 24) - 0.5 }
  }

  /// SplitMix64, the same in both processes.
  private struct Random {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
  }
}
