import MartletCheckpoints
import MartletGeneration
import MartletLanguageModels
import MartletTensors
import MartletTransformers

/// The code in doc comments of the module, which lint compares with these lines: it compiles.
private enum DocCommentExamples {
  static func model(_ checkpoint: Checkpoint) async throws -> Completion {
    let model = try LocalModel(checkpoint, name: "smollm2", device: Device())
    let completion = try await model.complete(GenerationRequest(.text("The capital of France is")))
    return completion
  }

  static func adapted(_ model: LocalModel) throws -> LocalModel {
    let adapter = try ModelAdapter(directory: "my-adapter", device: model.transformer.device)
    let tuned = try model.adapted(by: [ScaledAdapter(adapter, scale: 0.8)])
    return tuned
  }

  static func sampling(_ model: LocalModel) -> GenerationRequest {
    let request = GenerationRequest(.text("Once upon a time"), sampling: model.sampling)
    return request
  }
}

/// Forbids the token that was drawn last.
struct NoRepeats: LogitProcessor {
  private var last: Int32?

  mutating func accept(_ token: Int32) { last = token }

  func process(_ logits: inout [Float]) {
    if let last { logits[Int(last)] = -.infinity }
  }
}
