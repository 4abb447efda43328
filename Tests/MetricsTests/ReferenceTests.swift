import MartletJSON
import MartletMetrics
import Testing

/// 2,000 pairs of texts: many scripts, marks, entities, line breaks and empty texts.
@Suite("Values of the reference tools")
struct ReferenceTests {
  private static let bleus: [(String, BLEU)] =
    BLEU.Tokenizer.allCases.map { ("bleu-\($0.rawValue)", BLEU(tokenizer: $0)) } + [
      ("bleu-lowercase", BLEU(lowercase: true)), ("bleu-no-smoothing", BLEU(smoothing: .none)),
      ("bleu-floor", BLEU(smoothing: .floor(0.1))), ("bleu-floor-0.5", BLEU(smoothing: .floor(0.5))),
      ("bleu-add-k", BLEU(smoothing: .addK(1))), ("bleu-add-k-0.5", BLEU(smoothing: .addK(0.5))),
    ]
  private static let chrFs: [(String, CHRF)] = [
    ("chrf", CHRF()), ("chrf++", CHRF(wordOrder: 2)), ("chrf-lowercase", CHRF(lowercase: true)),
    ("chrf++-whitespace", CHRF(wordOrder: 2, whitespace: true)),
    ("chrf++-epsilon", CHRF(wordOrder: 2, epsilonSmoothing: true)),
  ]

  private func column(_ name: String) throws -> JSON {
    try #require(Reference.metrics["sentences"]?[name])
  }

  @Test("SQuAD's exact match and F1")
  func squad() throws {
    let scores = ReferenceRow.all.map { SQuAD.score($0.prediction, references: $0.references) }
    try Reference.expect(scores.map { $0.exactMatch ? 1 : 0 }, toBe: column("exact_match"), "exact match")
    try Reference.expect(scores.map(\.f1), toBe: column("f1"), "F1")
  }

  @Test("BLEU of sacrebleu: segments and corpus, tokenizers, smoothings and signatures")
  func bleu() throws {
    let fixture = Reference.metrics
    var known: [(BLEU, [BLEU.Statistics])] = []
    for (name, bleu) in Self.bleus {
      // The smoothing does not change the statistics.
      let same = known.first { $0.0.tokenizer == bleu.tokenizer && $0.0.lowercase == bleu.lowercase }
      let statistics =
        try same?.1
        ?? ReferenceRow.all.map { try bleu.statistics(of: $0.prediction, references: $0.references) }
      if same == nil { known.append((bleu, statistics)) }
      var sentences = bleu
      sentences.effectiveOrder = true
      try Reference.expect(statistics.map { sentences.score($0).value }, toBe: column(name), name)
      var sum = BLEU.Statistics()
      for segment in statistics { sum += segment }
      let corpus = try #require(fixture["corpus"]?[name]?.doubleValue)
      #expect(abs(bleu.score(sum).value - corpus) < 1e-9, "\(name)")
      let counts = ReferenceRow.all.map(\.references.count)
      #expect(fixture["signatures"]?[name]?.stringValue == bleu.signature(referenceCounts: counts))
    }
    let first = try #require(known.first { $0.0.tokenizer == .v13a }?.1)
    try Reference.expect(first.map { BLEU().score($0).value }, toBe: column("bleu-all-orders"), "all orders")
  }

  @Test("chrF and chrF++ of sacrebleu: segments, corpus and signatures", arguments: chrFs.map(\.0))
  func chrF(name: String) throws {
    let fixture = Reference.metrics
    let chrF = try #require(Self.chrFs.first { $0.0 == name }?.1)
    var sum = CHRF.Statistics?.none
    let values = try ReferenceRow.all.map { row in
      let statistics = try chrF.statistics(of: row.prediction, references: row.references)
      if sum == nil { sum = statistics } else { sum? += statistics }
      return chrF.score(statistics)
    }
    try Reference.expect(values, toBe: column(name), name)
    let corpus = try #require(fixture["corpus"]?[name]?.doubleValue)
    #expect(abs(chrF.score(try #require(sum)) - corpus) < 1e-9)
    let counts = ReferenceRow.all.map(\.references.count)
    #expect(fixture["signatures"]?[name]?.stringValue == chrF.signature(referenceCounts: counts))
  }

  @Test("ROUGE of rouge-score, with the reference that has the best F", arguments: ROUGE.Variant.allCases)
  func rouge(variant: ROUGE.Variant) throws {
    let name = variant.rawValue
    let scores = try ReferenceRow.all.map {
      try ROUGE().score($0.prediction, references: $0.references, variant)
    }
    try Reference.expect(scores.map(\.fMeasure), toBe: column("\(name)-fmeasure"), "\(name), F")
    try Reference.expect(scores.map(\.precision), toBe: column("\(name)-precision"), "\(name), precision")
    try Reference.expect(scores.map(\.recall), toBe: column("\(name)-recall"), "\(name), recall")
    let stemmed = try ReferenceRow.all.map {
      try ROUGE(stem: true).score($0.prediction, references: $0.references, variant).fMeasure
    }
    try Reference.expect(stemmed, toBe: column("\(name)-stem"), "\(name), stemmed")
  }

  @Test("Levenshtein similarity of rapidfuzz, and equality of Python's strings")
  func texts() throws {
    try Reference.expect(
      ReferenceRow.all.map { EditSimilarity.score($0.prediction, references: $0.references) },
      toBe: column("edit_similarity"), "edit similarity")
    try Reference.expect(
      ReferenceRow.all.map { Accuracy.isCorrect($0.prediction, references: $0.references) ? 1 : 0 },
      toBe: column("accuracy"), "accuracy")
  }
}
