/// How the copies of records differ from their originals. However many do, this keeps the first of them only.
public struct RecordDifferences: Sendable, Equatable {
  /// One record's.
  public struct Difference: Sendable, Equatable, CustomStringConvertible {
    /// The record.
    public let id: String
    /// What is not as it was: the parts' names, or that the record is missing.
    public let what: [String]

    /// "swift (vector, document)".
    public var description: String { "\(id) (\(what.joined(separator: ", ")))" }
  }

  /// The first, in the order of the originals.
  public private(set) var first = [Difference]()
  /// How many records differ.
  public private(set) var count = 0
  /// Where the numbers of records differ: how many there should be, and how many there are.
  public private(set) var counts: [(expected: Int, found: Int)] = []

  /// How many are kept.
  static let kept = 100

  /// Nothing differs yet.
  public init() {}

  /// Whether nothing differs.
  public var isEmpty: Bool { count == 0 && counts.isEmpty }

  mutating func note(counts: (expected: Int, found: Int)) { self.counts.append(counts) }

  /// Compares a record with its copy.
  mutating func compare(_ record: Record, with copy: Record?, _ fidelity: VectorFidelity) {
    guard let copy else { return note(record.id, ["missing"]) }
    var parts = [String]()
    if !Self.agree(record.embedding, copy.embedding, fidelity) { parts.append("vector") }
    if !Self.agree(record.document, copy.document) { parts.append("document") }
    if record.metadata.withoutNegativeZeros.encoded != copy.metadata.withoutNegativeZeros.encoded {
      parts.append("metadata")
    }
    if !Self.agree(record.uri, copy.uri) { parts.append("uri") }
    if !parts.isEmpty { note(record.id, parts) }
  }

  private mutating func note(_ id: String, _ what: [String]) {
    count += 1
    if first.count < Self.kept { first.append(Difference(id: id, what: what)) }
  }

  /// Swift's own comparison would take texts for equal whose accents are written in two ways.
  private static func agree(_ a: String?, _ b: String?) -> Bool {
    switch (a, b) {
    case (let a?, let b?): a.utf8.elementsEqual(b.utf8)
    case (nil, nil): true
    default: false
    }
  }

  private static func agree(_ a: [Float], _ b: [Float], _ fidelity: VectorFidelity) -> Bool {
    guard a.count == b.count else { return false }
    switch fidelity {
    case .exact: return zip(a, b).allSatisfy { $0.bitPattern == $1.bitPattern }
    case .rounded(let share):
      let bound = share * a.reduce(0) { max($0, abs($1)) }
      return zip(a, b).allSatisfy { abs($0 - $1) <= bound }
    }
  }

  /// Equal where the same records differ in the same way.
  public static func == (a: Self, b: Self) -> Bool {
    a.first == b.first && a.count == b.count && a.counts.elementsEqual(b.counts, by: ==)
  }
}

extension Metadata {
  /// Negative zeros, which equal zero and which not every store keeps, made zeros.
  fileprivate var withoutNegativeZeros: Metadata {
    mapValues { value in
      switch value {
      case .double(let number): .double(number + 0)
      case .doubles(let numbers): .doubles(numbers.map { $0 + 0 })
      default: value
      }
    }
  }
}

/// Why a collection was not copied.
public enum CollectionCopyError: Error, Sendable, Equatable, CustomStringConvertible {
  /// There is a collection of that name with records in it.
  case targetNotEmpty(collection: String, store: String, records: Int)
  /// There is an empty collection of that name, but not one for such vectors.
  case unfitTarget(collection: String, store: String, reason: String)
  /// What was written is not what was read. The copy was thrown away.
  case differences(collection: String, store: String, RecordDifferences)

  /// What was wrong, where, and what to do next.
  public var description: String {
    switch self {
    case .targetNotEmpty(let collection, let store, let records):
      "\(store) has a collection \(collection) already, with \(records) \(records == 1 ? "record" : "records"). Copy to "
        + "another name, or drop that one first (`martlet db drop`)."
    case .unfitTarget(let collection, let store, let reason):
      "\(store) has an empty collection \(collection) already, but it \(reason). Copy to another name, or drop that "
        + "one first (`martlet db drop`)."
    case .differences(let collection, let store, let differences):
      Self.text(collection, store, differences)
    }
  }

  private static func text(_ collection: String, _ store: String, _ differences: RecordDifferences) -> String
  {
    var sentences = differences.counts.map {
      "There should be \($0.expected) records, and there are \($0.found)."
    }
    if differences.count > 0 {
      let shown = differences.first.prefix(20).map(\.description).joined(separator: ", ")
      let more = differences.count > 20 ? ", and \(differences.count - 20) more" : ""
      sentences.append("\(differences.count) of the copies differ from their originals: \(shown)\(more).")
    }
    return "The copy of collection \(collection) in \(store) is not what was read, and was thrown away. "
      + sentences.joined(separator: " ")
      + " Somebody may have written to the original meanwhile: then copy again. Else the store does not keep such records."
  }
}
