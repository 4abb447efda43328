import MartletCheckpoints
import MartletClassification
import MartletTensors

/// The code in doc comments of the module, which lint compares with these lines: it compiles.
private enum DocCommentExamples {
  static func masks(_ checkpoint: Checkpoint) throws -> [MaskFiller.Mask] {
    let filler = try MaskFiller(checkpoint, device: Device())
    let masks = try filler.fill("The capital of France is [MASK].", count: 5)
    return masks
  }

  static func labels(_ checkpoint: Checkpoint) throws -> [TextClassifier.Label] {
    let classifier = try TextClassifier(checkpoint, device: Device())
    let labels = try classifier.classify("I like swifts.")
    return labels
  }
}
