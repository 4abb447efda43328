/// Copies a collection into any store, and then looks whether everything has arrived.
///
/// ```swift
/// let copy = CollectionCopy(from: notes, to: postgres, name: "notes")
/// let report = try copy.run { progress in print(progress) }
/// ```
///
/// A collection of the target's name appears when the copy is whole and verified, and not before: until then it is
/// called ``unfinishedName``. What a killed copy has left under that name, the next one throws away. A collection that
/// is there already and empty is filled as it is; of a copy that did not end well it is emptied again.
///
/// Memory holds a batch of records at a time. Which source of documents a record came from is not copied.
public struct CollectionCopy: Sendable {
  /// What is copied.
  public let source: any RecordCollection
  /// Where it goes.
  public let target: any RecordStore
  /// What it is called there.
  public let name: String
  /// The tenant and database that it belongs to there.
  public let namespace: Namespace
  /// How many records are read and written at a time.
  public var batchSize = 512

  /// How far a copy is.
  public enum Progress: Sendable, Equatable {
    /// So many records were written.
    case copied(Int, of: Int)
    /// So many records were compared with their originals.
    case verified(Int, of: Int)
  }

  /// What a copy has done.
  public struct Report: Sendable, Equatable {
    /// Records that were copied and verified.
    public var recordCount = 0
    /// Records whose source of documents was left out.
    public var leftOutPathCount = 0
    /// Whether the rest of an earlier copy that was killed was thrown away.
    public var replacedUnfinished = false
    /// Vectors that the target keeps rounded, within what its `fidelity` says.
    public var roundedVectorCount = 0
    /// Numbers in metadata that the target keeps rounded, within its `numberTolerance`.
    public var roundedNumberCount = 0
    /// The first such number, with its record and key and what became of it.
    public var firstRoundedNumber: String?
  }

  /// Describes a copy.
  ///
  /// - Parameters:
  ///   - source: What is copied. Nobody should write to it meanwhile.
  ///   - target: Where it goes.
  ///   - name: What it is called there.
  ///   - namespace: The tenant and database that it belongs to there.
  public init(
    from source: any RecordCollection, to target: any RecordStore, name: String,
    namespace: Namespace = .default
  ) {
    self.source = source
    self.target = target
    self.name = name
    self.namespace = namespace
  }

  /// What the copy is called until it is whole.
  public var unfinishedName: String { name + ".unfinished-copy" }

  /// Copies and verifies.
  ///
  /// - Parameter progress: Told after each batch.
  /// - Throws: `CollectionCopyError`, `CancellationError` when the task is cancelled, or what a store throws. There is
  ///   then no copy, unless the store could not be reached to throw it away.
  public func run(_ progress: (Progress) -> Void = { _ in }) throws -> Report {
    var report = Report()
    let existing = try found(name)
    if let existing { try checkIsFillable(existing) }
    if existing == nil, try found(unfinishedName) != nil {
      try target.dropCollection(named: unfinishedName, in: namespace)
      report.replacedUnfinished = true
    }
    let copy = try existing ?? target.makeCollection(configuration(named: unfinishedName))
    do {
      try fill(copy, &report, progress)
      try verify(copy, &report, progress)
      if existing == nil { try copy.rename(to: name) }
    } catch {
      // The first error is the one that matters; what cannot be put in order now, the next copy will.
      Cancellation.shield { try? discard(copy, wasThere: existing != nil) }
      throw error
    }
    return report
  }

  private func found(_ name: String) throws -> (any RecordCollection)? {
    do { return try target.openCollection(named: name, in: namespace) } catch VectorStoreError
      .noSuchCollection
    { return nil }
  }

  private func configuration(named name: String) -> CollectionConfiguration {
    var configuration = source.configuration
    configuration.name = name
    configuration.namespace = namespace
    return configuration
  }

  /// Throws unless the collection is empty and takes the source's vectors for what they are.
  private func checkIsFillable(_ existing: any RecordCollection) throws {
    let records = try existing.count()
    guard records == 0 else {
      throw CollectionCopyError.targetNotEmpty(collection: name, store: target.title, records: records)
    }
    let (wanted, own) = (source.configuration, existing.configuration)
    var differences = [String]()
    if own.distance != wanted.distance {
      differences.append("compares by \(own.distance.rawValue), the original by \(wanted.distance.rawValue)")
    }
    if let dimension = own.dimension, let other = wanted.dimension, dimension != other {
      differences.append("has vectors of \(dimension) numbers, the original of \(other)")
    }
    if own.embedder != wanted.embedder {
      let (here, there) = (own.embedder?.description ?? "none", wanted.embedder?.description ?? "none")
      differences.append("names the embedder \(here), the original \(there)")
    }
    guard differences.isEmpty else {
      throw CollectionCopyError.unfitTarget(
        collection: name, store: target.title, reason: differences.joined(separator: "; it "))
    }
  }

  private func fill(_ copy: any RecordCollection, _ report: inout Report, _ progress: (Progress) -> Void)
    throws
  {
    let total = try source.count()
    progress(.copied(0, of: total))
    try source.forEachBatch(of: batchSize, where: nil) { batch in
      try Cancellation.check()
      report.leftOutPathCount += batch.count { $0.path != nil }
      try copy.add(batch.map(\.copied))
      report.recordCount += batch.count
      progress(.copied(report.recordCount, of: max(total, report.recordCount)))
    }
  }

  private func verify(_ copy: any RecordCollection, _ report: inout Report, _ progress: (Progress) -> Void)
    throws
  {
    let count = report.recordCount
    // A store that rounds need not give the same numbers twice.
    var differences = RecordDifferences(
      vectors: source.fidelity.and(copy.fidelity),
      numberTolerance: source.numberTolerance + copy.numberTolerance)
    let found = try copy.count()
    if found != count { differences.note(counts: (expected: count, found: found)) }
    progress(.verified(0, of: count))
    var done = 0
    try source.forEachBatch(of: batchSize, where: nil) { batch in
      try Cancellation.check()
      let there = try copy.get(ids: batch.map(\.id), withEmbedding: true)
      // By bytes: two ids that Swift takes for one, as their accents are written in two ways, are two.
      let byID = Dictionary(there.map { (Array($0.id.utf8), $0) }) { first, _ in first }
      for record in batch {
        differences.compare(record.copied, with: byID[Array(record.id.utf8)])
      }
      done += batch.count
      progress(.verified(done, of: max(count, done)))
    }
    if done != count { differences.note(counts: (expected: count, found: done)) }
    (report.roundedVectorCount, report.roundedNumberCount) = (
      differences.roundedVectorCount, differences.roundedNumberCount
    )
    report.firstRoundedNumber = differences.firstRoundedNumber
    guard differences.isEmpty else {
      throw CollectionCopyError.differences(collection: name, store: target.title, differences)
    }
  }

  private func discard(_ copy: any RecordCollection, wasThere: Bool) throws {
    guard wasThere else { return try target.dropCollection(named: unfinishedName, in: namespace) }
    while case let left = try copy.get(RecordSelection(limit: batchSize, withEmbedding: false)),
      !left.isEmpty
    {
      try copy.delete(ids: left.map(\.id))
    }
  }
}

extension Record {
  /// What of a record is copied.
  fileprivate var copied: Record {
    var record = self
    record.path = nil
    return record
  }
}
