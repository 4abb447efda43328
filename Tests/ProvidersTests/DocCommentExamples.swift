import MartletProviders
import Testing

@Suite("Examples in doc comments of Providers")
struct DocCommentExamples {
  @Test("A reference")
  func reference() throws {
    let reference = try ModelReference("openai+http://localhost:8080/v1:qwen2.5:0.5b")

    #expect(
      reference
        == .provider(ProviderReference(.openAI, address: "http://localhost:8080/v1", model: "qwen2.5:0.5b")))
  }
}
