import MartletHTTPClient
import MartletJSON
import MartletLanguageModels

/// A model behind OpenAI's API: at OpenAI, or on a server that speaks it, such as llama.cpp's or vLLM.
///
/// Prompts of messages go to `chat/completions`, texts and tokens to `completions`; both are streamed. What a request asks
/// for and the API does not have is an error that names it, never left out in silence. Servers of one's own may have more
/// than OpenAI: which server it is, the model asks it when that matters (``OpenAIServer``).
public struct OpenAIModel: LanguageModel {
  /// The reference that names it.
  public let name: String
  /// Nil: the API does not say.
  public var contextLength: Int? { nil }

  let endpoint: Endpoint
  let identity: ServerIdentity

  /// A model. Nothing is sent yet.
  /// - Parameters:
  ///   - reference: Which one.
  ///   - settings: What models share.
  ///   - server: Which server it is; nil asks it where that matters. A reference without an address means OpenAI.
  /// - Throws: ``ProviderError`` where a key is missing or cannot be read, or a cap was set and the price is not known.
  public init(
    _ reference: ProviderReference, _ settings: ProviderSettings, server: OpenAIServer? = nil
  ) throws(ProviderError) {
    name = reference.name
    endpoint = try Self.endpoint(reference, settings)
    identity = ServerIdentity(endpoint, known: server ?? (reference.address == nil ? .openAI : nil))
  }

  static func endpoint(
    _ reference: ProviderReference, _ settings: ProviderSettings
  ) throws(ProviderError) -> Endpoint {
    try Endpoint(reference, address: reference.serverAddress(in: settings.environment), settings: settings) {
      ("Authorization", "Bearer \($0.secret)")
    }
  }

  /// Starts a generation.
  public func generate(_ request: GenerationRequest) -> GenerationStream {
    ProviderGeneration.stream(request) { try await generation(of: request) }
  }

  /// Refuses: the API does not count tokens.
  public func countTokens(in prompt: Prompt) async throws -> Int {
    throw unsupported("counting tokens", "A completion says how many tokens its prompt took.")
  }

  /// How a request is put to the server.
  func generation(of request: GenerationRequest) async throws -> ProviderGeneration {
    let body = try await OpenAIRequest(self, request).body()
    let isChat = if case .messages = request.prompt { true } else { false }
    let limit = body["max_completion_tokens"] ?? body["max_tokens"]
    return ProviderGeneration(
      endpoint: endpoint, path: isChat ? "/chat/completions" : "/completions", body: body,
      repetition: request.repetition,
      worst: (
        WorstCase.promptTokens(of: body), WorstCase.completionTokens(limit)
      ), format: request.responseFormat
    ) { OpenAIDecoder($0) }
  }

  func unsupported(_ feature: String, _ advice: String) -> LanguageModelError {
    .unsupported(feature: feature, model: name, advice: advice)
  }
}

/// The most tokens that a request can take.
enum WorstCase {
  /// The limit that a request sets, where it sets one. No answer has more than a billion tokens.
  static func completionTokens(_ limit: JSON?) -> Int {
    min(limit?.intValue ?? ProviderSettings.defaultMaximumTokens, 1 << 30)
  }

  /// Each token covers at least one byte of the text, but for the few that a template puts around messages and the
  /// instructions that a provider adds for structured answers.
  static func promptTokens(of body: JSON) -> Int {
    let messages = body["messages"]?.arrayValue?.count ?? 0
    let hasFormat = body["response_format"] != nil || body["output_config"] != nil
    return body.serialized().utf8.count + 16 * messages + (hasFormat ? 1024 : 0)
  }
}
