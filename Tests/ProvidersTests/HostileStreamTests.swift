import MartletHTTPClient
import MartletJSON
import MartletLanguageModels
import MartletSeededRandom
import Testing

@testable import MartletProviders

@Suite("Hostile streams")
struct HostileStreamTests {
  private static let openAI = #"""
    data: {"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}

    data: {"choices":[{"index":0,"delta":{"content":"Hi"},"logprobs":{"content":[{"token":"Hi","bytes":[72,105],"logprob":-0.5,"top_logprobs":[{"token":"Hi","bytes":[72,105],"logprob":-0.5}]}]}}]}

    data: {"choices":[{"index":0,"text":" there","logprobs":{"tokens":[" there"],"token_logprobs":[-1],"top_logprobs":[{" there":-1}]}}]}

    data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}

    data: {"choices":[],"usage":{"prompt_tokens":4,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":2}}}

    data: [DONE]


    """#
  private static let anthropic = #"""
    event: message_start
    data: {"type":"message_start","message":{"usage":{"input_tokens":4,"cache_read_input_tokens":2,"cache_creation_input_tokens":1,"output_tokens":1}}}

    event: content_block_delta
    data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}}

    event: message_delta
    data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":2}}

    event: message_stop
    data: {"type":"message_stop"}


    """#

  /// Numbers that a sum of few would overflow with, and others that are no counts.
  private static let numbers = [
    "9223372036854775807", "-1", "1e308", "1.5", "18446744073709551616", "null", "\"4\"", "[]",
  ]

  private func read(_ bytes: [UInt8], _ decoder: any AnswerDecoder) -> Bool {
    var decoder = decoder
    var parser = ServerSentEventParser()
    do {
      for event in try parser.take(bytes) {
        _ = try decoder.take(event)
        if decoder.isDone { break }
      }
    } catch {
      return false
    }
    // What is counted can be summed and paid.
    if let usage = decoder.usage {
      #expect(usage.promptTokens >= usage.cachedTokens && usage.completionTokens >= 0)
      #expect(TokenPrice(input: 1, cachedInput: 0.1, cacheWrite: 2, output: 3).cost(of: usage) >= 0)
    }
    return decoder.finishReason != nil
  }

  @Test(
    "Damaged streams end in errors or answers, and never in a crash",
    arguments: ProviderReference.Provider.allCases)
  func damage(provider: ProviderReference.Provider) throws {
    let settings = try ProviderSettings(folder: "/nowhere", environment: [:])
    let reference = ProviderReference(provider, address: "http://127.0.0.1:1", model: "x")
    let isOpenAI = provider == .openAI
    let endpoint =
      try isOpenAI ? OpenAIModel(reference, settings).endpoint : AnthropicModel(reference, settings).endpoint
    let decoder: any AnswerDecoder = isOpenAI ? OpenAIDecoder(endpoint) : AnthropicDecoder(endpoint)
    let text = isOpenAI ? Self.openAI : Self.anthropic
    #expect(read(Array(text.utf8), decoder))
    var generator = SplitMix64(seed: 20_261_130)
    for _ in 0..<3000 {
      var bytes = Array(text.utf8)
      switch Int.random(in: 0..<4, using: &generator) {
      case 0: bytes.removeLast(Int.random(in: 0..<bytes.count, using: &generator))
      case 1:
        let index = Int.random(in: 0..<bytes.count, using: &generator)
        bytes[index] = UInt8.random(in: 0...255, using: &generator)
      case 2:
        let start = Int.random(in: 0..<bytes.count, using: &generator)
        bytes.removeSubrange(start..<min(bytes.count, start + Int.random(in: 1..<60, using: &generator)))
      default:
        // One number becomes another.
        let digits = bytes.indices.filter { (0x30...0x39).contains(bytes[$0]) }
        guard let index = digits.randomElement(using: &generator),
          let number = Self.numbers.randomElement(using: &generator)
        else { continue }
        bytes.replaceSubrange(index...index, with: Array(number.utf8))
      }
      _ = read(bytes, decoder)
    }
  }

  @Test("The largest limits of tokens can be reserved")
  func limits() throws {
    #expect(WorstCase.completionTokens(JSON(Int.max)) == 1 << 30)
    #expect(WorstCase.completionTokens(nil) == ProviderSettings.defaultMaximumTokens)
  }
}
