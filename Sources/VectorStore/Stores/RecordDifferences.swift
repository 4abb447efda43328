/// How the copies of records differ from their originals. However many do, this keeps the first of them only.
public struct RecordDifferences: Sendable, Equatable {
  /// One record's.
  public struct Difference: Sendable, Equatable, CustomStringConvertible {
    /// The record.
    public let id: String
    /// What is not as it was, part by part with both values, or that the record is missing.
    public let what: [String]

    /// "swift (metadata "weight": 1.5 became 2.5; uri: "a" became nothing)".
    public var description: String { "\(id) (\(what.joined(separator: "; ")))" }
  }

  /// The first, in the order of the originals.
  public private(set) var first = [Difference]()
  /// How many records differ.
  public private(set) var count = 0
  /// Where the numbers of records differ: how many there should be, and how many there are.
  public private(set) var counts: [(expected: Int, found: Int)] = []

  /// Vectors that differ no more than their store may round them.
  public private(set) var roundedVectorCount = 0
  /// Numbers in metadata that differ no more than their store may round them.
  public private(set) var roundedNumberCount = 0
  /// The first of these numbers, in words.
  public private(set) var firstRoundedNumber: String?

  /// How many are kept.
  static let kept = 100

  private let vectors: VectorFidelity
  private let numberTolerance: Double

  /// Nothing differs yet.
  ///
  /// - Parameters:
  ///   - vectors: How exactly vectors are to come back.
  ///   - numberTolerance: By which share of itself a double in metadata may have changed.
  public init(vectors: VectorFidelity = .exact, numberTolerance: Double = 0) {
    self.vectors = vectors
    self.numberTolerance = numberTolerance
  }

  /// Whether nothing differs but by rounding.
  public var isEmpty: Bool { count == 0 && counts.isEmpty }

  mutating func note(counts: (expected: Int, found: Int)) { self.counts.append(counts) }

  /// Compares a record with its copy.
  mutating func compare(_ record: Record, with copy: Record?) {
    guard let copy else { return note(record.id, ["missing"]) }
    var parts = [String]()
    if let difference = vectorDifference(record.embedding, copy.embedding) { parts.append(difference) }
    if !Self.agree(record.document, copy.document) {
      parts.append("document: \(Self.shown(record.document)) became \(Self.shown(copy.document))")
    }
    parts += metadataDifferences(record, copy)
    if !Self.agree(record.uri, copy.uri) {
      parts.append("uri: \(Self.shown(record.uri)) became \(Self.shown(copy.uri))")
    }
    if !parts.isEmpty { note(record.id, parts) }
  }

  private mutating func note(_ id: String, _ what: [String]) {
    count += 1
    if first.count < Self.kept { first.append(Difference(id: id, what: what)) }
  }

  // MARK: Vectors

  private mutating func vectorDifference(_ a: [Float], _ b: [Float]) -> String? {
    guard a.count == b.count else { return "vector: \(a.count) numbers became \(b.count)" }
    guard let changed = a.indices.first(where: { a[$0].bitPattern != b[$0].bitPattern }) else { return nil }
    var place = changed
    if case .rounded(let share) = vectors {
      let bound = share * a.reduce(0) { max($0, abs($1)) }
      guard let far = a.indices.first(where: { !(abs(a[$0] - b[$0]) <= bound) }) else {
        roundedVectorCount += 1
        return nil
      }
      place = far
    }
    return "vector, number \(place + 1) of \(a.count): \(a[place]) became \(b[place])"
  }

  // MARK: Metadata

  private mutating func metadataDifferences(_ record: Record, _ copy: Record) -> [String] {
    let (a, b) = (record.metadata.withoutNegativeZeros, copy.metadata.withoutNegativeZeros)
    guard a.encoded != b.encoded else { return [] }
    var differences = [String]()
    for key in Set(a.keys).union(b.keys).sorted() {
      switch (a[key], b[key]) {
      case (let old?, let new?):
        let text = "\(Self.shown(old.json.serialized())) became \(Self.shown(new.json.serialized()))"
        guard let rounded = roundedCount(old, new) else {
          differences.append("metadata \"\(key)\": \(text)")
          continue
        }
        roundedNumberCount += rounded
        if rounded > 0, firstRoundedNumber == nil {
          firstRoundedNumber = "record \(record.id), \"\(key)\": \(text)"
        }
      case (let old?, nil):
        differences.append("metadata \"\(key)\": \(Self.shown(old.json.serialized())) is missing")
      case (nil, let new?):
        differences.append("metadata \"\(key)\": \(Self.shown(new.json.serialized())) is new")
      case (nil, nil): break
      }
    }
    let spellings = [a, b].map { metadata in Set(metadata.keys.map { Array($0.utf8) }) }
    if differences.isEmpty, spellings[0] != spellings[1] { differences.append("metadata: spelling of keys") }
    return differences
  }

  /// How many numbers of a value were rounded; nil where it differs in another way.
  private func roundedCount(_ a: MetadataValue, _ b: MetadataValue) -> Int? {
    switch (a, b) {
    case (.double(let a), .double(let b)): roundedCount([a], [b])
    case (.doubles(let a), .doubles(let b)): roundedCount(a, b)
    default: a.json.serialized().utf8.elementsEqual(b.json.serialized().utf8) ? 0 : nil
    }
  }

  private func roundedCount(_ a: [Double], _ b: [Double]) -> Int? {
    guard a.count == b.count else { return nil }
    var rounded = 0
    for (old, new) in zip(a, b) where old != new {
      guard abs(old - new) <= numberTolerance * abs(old) else { return nil }
      rounded += 1
    }
    return rounded
  }

  // MARK: Texts

  /// Swift's own comparison would take texts for equal whose accents are written in two ways.
  private static func agree(_ a: String?, _ b: String?) -> Bool {
    switch (a, b) {
    case (let a?, let b?): a.utf8.elementsEqual(b.utf8)
    case (nil, nil): true
    default: false
    }
  }

  private static func shown(_ text: String?) -> String {
    guard let text else { return "nothing" }
    return text.count <= 60 ? "\"\(text)\"" : "\"\(text.prefix(60))…\""
  }

  private static func shown(_ json: String) -> String { json.count <= 80 ? json : json.prefix(80) + "…" }

  /// Equal where the same records differ in the same way.
  public static func == (a: Self, b: Self) -> Bool {
    a.roundedVectorCount == b.roundedVectorCount && a.roundedNumberCount == b.roundedNumberCount
      && a.first == b.first
      && a.count == b.count && a.counts.elementsEqual(b.counts, by: ==)
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
      let shown = differences.first.prefix(20).map { "\n  \($0)" }.joined()
      let more = differences.count > 20 ? "\n  and \(differences.count - 20) more" : ""
      sentences.append("\(differences.count) of the copies differ from their originals:\(shown)\(more)\n")
    }
    return "The copy of collection \(collection) in \(store) is not what was read, and was thrown away. "
      + sentences.joined(separator: " ") + (differences.count > 0 ? "" : " ")
      + "Somebody may have written to the original meanwhile: then copy again. Else the store does not keep such records."
  }
}
