import MartletTensors
import Testing

// The code in doc comments, word for word: `make lint` looks for it here.

@Suite("Examples in doc comments")
struct DocCommentExamples {
  @Test("KeyValueCache: a branch shares the prefix")
  func keyValueCache() {
    let pool = PagePool(shape: CacheShape(layers: 30, heads: 3, headDimension: 64, type: .float16))
    let prefix = pool.makeCache()
    let branch = prefix.fork(at: prefix.length)
    #expect(branch.length == 0 && branch.pool === prefix.pool)
  }

  @Test("Gradients: by a recorded weight")
  func gradients() throws {
    let device = try Device(threads: 1)
    let weight = try Tensor([0.5, -1], rows: 1, columns: 2, device: device).recorded()
    let loss = weight.columns(1..<2).scaled(by: 3)
    let slopes = try loss.gradients()[weight]?.values
    #expect(slopes == [0, 3])
  }
}
