import MartletHTTPClient
import MartletLanguageModels

/// What the models of one run share: keys, patience, limits, prices, and where answers are kept.
public struct ProviderSettings: Sendable {
  /// The variables that servers' addresses come from.
  public var environment: [String: String]
  /// Where keys come from.
  public var keys: KeyStore
  /// What models cost.
  public var prices: PriceList
  /// The answers of earlier requests; nil asks always.
  public var cache: ResponseCache?
  /// What all requests may cost together; nil sets no limit.
  public var cap: SpendingCap?
  /// How often a request is tried again where that may help. Its time-outs are not used: ``timeouts`` are.
  public var patience: HTTPPatience
  /// How long one try may take.
  public var timeouts: HTTPTimeouts
  /// How much each model is asked at once and in a minute.
  public var limits: RequestLimits

  /// The most tokens of an answer where a request sets no limit and the API needs one: Anthropic's always, OpenAI's under
  /// a cap and for prompts without a template.
  public static let defaultMaximumTokens = 4096

  /// Settings.
  /// - Parameters:
  ///   - folder: The folder that has `keys.json` and `prices.json`.
  ///   - environment: The variables that keys and addresses come from.
  /// - Throws: ``ProviderError/unusableFile(path:problem:)`` for prices that cannot be read.
  public init(folder: String, environment: [String: String]) throws(ProviderError) {
    self.environment = environment
    keys = KeyStore(path: "\(folder)/keys.json", environment: environment)
    prices = try PriceList(path: "\(folder)/prices.json")
    patience = HTTPPatience(tries: 5, firstPause: .milliseconds(500), longestPause: .seconds(16))
    // A model may think for minutes before its first word.
    timeouts = HTTPTimeouts(connectSeconds: 20, silenceSeconds: 300)
    limits = RequestLimits()
  }
}

extension ProviderReference {
  /// The model, ready to be asked. Nothing is sent yet.
  /// - Throws: ``ProviderError`` where a key is missing or cannot be read, or a cap was set and the price is not known.
  public func model(_ settings: ProviderSettings) throws(ProviderError) -> any LanguageModel {
    switch provider {
    case .openAI: try OpenAIModel(self, settings)
    case .anthropic: try AnthropicModel(self, settings)
    }
  }
}
