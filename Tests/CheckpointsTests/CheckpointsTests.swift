import Foundation
import Testing

@testable import Checkpoints

@Suite struct RealFiles {
  @Test func opens() throws {
    for name in ["smollm2-135m-instruct", "qwen2.5-coder-0.5b-instruct"] {
      let t0 = ContinuousClock.now
      let f = try GGUFFile(path: NSHomeDirectory() + "/.cache/martlet/models/\(name)/model.gguf")
      let t1 = ContinuousClock.now
      let s = try f.metadata.array("tokenizer.ggml.tokens")!.strings()
      let t2 = ContinuousClock.now
      _ = try f.metadata.array("tokenizer.ggml.merges")!.strings()
      let t3 = ContinuousClock.now
      print(name, t1 - t0, t2 - t1, t3 - t2, s.count, f.tensors.count)
      for k in f.metadata.keys { print(k, f.metadata[k]!) }
      print(f.tensors.prefix(14).map { "\($0.name) \($0.shape) \($0.format)" }.joined(separator: "\n"))
    }
  }
}
