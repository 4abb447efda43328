import Foundation
import MartletCheckpoints
import MartletGeneration
import MartletLanguageModels
import MartletTensors
import MartletTransformers
import Testing

@Suite("A model with adapters")
struct AdaptedModelTests {
  private static let adapters = TinyModel.folder.deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Adapters/Fixtures")

  private static func adapter(_ name: String, _ model: LocalModel) throws -> ModelAdapter {
    try ModelAdapter(directory: adapters.appending(path: name).path(), device: model.transformer.device)
  }

  private static func text(_ model: LocalModel) async throws -> Completion {
    try await model.complete(
      GenerationRequest(
        .text("the swift brown fox jumps over"), sampling: .greedy, maximumTokens: 16, ignoresEnd: true))
  }

  @Test("Models with different adapters on one base do not see each other's keys and values")
  func prefixes() async throws {
    let base = try TinyModel.open()
    let plain = try await Self.text(base)
    let adapted = try base.adapted(by: [
      ScaledAdapter(Self.adapter("default-llama", base), scale: 4)
    ])
    let first = try await Self.text(adapted)
    // The prompt is the same, and nothing of what the base computed is taken.
    #expect(first.cachedTokenCount == 0 && first.text != plain.text)
    let other = try adapted.adapted(by: [ScaledAdapter(Self.adapter("rank-pattern", base), scale: 4)])
    let second = try await Self.text(other)
    #expect(second.cachedTokenCount == 0 && second.text != first.text)
    // The same model takes what it has.
    let again = try await Self.text(adapted)
    #expect(again.cachedTokenCount > 0 && again.text == first.text)
    let back = try await Self.text(other.adapted(by: []))
    #expect(back.text == plain.text)
    #expect(other.adapters.count == 1 && base.adapters.isEmpty)
  }

  @Test("After an adapter that replaces weights, the base is the base")
  func replaced() async throws {
    let base = try TinyModel.open()
    let plain = try await Self.text(base)
    let adapted = try base.adapted(by: [ScaledAdapter(Self.adapter("saved-head", base))])
    #expect(try await Self.text(adapted).text != plain.text)
    #expect(try await Self.text(adapted.adapted(by: [])).text == plain.text)
    let both = try adapted.adapted(by: [ScaledAdapter(Self.adapter("saved-embedding", base))])
    #expect(try await Self.text(both).text != plain.text)
  }
}
