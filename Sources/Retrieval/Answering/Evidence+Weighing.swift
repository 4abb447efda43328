import Foundation
import MartletLanguageModels

/// In which order passages are kept.
enum PassageOrder {
  /// The strongest, at most so many.
  case byStrength(limit: Int)
  /// All, as they come: a reranker or a document gave them their order.
  case asFound
}

extension Library {
  /// What nearness in words weighs beside nearness in meaning, when one sentence or passage is judged by itself.
  private static let weightOfWords = 0.7
  /// What a sentence loses for each rank of its passage.
  private static let lossPerRank = 0.03

  /// Scores passages and their sentences by their nearness to a vector and by the question's words, where it has any.
  func weigh(
    _ found: [SearchResult], by query: [Float], passages cosines: [Double], words: QuestionWords?,
    quotes: Int, order: PassageOrder
  ) throws -> Evidence {
    func strength(_ nearness: Double, _ text: String) -> Double {
      nearness + Self.weightOfWords * (words?.coverage(by: text) ?? 0)
    }
    let embedder = try embedder()
    let units = found.map(\.units)
    let texts = zip(found, units).map { result, units in units.map { result.meaning(of: $0) } }
    let vectors = try embedder.embeddings(ofDocuments: texts.flatMap(\.self))
    var nearnesses = vectors.lazy.map { cosine(query, $0.vector) }[...]
    let weighed = zip(found.indices, texts).map { index, texts in
      let near = Array(nearnesses.prefix(texts.count))
      nearnesses = nearnesses.dropFirst(texts.count)
      // A sentence often names what the next one tells.
      let pairs = texts.indices.map { first in
        let pair = first..<min(first + 2, texts.count)
        return strength(near[pair].max() ?? 0, texts[pair].joined(separator: "\n"))
      }
      return WeighedPassage(
        index: index, sentences: zip(near, texts).map(strength), bestPair: pairs.max() ?? 0,
        whole: strength(cosines[index], found[index].textWithPlace))
    }
    let kept = Self.kept(weighed, order)
    let results = kept.map { found[$0.index] }
    var candidates: [Evidence.Candidate] = []
    // Passages may overlap; what they share is quoted once.
    var seen: Set<Substring> = []
    var sentences: [(rank: Int, unit: PassageUnit, score: Double)] = []
    for (rank, passage) in kept.enumerated() {
      // An order that was given counts beside the strength.
      let loss = if case .asFound = order { Self.lossPerRank * Double(rank) } else { 0.0 }
      candidates.append(.init(number: rank + 1, score: passage.bestPair + passage.whole - 2 * loss))
      for (unit, strength) in zip(units[passage.index], passage.sentences)
      where unit.isQuotable && seen.insert(results[rank].text[unit.range]).inserted {
        sentences.append((rank, unit, strength - Self.lossPerRank * Double(rank)))
      }
    }
    let nearest = sentences.indices.sorted { (-sentences[$0].score, $0) < (-sentences[$1].score, $1) }
    return Evidence(
      results: results,
      quotes: nearest.prefix(quotes).map { index in
        let (rank, unit, score) = sentences[index]
        return Quote(unit, of: results[rank], number: rank + 1, score: score)
      },
      candidates: candidates.sorted { (-$0.score, $0.number) < (-$1.score, $1.number) },
      strength: kept.map { max($0.bestPair, $0.whole) }.max() ?? 0, threshold: embedder.evidenceThreshold)
  }

  /// A passage and what it is worth.
  private struct WeighedPassage {
    /// Where it stands among those that were found.
    var index: Int
    /// The strengths of its sentences.
    var sentences: [Double]
    /// The strength of its best two sentences in a row.
    var bestPair: Double
    /// The strength of the passage as a whole.
    var whole: Double
  }

  private static func kept(_ passages: [WeighedPassage], _ order: PassageOrder) -> [WeighedPassage] {
    guard case .byStrength(let limit) = order else { return passages }
    let sorted = passages.sorted { (-$0.bestPair - $0.whole, $0.index) < (-$1.bestPair - $1.whole, $1.index) }
    return Array(sorted.prefix(limit))
  }
}

extension SearchResult {
  /// The passage with its headings and its file's name, which say what it is about.
  var textWithPlace: String {
    "\(text)\n\(headings)\n\(URL(filePath: path).lastPathComponent)"
      + (attributes["from"]?.text.map { "\n" + $0 } ?? "")
  }
}
