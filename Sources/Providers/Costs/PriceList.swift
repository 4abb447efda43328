import Foundation
import MartletJSON

/// What a model's tokens cost, in US dollars for a million of each kind.
public struct TokenPrice: Sendable, Equatable {
  /// A token of the prompt.
  public var input: Double
  /// A token of the prompt that the provider had in its cache; nil where that is no kind of its own.
  public var cachedInput: Double?
  /// A token that is written to the provider's cache; nil where that is no kind of its own.
  public var cacheWrite: Double?
  /// A generated token.
  public var output: Double

  /// Prices.
  public init(input: Double, cachedInput: Double? = nil, cacheWrite: Double? = nil, output: Double) {
    self.input = input
    self.cachedInput = cachedInput
    self.cacheWrite = cacheWrite
    self.output = output
  }

  /// What a request costs.
  public func cost(of usage: TokenUsage) -> Double {
    let plain = max(0, usage.promptTokens - usage.cachedTokens - usage.cacheWriteTokens)
    return
      (Double(plain) * input + Double(usage.cachedTokens) * (cachedInput ?? input)
      + Double(usage.cacheWriteTokens) * (cacheWrite ?? input) + Double(usage.completionTokens) * output)
      / 1e6
  }

  /// The most that a request can cost.
  func worst(promptTokens: Int, completionTokens: Int) -> Double {
    let dearest = max(input, cachedInput ?? 0, cacheWrite ?? 0)
    return (Double(promptTokens) * dearest + Double(completionTokens) * output) / 1e6
  }
}

/// The tokens of one request, as the provider counts them.
public struct TokenUsage: Sendable, Equatable {
  /// All tokens of the prompt.
  public var promptTokens: Int
  /// Those of them that the provider read from its cache.
  public var cachedTokens: Int
  /// Those of them that it wrote to its cache.
  public var cacheWriteTokens: Int
  /// The generated tokens, thinking among them.
  public var completionTokens: Int

  /// A count.
  public init(promptTokens: Int, cachedTokens: Int = 0, cacheWriteTokens: Int = 0, completionTokens: Int) {
    self.promptTokens = promptTokens
    self.cachedTokens = cachedTokens
    self.cacheWriteTokens = cacheWriteTokens
    self.completionTokens = completionTokens
  }
}

/// Prices by models: those that come with Martlet, under those of the user's own file.
///
/// A file is a JSON object of models, as references name them, with prices in US dollars for a million tokens:
/// `{"openai:gpt-4.1": {"input": 2, "cached_input": 0.5, "output": 8}}`; `cache_write` is the fourth. Members whose names begin with # are notes. A model without
/// an entry has no known price.
public struct PriceList: Sendable {
  /// The user's own file, whether it is there or not.
  public let path: String
  private var prices: [String: TokenPrice] = [:]

  /// - Parameter path: The user's own file.
  /// - Throws: ``ProviderError/unusableFile(path:problem:)``.
  public init(path: String) throws(ProviderError) {
    self.path = path
    try read(PackageResources.prices_json, named: "prices.json")
    guard FileManager.default.fileExists(atPath: path) else { return }
    guard let bytes = FileManager.default.contents(atPath: path) else {
      throw .unusableFile(path: path, problem: "it cannot be read.")
    }
    try read([UInt8](bytes), named: path)
  }

  /// The prices of a model; nil where nobody knows them.
  public func price(of reference: ProviderReference) -> TokenPrice? { prices[reference.name] }

  private mutating func read(_ bytes: [UInt8], named path: String) throws(ProviderError) {
    let json: JSON
    do { json = try JSON(parsing: bytes) } catch {
      throw .unusableFile(path: path, problem: "it is no JSON (\(error)).")
    }
    guard let models = json.objectValue else {
      throw .unusableFile(path: path, problem: "it is \(json.kind) instead of an object of models.")
    }
    for (name, value) in models where !name.hasPrefix("#") {
      func amount(_ key: String) throws(ProviderError) -> Double? {
        guard let member = value[key] else { return nil }
        guard let number = member.doubleValue, number.isFinite, (0...1e9).contains(number) else {
          throw .unusableFile(path: path, problem: "\"\(key)\" of \(name) is no price in dollars.")
        }
        return number
      }
      let known: Set<String> = ["input", "cached_input", "cache_write", "output"]
      if let unknown = value.objectValue?.keys.first(where: { !known.contains($0) }) {
        throw .unusableFile(path: path, problem: "\(name) has the unknown member \"\(unknown)\".")
      }
      guard let input = try amount("input"), let output = try amount("output") else {
        throw .unusableFile(path: path, problem: "\(name) needs \"input\" and \"output\".")
      }
      prices[name] = TokenPrice(
        input: input, cachedInput: try amount("cached_input"), cacheWrite: try amount("cache_write"),
        output: output)
    }
  }
}
