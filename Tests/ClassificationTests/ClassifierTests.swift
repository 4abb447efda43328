import Foundation
import MartletCheckpoints
import MartletJSON
import MartletTensors
import MartletTransformers
import Testing

@testable import MartletClassification

@Suite("Texts, pairs and tokens are classified as transformers does, from text to score")
struct ClassifierTests {
  private struct Input {
    let text: String
    let second: String?
    let ids: [Int]
    let logits: [JSON]
  }

  private func folder(_ name: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/\(name)").path()
  }

  private func open(_ name: String) throws -> (Checkpoint, [Input]) {
    let checkpoint = try Checkpoint.open(folder(name))
    let url = URL(filePath: folder(name)).appending(path: "reference.json")
    let json = try JSON(parsing: [UInt8](Data(contentsOf: url)))
    let inputs = try #require(json["inputs"]?.arrayValue).map { input in
      Input(
        text: try #require(input["text"]?.stringValue), second: input["second"]?.stringValue,
        ids: input["ids"]?.arrayValue?.compactMap(\.intValue) ?? [], logits: input["logits"]?.arrayValue ?? []
      )
    }
    return (checkpoint, inputs)
  }

  private func isNear(_ found: some BinaryFloatingPoint, _ wanted: JSON?) -> Bool {
    abs(Double(found) - (wanted?.doubleValue ?? .nan)) < 1e-4
  }

  @Test(
    "A cross-encoder's scores are within 1e-4, with the longer text cut where a pair is too long",
    arguments: ["cross-encoder", "cross-encoder-roberta"])
  func crossEncoder(name: String) throws {
    let (checkpoint, inputs) = try open(name)
    let model = try CrossEncoder(checkpoint, name: name, device: Device(threads: 2))
    #expect(model.maximumTokens == 48)
    for input in inputs {
      let score = try #require(model.scores(of: [input.second ?? ""], for: input.text).first)
      #expect(isNear(score.value, input.logits.first), "\(input.text) \(score)")
      let tokenizer = try checkpoint.makeTokenizer()
      let pair = tokenizer.encode(pair: input.text, input.second ?? "", maximumTokens: 48)
      #expect(pair.ids.map(Int.init) == input.ids && pair.cutTokens == score.cutTokens)
    }
    // Together as one by one, whatever shares their batch.
    let passages = inputs.filter { $0.text == inputs[0].text }.compactMap(\.second)
    let many = Array(repeating: passages, count: 20).flatMap { $0 }
    let scores = try model.scores(of: many, for: inputs[0].text)
    #expect(scores.count == 40)
    for (index, score) in scores.enumerated() { #expect(isNear(score.value, inputs[index % 2].logits.first)) }
  }

  @Test("Labels come best first, with probabilities that sum to 1")
  func labels() throws {
    let (checkpoint, inputs) = try open("labels")
    let model = try TextClassifier(checkpoint, device: Device(threads: 1))
    #expect(model.labels == ["negative", "neutral", "positive"] && !model.classifiesTokens)
    for input in inputs {
      let labels = try model.classify(input.text)
      for label in labels {
        let index = try #require(model.labels.firstIndex(of: label.label))
        #expect(isNear(label.logit, input.logits[index]), "\(input.text)")
      }
      #expect(labels.map(\.score) == labels.map(\.score).sorted(by: >))
      #expect(abs(labels.map(\.score).reduce(0, +) - 1) < 1e-5)
    }
    #expect(throws: ClassificationError.pair(isNeeded: false)) { try model.classifyTokens(of: "a") }
  }

  @Test("Tokens get their best label and their place in the text")
  func tokens() throws {
    let (checkpoint, inputs) = try open("tokens")
    let model = try TextClassifier(checkpoint, device: Device(threads: 1))
    #expect(model.classifiesTokens)
    for input in inputs {
      let tokens = try model.classifyTokens(of: input.text)
      #expect(tokens.count == input.ids.count - 2)
      for (token, logits) in zip(tokens, input.logits.dropFirst()) {
        let values = (logits.arrayValue ?? []).map { Float($0.doubleValue ?? .nan) }
        #expect(token.label.label == model.labels[values.indices.max { values[$0] < values[$1] } ?? 0])
        #expect(abs(token.label.logit - (values.max() ?? .nan)) < 1e-4)
        let scalars = Array(input.text.unicodeScalars)[token.scalarRange]
        let piece = String(String.UnicodeScalarView(scalars)).lowercased()
        #expect(token.token.replacing("##", with: "") == piece)
      }
    }
  }

  @Test("Next sentences are told from others, and one sentence alone is refused")
  func nextSentence() throws {
    let (checkpoint, inputs) = try open("next-sentence")
    let model = try TextClassifier(checkpoint, device: Device(threads: 1))
    for input in inputs {
      let labels = try model.classify(input.text, input.second)
      for label in labels {
        let index = try #require(model.labels.firstIndex(of: label.label))
        #expect(isNear(label.logit, input.logits[index]), "\(input.text)")
      }
    }
    #expect(throws: ClassificationError.pair(isNeeded: true)) { try model.classify("a") }
  }

  @Test("A classifier of several labels is no reranker, and an embedder has no head at all")
  func refusals() throws {
    let device = try Device(threads: 1)
    #expect(throws: ClassificationError.notAReranker(labels: ["negative", "neutral", "positive"])) {
      try CrossEncoder(open("labels").0, name: "labels", device: device)
    }
    #expect(throws: ModelError.missingHead("masked words", found: ["classifying texts"])) {
      try MaskFiller(open("labels").0, device: device)
    }
  }

  @Test("Logits that are not numbers are an error, never a ranking")
  func notFinite() throws {
    try ClassificationError.check([1, -2, 0])
    for bad in [Float.nan, .infinity] {
      #expect(throws: ClassificationError.notFinite) { try ClassificationError.check([1, bad]) }
    }
  }
}
