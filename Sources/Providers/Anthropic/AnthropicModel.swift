import MartletHTTPClient
import MartletJSON
import MartletLanguageModels

/// A model behind Anthropic's Messages API: at Anthropic, or on a server that speaks it.
///
/// What a request asks for and the API does not have is an error that names it, never left out in silence.
public struct AnthropicModel: LanguageModel {
  /// The reference that names it.
  public let name: String
  /// Nil: the API does not say.
  public var contextLength: Int? { nil }

  let endpoint: Endpoint

  /// A model. Nothing is sent yet.
  /// - Throws: ``ProviderError`` where a key is missing or cannot be read, or a cap was set and the price is not known.
  public init(_ reference: ProviderReference, _ settings: ProviderSettings) throws(ProviderError) {
    name = reference.name
    var address = reference.serverAddress(in: settings.environment)
    // Addresses are given without the version, as the maker's own client takes them; with it is meant the same.
    if address.hasSuffix("/v1") { address.removeLast(3) }
    endpoint = try Endpoint(
      reference, address: address, settings: settings, showing: { ("x-api-key", $0.secret) },
      ["anthropic-version": "2023-06-01"])
  }

  /// Starts a generation.
  public func generate(_ request: GenerationRequest) -> GenerationStream {
    ProviderGeneration.stream(request) { try generation(of: request) }
  }

  /// The tokens that `prompt` takes, as the API counts them; nothing is billed for it.
  public func countTokens(in prompt: Prompt) async throws -> Int {
    let body = try AnthropicRequest(self, GenerationRequest(prompt)).prompt()
    let answer = try await endpoint.retrying {
      try await endpoint.gate.pass(tokens: 0) {
        try await endpoint.json("POST", "/v1/messages/count_tokens", body)
      }
    }
    guard let count = answer["input_tokens"]?.tokenCount else {
      throw endpoint.unexpected("it has no input_tokens")
    }
    return count
  }

  /// How a request is put to the server.
  func generation(of request: GenerationRequest) throws -> ProviderGeneration {
    let body = try AnthropicRequest(self, request).body()
    return ProviderGeneration(
      endpoint: endpoint, path: "/v1/messages", body: body, repetition: request.repetition,
      worst: (
        WorstCase.promptTokens(of: body),
        WorstCase.completionTokens(body["max_tokens"])
      ), format: request.responseFormat
    ) { AnthropicDecoder($0) }
  }

  func unsupported(_ feature: String, _ advice: String) -> LanguageModelError {
    .unsupported(feature: feature, model: name, advice: advice)
  }
}
