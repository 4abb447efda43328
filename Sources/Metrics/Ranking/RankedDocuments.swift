import Foundation

/// The documents that a search found for one query, best first, and how relevant they are: what trec_eval computes from
/// it. Means over queries are the caller's to take.
///
/// ```swift
/// let ranking = try RankedDocuments(["d3", "d1", "d2"], relevance: ["d1": 2, "d4": 1])
/// ranking.reciprocalRank  // 0.5
/// ```
public struct RankedDocuments: Sendable {
  /// The relevance of each found document, best rank first; 0 for documents that nobody judged.
  private let gains: [Int]
  /// The relevance of all relevant documents, the highest first.
  private let ideal: [Int]

  /// - Parameters:
  ///   - found: The identifiers of the documents, best first.
  ///   - relevance: The judged documents: above 0 is relevant, and more is better; others need not be there.
  /// - Throws: ``MetricError/repeatedDocument(id:)`` where a document is found twice, which would count twice.
  public init(_ found: [String], relevance: [String: Int]) throws(MetricError) {
    var seen = Set<String>()
    for id in found where !seen.insert(id).inserted { throw .repeatedDocument(id: id) }
    gains = found.map { max(0, relevance[$0] ?? 0) }
    ideal = relevance.values.filter { $0 > 0 }.sorted(by: >)
  }

  /// Whether any document is relevant. Without one, all measures are 0, and means over queries usually leave the query
  /// out.
  public var hasRelevantDocuments: Bool { !ideal.isEmpty }

  private func hits(at k: Int) -> Int { gains.prefix(max(0, k)).count { $0 > 0 } }

  /// The share of the first `k` ranks with a relevant document; ranks beyond the last found document count as misses.
  public func precision(at k: Int) -> Double { k > 0 ? Double(hits(at: k)) / Double(k) : 0 }

  /// The share of the relevant documents that are among the first `k`.
  public func recall(at k: Int) -> Double { ideal.isEmpty ? 0 : Double(hits(at: k)) / Double(ideal.count) }

  /// 1 / the rank of the first relevant document; 0 where none was found. Its mean over queries is the MRR.
  public var reciprocalRank: Double { gains.firstIndex { $0 > 0 }.map { 1 / Double($0 + 1) } ?? 0 }

  /// The discounted gain of the first `k`, as a share of that of the best possible ranking (Järvelin and Kekäläinen,
  /// "Cumulated gain-based evaluation of IR techniques", 2002). The gain is the relevance itself, and rank r is divided
  /// by log2(r + 1).
  public func nDCG(at k: Int) -> Double {
    let best = Self.discounted(ideal.prefix(max(0, k)))
    return best > 0 ? Self.discounted(gains.prefix(max(0, k))) / best : 0
  }

  private static func discounted(_ gains: ArraySlice<Int>) -> Double {
    zip(1..., gains).reduce(0) { $0 + Double($1.1) / log2(Double($1.0 + 1)) }
  }
}
