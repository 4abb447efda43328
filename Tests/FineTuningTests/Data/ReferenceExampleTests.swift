import MartletCheckpoints
import MartletGeneration
import MartletJSON
import Testing

@testable import MartletFineTuning

@Suite struct ReferenceExampleTests {
  let fixture: ExampleFixture

  init() throws { fixture = try ExampleFixture() }

  /// A file of rows, one for each object, with the members that the format has.
  private func lines(_ objects: [JSON], _ members: [String]) -> String {
    objects.map { object in
      JSON.object(JSONObject(members.compactMap { name in object[name].map { (name, $0) } })).serialized()
        + "\n"
    }.joined()
  }

  @Test(arguments: ["chatml", "gemma", "mistral"])
  func conversationsHaveTheTokensAndMasksOfTransformers(_ name: String) throws {
    let chats = try #require(try fixture.model(name)["chats"]?.arrayValue)
    let file = try TemporaryFile(lines(chats, ["messages"]))
    let set = try TrainingDataReader(fixture.encoder(name)).read(file.path)
    #expect(set.examples.count == chats.count)
    for (example, chat) in zip(set.examples, chats) {
      #expect(example.tokens.map(Int.init) == chat["ids"]?.integers)
      #expect(example.mask == chat["mask"]?.integers)
    }
    #expect(set.report.warnings.isEmpty)
  }

  @Test(arguments: ExampleFixture.names)
  func promptsAndCompletionsHaveTheTokensAndMasksOfTRL(_ name: String) throws {
    try check(pairs: #require(try fixture.model(name)["pairs"]?.arrayValue), fixture.encoder(name))
  }

  private func check(pairs: [JSON], _ encoder: PromptEncoder) throws {
    let file = try TemporaryFile(lines(pairs, ["prompt", "completion"]))
    let set = try TrainingDataReader(encoder).read(file.path)
    #expect(set.examples.count == pairs.count)
    var joined = 0
    for (example, pair) in zip(set.examples, pairs) {
      let tokens = example.tokens.map(Int.init)
      let prompt = try #require(pair["prompt_ids"]?.integers)
      if pair["ids"]?.isNull == true {
        // TRL warns of these and trains on a mask that is off; generation sees the prompt's own tokens.
        joined += 1
        #expect(tokens.starts(with: prompt))
        #expect(example.mask == (0..<tokens.count).map { $0 < prompt.count || $0 == 0 ? 0 : 1 })
        let completion = try #require(pair["completion"]?.stringValue)
        #expect(example.counted(encoder.tokenizer).hasPrefix(completion))
      } else {
        #expect(tokens == pair["ids"]?.integers)
        #expect(example.mask == pair["mask"]?.integers)
      }
    }
    #expect(set.report.warnings.count == (joined > 0 ? 1 : 0))
  }

  @Test(.enabled(if: SmolLM2.isHere, "needs `martlet pull smollm2-135m-instruct`"))
  func smolLM2HasTheTokensAndMasksOfTransformers() throws {
    let encoder = try SmolLM2.encoder()
    let chats = try #require(fixture.root["smollm2"]?.arrayValue)
    let file = try TemporaryFile(lines(chats, ["messages"]))
    let set = try TrainingDataReader(encoder).read(file.path)
    for (example, chat) in zip(set.examples, chats) {
      #expect(example.tokens.map(Int.init) == chat["ids"]?.integers)
      #expect(example.mask == chat["mask"]?.integers)
    }
    try check(pairs: #require(fixture.root["smollm2_pairs"]?.arrayValue), encoder)
  }
}

/// A model that `make models` pulls.
enum SmolLM2 {
  static let name = "smollm2-135m-instruct"
  static let isHere = (try? Checkpoint.open(named: name)) != nil

  static func encoder() throws -> PromptEncoder {
    try PromptEncoder(Checkpoint.open(named: name), name: name)
  }
}
