import MartletCheckpoints
import MartletTensors
import Testing

@testable import MartletTransformers

@Suite("Heads of encoders compute what transformers computes")
struct HeadParityTests {
  private func checkpoint(_ name: String) throws -> Checkpoint {
    try Checkpoint.open(Reference.fixtures.appending(path: name).path())
  }

  private func rows(_ tensor: Tensor) -> [[Float]] { (0..<tensor.rows).map { tensor[row: $0] } }

  @Test("Masked words", arguments: ["bert-pretraining", "distilbert", "roberta", "mpnet"])
  func maskedWords(name: String) throws {
    let model = try MaskedLanguageModel(checkpoint(name), precision: .float32, device: Device(threads: 2))
    for sequence in try Reference(name).sequences {
      let hidden = try model.encoder.hiddenStates(
        of: PackedBatch(sequence.ids), segmentIDs: sequence.segmentIDs, recorder: nil)
      expectEqual(rows(model.logits(of: hidden)), try #require(sequence.logits), within: 1e-4, name)
    }
  }

  @Test("Texts", arguments: ["bert-labels", "distilbert-labels", "xlm-roberta-score", "mpnet-labels"])
  func texts(name: String) throws {
    let model = try SequenceClassifier(checkpoint(name), precision: .float32, device: Device(threads: 2))
    for sequence in try Reference(name).sequences {
      let logits = try model.logits(of: PackedBatch(sequence.ids), segmentIDs: sequence.segmentIDs)
      expectEqual(rows(logits), try #require(sequence.logits), within: 1e-4, name)
    }
  }

  @Test("Tokens")
  func tokens() throws {
    let model = try TokenClassifier(
      checkpoint("bert-tokens"), precision: .float32, device: Device(threads: 2))
    #expect(model.labels == ["O", "B-PER", "I-PER"])
    for sequence in try Reference("bert-tokens").sequences {
      let logits = try model.logits(of: PackedBatch(sequence.ids), segmentIDs: sequence.segmentIDs)
      expectEqual(rows(logits), try #require(sequence.logits), within: 1e-4, "tokens")
    }
  }

  @Test("Next sentences")
  func nextSentences() throws {
    let model = try NextSentencePredictor(
      checkpoint("bert-pretraining"), precision: .float32, device: Device(threads: 2))
    for sequence in try Reference("bert-pretraining").sequences {
      let logits = try model.logits(
        of: PackedBatch(sequence.ids), segmentIDs: try #require(sequence.segmentIDs))
      expectEqual(rows(logits), try #require(sequence.nextSentence), within: 1e-4, "next sentence")
    }
  }

  @Test("Scores follow problem_type: exclusive labels sum to 1, one label is a scale")
  func scores() throws {
    let labels = try SequenceClassifier(
      checkpoint("bert-labels"), precision: .float32, device: Device(threads: 1))
    #expect(labels.labels == ["no", "yes", "neither"])
    #expect(labels.scoring == .exclusive)
    #expect(abs(labels.scoring.scores([1, 2, 3]).reduce(0, +) - 1) < 1e-6)
    let score = try SequenceClassifier(
      checkpoint("xlm-roberta-score"), precision: .float32, device: Device(threads: 1))
    #expect(score.scoring == .scale && score.scoring.scores([-2.5]) == [-2.5])
    #expect(ClassifierScoring.independent.scores([0, 0]) == [0.5, 0.5])
  }

  @Test("A head that the model lacks is an error that names those it has")
  func missing() throws {
    let device = try Device(threads: 1)
    #expect(throws: ModelError.missingHead("masked words", found: ["classifying texts"])) {
      try MaskedLanguageModel(checkpoint("bert-labels"), precision: .float32, device: device)
    }
    #expect(throws: ModelError.missingHead("classifying texts", found: ["masked words", "next sentences"])) {
      try SequenceClassifier(checkpoint("bert-pretraining"), precision: .float32, device: device)
    }
    #expect(throws: ModelError.missingHead("classifying tokens", found: ["classifying texts"])) {
      try TokenClassifier(checkpoint("bert-labels"), precision: .float32, device: device)
    }
    #expect(throws: ModelError.missingHead("masked words", found: ["continuing texts"])) {
      try MaskedLanguageModel(checkpoint("gpt2"), precision: .float32, device: device)
    }
  }
}
