import Testing

@testable import MartletEmbedding

@Suite struct BatchPaceTests {
  @Test func `Slow batches make the next ones smaller, down to one text, and quick ones larger again`() {
    let pace = BatchPace()
    #expect(pace.tokensPerBatch == 512)
    pace.note(.seconds(1))
    #expect(pace.tokensPerBatch == 256)
    for _ in 0..<9 { pace.note(.seconds(2)) }
    #expect(pace.tokensPerBatch == 64)
    pace.note(.milliseconds(300))
    #expect(pace.tokensPerBatch == 64)
    for _ in 0..<9 { pace.note(.milliseconds(20)) }
    #expect(pace.tokensPerBatch == 512)
  }
}
