import MartletJSON
import MartletMetrics
import Testing

@Suite("Metrics of texts")
struct TextMetricTests {
  @Test("Porter's stemmer gives NLTK's stems")
  func porter() throws {
    let fixture = try #require(StatisticsTests.fixture["porter"])
    let words = try #require(fixture["words"]?.stringValue).split(separator: " ").map(String.init)
    let stems = try #require(fixture["stems"]?.stringValue).split(separator: " ").map(String.init)
    #expect(words.count == stems.count && words.count > 4000)
    for (word, stem) in zip(words, stems) where PorterStemmer.stem(word) != stem {
      Issue.record("\(word) → \(PorterStemmer.stem(word)), not \(stem)")
    }
    #expect(PorterStemmer.stem("") == "")
  }

  @Test("SQuAD's form has no case, articles, punctuation or runs of spaces")
  func normalization() {
    #expect(SQuAD.normalized("  The  answer, a\u{A0}cat -- an 'owl'! ") == "answer cat owl")
    // A combining mark is no part of a word for Python.
    #expect(SQuAD.normalized("a\u{301}") == "\u{301}")
    #expect(SQuAD.normalized("ΟΔΟΣ") == "οδος")
  }

  @Test("A question without an answer is answered by an empty prediction")
  func unanswerable() {
    for references in [[], [""], ["the", "!"]] {
      #expect(SQuAD.score("", references: references) == SQuAD.score("The", references: references))
      #expect(SQuAD.score("", references: references).exactMatch)
      #expect(SQuAD.score("", references: references).f1 == 1)
      #expect(SQuAD.score("Paris", references: references).f1 == 0)
    }
  }

  @Test("Texts are compared by code points, not by characters")
  func codePoints() {
    #expect(!Accuracy.isCorrect("e\u{301}", references: ["é"]))
    #expect(!Accuracy.isCorrect("a ", references: ["a"]) && Accuracy.isCorrect("a", references: ["b", "a"]))
    #expect(EditSimilarity.distance("e\u{301}", "é") == 2)
    #expect(EditSimilarity.distance("kitten", "sitting") == 3 && EditSimilarity.distance("", "ab") == 2)
    #expect(EditSimilarity.score("", references: [""]) == 1)
  }

  @Test("sacrebleu's own cases of BLEU")
  func bleuCases() throws {
    let predictions = ["The dog bit the man.", "It wasn't surprising.", "The man had just bitten him."]
    let references = [
      ["The dog bit the man.", "The dog had bit the man."],
      ["It was not unexpected.", "No one was surprised."],
      ["The man bit him first.", "The man had bitten the dog."],
    ]
    let cases: [(BLEU, Double)] = [
      (BLEU(), 48.530827), (BLEU(tokenizer: .none), 49.1919566),
      (BLEU(tokenizer: .international), 43.91623493),
      (BLEU(smoothing: .none), 48.530827),
    ]
    for (bleu, expected) in cases {
      #expect(abs(try bleu.corpusScore(predictions, references: references).value - expected) < 1e-6)
    }
    #expect(try BLEU().corpusScore(["", "", ""], references: references).value == 0)
    let floor = BLEU(tokenizer: .none, smoothing: .floor(0.01), effectiveOrder: true)
    #expect(abs(try floor.corpusScore(["test"], references: [["a test"]]).value - 36.78794411714425) < 1e-8)
    let offset = try floor.corpusScore(["a little test"], references: [["a test"]])
    #expect(abs(offset.value - 3.218297948685433) < 1e-8)
    let text = try BLEU().corpusScore(
      ["am I am a character sequence"], references: [["I am a symbol string sequence a a"]])
    #expect(text.statistics.matches == [4, 2, 1, 0] && text.statistics.totals == [6, 5, 4, 3])
  }

  @Test("sacrebleu's own cases of chrF")
  func chrFCases() throws {
    let epsilon = CHRF(beta: 3, epsilonSmoothing: true)
    let effective = CHRF(beta: 3)
    let cases: [(CHRF, [String], [String], Double)] = [
      (epsilon, ["abcdefg"], ["hijklmnop"], 0), (epsilon, ["aa"], ["ab"], 8.3333),
      (epsilon, ["a", "b"], ["a", "c"], 8.3333), (epsilon, ["a"], ["a"], 16.6667),
      (epsilon, ["a b c"], ["abc"], 50), (epsilon, [""], ["b"], 0), (effective, ["aa"], ["ab"], 25),
      (effective, ["a", "b"], ["a", "c"], 50), (effective, [""], ["c"], 0),
      (
        epsilon, [" Die    Beziehung zwischen  Obama und Netanjahu ist nicht gerade  freundlich. "],
        ["Das Verhältnis zwischen Obama und Netanyahu ist nicht gerade freundschaftlich."], 64.1302698
      ),
      (
        CHRF(beta: 3, whitespace: true),
        ["Die Beziehung zwischen Obama und Netanjahu ist nicht gerade freundlich."],
        ["Das Verhältnis zwischen Obama und Netanyahu ist nicht gerade freundschaftlich."], 67.3481606
      ),
    ]
    for (chrF, predictions, references, expected) in cases {
      let score = try chrF.corpusScore(predictions, references: references.map { [$0] })
      #expect(abs(score - expected) < 1e-4, "\(predictions)")
    }
  }

  @Test("rouge-score's own cases")
  func rougeCases() throws {
    let union = try ROUGE().score(
      "w1 w2 w6 w7 w8\nw1 w3 w8 w9 w5", references: ["w1 w2 w3 w4 w5"], .rougeLsum)
    #expect(union.recall == 0.8 && union.precision == 0.4)
    let pairs = try ROUGE().score("testing one", references: ["testing one two"], .rouge2)
    #expect(pairs.precision == 1 && pairs.recall == 0.5 && abs(pairs.fMeasure - 2 / 3) < 1e-12)
    let subsequence = try ROUGE().score("testing two", references: ["testing one two"], .rougeL)
    #expect(subsequence.precision == 1 && abs(subsequence.fMeasure - 0.8) < 1e-12)
    for variant in ROUGE.Variant.allCases {
      #expect(try ROUGE().score("/", references: ["w1 w2"], variant).fMeasure == 0)
    }
  }

  @Test("pass@k is the unbiased estimator, also for counts whose binomials overflow")
  func passAtK() throws {
    #expect(abs(try PassAtK.estimate(1, samples: 10, correct: 3) - 0.3) < 1e-12)
    #expect(abs(try PassAtK.estimate(2, samples: 5, correct: 2) - 0.7) < 1e-12)
    #expect(
      try PassAtK.estimate(5, samples: 5, correct: 0) == 0 && PassAtK.estimate(5, samples: 5, correct: 1) == 1
    )
    let many = try PassAtK.estimate(1000, samples: 100_000, correct: 100)
    #expect(many > 0.6 && many < 0.65)
    #expect(throws: MetricError.tooFewSamples(samples: 3, k: 4)) {
      try PassAtK.estimate(4, samples: 3, correct: 1)
    }
    #expect(throws: MetricError.tooFewSamples(samples: 3, k: 0)) {
      try PassAtK.estimate(0, samples: 3, correct: 1)
    }
    #expect(throws: MetricError.impossibleCounts(samples: 3, correct: 4)) {
      try PassAtK.estimate(1, samples: 3, correct: 4)
    }
  }

  @Test("Smoothings are found by sacrebleu's names; a value where none belongs is an error")
  func smoothings() throws {
    #expect(
      try BLEU.Smoothing.names.map { try BLEU.Smoothing(named: $0) } == [
        .none, .floor(0.1), .addK(1), .exponential,
      ])
    #expect(try BLEU.Smoothing(named: "floor", value: 0.5) == .floor(0.5))
    #expect(throws: MetricError.smoothingValue(name: "exp")) { try BLEU.Smoothing(named: "exp", value: 1) }
    #expect(throws: MetricError.smoothingValue(name: "floor")) {
      try BLEU.Smoothing(named: "floor", value: .nan)
    }
    #expect(throws: MetricError.unknownSmoothing(name: "x")) { try BLEU.Smoothing(named: "x") }
  }

  @Test("Predictions without references are errors")
  func missing() {
    #expect(throws: MetricError.noReferences) { try BLEU().sentenceScore("a", references: []) }
    #expect(throws: MetricError.noReferences) { try CHRF().sentenceScore("a", references: []) }
    #expect(throws: MetricError.noReferences) { try ROUGE().score("a", references: [], .rouge1) }
    #expect(throws: MetricError.noRows) { try BLEU().corpusScore([], references: []) }
    #expect(throws: MetricError.differentCounts(predictions: 1, references: 2)) {
      try CHRF().corpusScore(["a"], references: [["a"], ["b"]])
    }
  }
}
