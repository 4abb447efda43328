import MartletCheckpoints
import MartletLanguageModels
import MartletTensors
import Testing

@testable import MartletGeneration

@Suite(
  "A language model judges passages by the probability of yes", .serialized,
  .enabled(if: Cache.has("qwen2.5-coder-0.5b-instruct"), "\(Cache.hint)"))
struct RelevanceJudgeTests {
  private func judge(context: Int? = nil, precision: Precision = .fast) throws -> (RelevanceJudge, LocalModel)
  {
    let name = "qwen2.5-coder-0.5b-instruct"
    let model = try LocalModel(
      Checkpoint.open(Cache.path(name)), name: name, precision: precision, contextLength: context,
      device: Device(threads: 2))
    return (try RelevanceJudge(model), model)
  }

  @Test("The score is log p(yes) against no at the end of the rendered question")
  func definition() throws {
    let (judge, model) = try judge(precision: .float32)
    let passages = ["Swifts live for seven years.", "The rent is due on Friday."]
    let scores = try judge.scores(of: passages, for: "How long do swifts live?")
    #expect(scores.allSatisfy { $0.value < 0 && $0.cutTokens == 0 } && scores[0].value > scores[1].value)
    for (passage, score) in zip(passages, scores) {
      let prompt = try model.render(
        .messages([.user(RelevanceJudge.question("How long do swifts live?", passage))])
      ).tokens
      func loss(_ word: String) throws -> Float? {
        let ids = model.tokenizer.encode(word)
        return ids.count == 1 ? try model.losses(of: prompt + ids, from: prompt.count - 1)[0] : nil
      }
      func sum(_ words: [String]) throws -> Double {
        try words.compactMap(loss).reduce(0) { $0 + Double(-$1).exponential }
      }
      let yes = try sum(["yes", "Yes", " yes", " Yes"])
      let no = try sum(["no", "No", " no", " No"])
      #expect(abs(score.value - (yes / (yes + no)).logarithm) < 1e-3)
    }
  }

  @Test("The case that words alone get wrong: what language is good for web?")
  func languages() throws {
    let passages = ["Python is easy to learn", "JavaScript runs in browsers", "Rust is memory safe"]
    let scores = try judge().0.scores(of: passages, for: "What language is good for web?")
    let best = scores.indices.max { scores[$0].value < scores[$1].value }
    #expect(best == 1)
  }

  @Test("A passage beyond the context is cut, and says by how much; many are scored as one by one")
  func limits() throws {
    let (judge, _) = try judge(context: 128)
    let long = String(repeating: "Swifts live long. ", count: 100)
    let scores = try judge.scores(of: [long, "Swifts live long."], for: "How long do swifts live?")
    #expect(scores[0].cutTokens > 200 && scores[1].cutTokens == 0)
    let many = try judge.scores(
      of: Array(repeating: "Swifts live long.", count: 30), for: "How long do swifts live?")
    #expect(many.count == 30 && many.allSatisfy { abs($0.value - scores[1].value) < 0.05 })
    #expect(try judge.scores(of: [], for: "x").isEmpty)
  }
}

#if canImport(Glibc)
  import Glibc
#endif

extension Double {
  fileprivate var exponential: Double { exp(self) }
  fileprivate var logarithm: Double { log(self) }
}
