import MartletJSON
import Testing

@testable import MartletCheckpoints

@Suite("The sampling values of generation_config.json mean what they mean to transformers")
struct HuggingFaceAdviceTests {
  private func advice(_ text: String) throws -> SamplingAdvice {
    SamplingAdvice(
      try #require(try JSON(parsing: text).objectValue), file: "generation_config.json")
  }

  private func complaints(_ text: String) throws -> [String] { try advice(text).unfollowed.map(\.key) }

  @Test("A file that only names tokens leaves everything open")
  func nothingStated() throws {
    let files = [
      "{}", #"{"bos_token_id": 1, "eos_token_id": [2, 7], "transformers_version": "5.1.0"}"#,
      #"{"do_sample": null, "temperature": null, "top_p": null, "max_new_tokens": 512, "use_cache": false}"#,
    ]
    for file in files { #expect(try advice(file) == SamplingAdvice(), "\(file)") }
  }

  @Test("What is stated is taken; beside it, what is left out is transformers' default and not open")
  func stated() throws {
    // As Qwen2.5's files have it.
    let qwen = try advice(
      #"{"do_sample": true, "repetition_penalty": 1.1, "temperature": 0.7, "top_p": 0.8, "top_k": 20}"#)
    var expected = SamplingAdvice()
    (expected.temperature, expected.topK, expected.topP, expected.minP) = (0.7, 20, 0.8, 0)
    // transformers' penalty looks at all tokens.
    (expected.repetitionPenalty, expected.penaltyWindow) = (1.1, -1)
    #expect(qwen == expected)
    // As Gemma 3's files have it: the temperature that its makers advise, 1, is the default that is not written.
    let gemma = try advice(#"{"do_sample": true, "top_k": 64, "top_p": 0.95}"#)
    #expect(gemma.temperature == 1 && gemma.topK == 64 && gemma.topP == 0.95 && gemma.minP == 0)
    #expect(gemma.repetitionPenalty == nil && gemma.penaltyWindow == nil)
    let bare = try advice(#"{"do_sample": true}"#)
    #expect(bare.temperature == 1 && bare.topK == 50 && bare.topP == 1 && bare.minP == 0)
    // Without do_sample, as Llama 2's first files: the values are there to be used, as vLLM and llama.cpp do.
    let unsaid = try advice(#"{"temperature": 0.9, "top_p": 0.6}"#)
    #expect(unsaid.temperature == 0.9 && unsaid.topP == 0.6 && unsaid.topK == 50 && unsaid.minP == 0)
    for whole in [qwen, gemma, bare, unsaid] { #expect(whole.unfollowed.isEmpty) }
  }

  @Test("A penalty alone leaves open how tokens are drawn")
  func penaltyAlone() throws {
    let penalty = try advice(#"{"repetition_penalty": 1.3}"#)
    #expect(penalty.repetitionPenalty == 1.3 && penalty.penaltyWindow == -1)
    #expect(penalty.temperature == nil && penalty.topK == nil && penalty.topP == nil)
    #expect(try advice(#"{"repetition_penalty": 1.0}"#).penaltyWindow == nil)
  }

  @Test("do_sample: false is greedy; values for draws beside it are named, and wait for a temperature")
  func greedy() throws {
    let plain = try advice(#"{"do_sample": false}"#)
    #expect(plain.temperature == 0 && plain.unfollowed.isEmpty)
    let idle = try advice(#"{"do_sample": false, "temperature": 0.6, "top_p": 0.9, "top_k": 50}"#)
    #expect(idle.temperature == 0 && idle.topP == 0.9 && idle.topK == 50 && idle.minP == 0)
    #expect(idle.unfollowed.map(\.key) == ["temperature", "top_p"])
    #expect(idle.unfollowed.allSatisfy { $0.parameter == .temperature && !$0.concernsDraws })
    #expect(idle.unfollowed[0].description.contains("temperature is 0.6"))
    #expect(idle.unfollowed[0].description.contains("do_sample is false"))
    let redundant = #"{"do_sample": false, "temperature": 0.0, "top_p": 1.0, "top_k": 1, "min_p": 0}"#
    #expect(try complaints(redundant).isEmpty)
    let penalized = try advice(#"{"do_sample": false, "repetition_penalty": 1.2}"#)
    #expect(penalized.repetitionPenalty == 1.2 && penalized.unfollowed.isEmpty)
  }

  @Test(
    "A value that no sampler can work with is named with what it may be, and the others are taken",
    arguments: [
      ("temperature", "-0.1"), ("temperature", "1e400"), ("temperature", "\"0.7\""), ("temperature", "[]"),
      ("top_k", "-2"), ("top_k", "2.5"), ("top_k", "1e99"), ("top_k", "true"), ("top_p", "0"),
      ("top_p", "1.01"), ("top_p", "1e-60"), ("min_p", "-0.1"), ("min_p", "2"), ("repetition_penalty", "0"),
      ("repetition_penalty", "-1"), ("do_sample", "\"yes\""), ("do_sample", "1"),
    ])
  func impossible(key: String, value: String) throws {
    let other = key == "top_k" ? #""top_p": 0.5"# : #""top_k": 7"#
    let advice = try advice(#"{"\#(key)": \#(value), \#(other)}"#)
    #expect(advice.unfollowed.map(\.key) == [key])
    #expect(key == "top_k" ? advice.topP == 0.5 : advice.topK == 7)
    let text = try #require(advice.unfollowed.first).description
    #expect(text.contains("generation_config.json: \(key) is "), "\(text)")
    #expect(text.contains("it must be"), "\(text)")
  }

  @Test("Zero and less of top_k keep all tokens, as elsewhere")
  func allTokens() throws {
    #expect(try advice(#"{"top_k": 0}"#).topK == 0)
    #expect(try advice(#"{"top_k": -1}"#).topK == 0)
    #expect(try advice(#"{"top_k": 40.0}"#).topK == 40)
  }

  @Test("What Martlet does not have is named where it is on, and passed over where it is off")
  func unsupported() throws {
    let off = [
      #""typical_p": 1.0, "num_beams": 1, "no_repeat_ngram_size": 0, "bad_words_ids": [], "sequence_bias": {}"#,
      #""forced_bos_token_id": null, "min_length": 0, "penalty_alpha": 0, "presence_penalty": 0.0"#,
      #""max_length": 4096, "pad_token_id": 0, "early_stopping": true, "length_penalty": 2.0"#,
    ]
    for members in off { #expect(try complaints("{\(members)}").isEmpty, "\(members)") }
    let on = [
      ("typical_p", "0.9"), ("num_beams", "4"), ("no_repeat_ngram_size", "3"), ("bad_words_ids", "[[5]]"),
      ("eta_cutoff", "0.001"), ("penalty_alpha", "0.6"), ("suppress_tokens", "[3]"), ("min_new_tokens", "8"),
      ("forced_bos_token_id", "0"), ("guidance_scale", "1.5"), ("stop_strings", "\"END\""),
      ("presence_penalty", "1.5"), ("typical_p", "\"1.0\""), ("dola_layers", "\"high\""),
    ]
    for (key, value) in on {
      #expect(try complaints(#"{"\#(key)": \#(value)}"#) == [key], "\(key)")
    }
    let presence = try advice(#"{"presence_penalty": 1.5}"#).unfollowed[0].description
    #expect(presence.contains("--presence-penalty sets it"))
  }

  @Test("A long value is cut in the message")
  func longValue() throws {
    let list = (0..<1000).map { "[\($0)]" }.joined(separator: ",")
    let advice = try advice(#"{"bad_words_ids": [\#(list)]}"#)
    #expect(advice.unfollowed[0].description.count < 200 && advice.unfollowed[0].value.hasSuffix("…"))
  }
}
