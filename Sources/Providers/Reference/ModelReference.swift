import MartletHTTPClient

/// What names a language model: one that runs here, or one behind an API.
///
/// ```swift
/// let reference = try ModelReference("openai+http://localhost:8080/v1:qwen2.5:0.5b")
/// ```
///
/// - `NAME` and `local:NAME` are models that run here: a catalogue's name, a file or a folder.
/// - `openai:MODEL` and `anthropic:MODEL` are the makers' own APIs.
/// - `openai+http://HOST:PORT/v1:MODEL` is a server with OpenAI's API, and `anthropic+http://HOST:PORT:MODEL` one with
///   Anthropic's; `https` works as well. The address ends at the first colon behind host, port and path; the model's name
///   may have colons and slashes.
public enum ModelReference: Sendable, Equatable {
  /// A model that runs in this process: a catalogue's name, or a path.
  case local(String)
  /// A model behind an API.
  case provider(ProviderReference)

  /// Reads a reference.
  /// - Parameters:
  ///   - text: The reference.
  ///   - isFile: Whether there is a file or folder at a path, which wins over a provider's name.
  /// - Throws: ``ProviderError/invalidReference(_:problem:)``.
  public init(_ text: String, isFile: (String) -> Bool = { _ in false }) throws(ProviderError) {
    guard let colon = text.firstIndex(of: ":"), !isFile(text) else { self = .local(text); return }
    let prefix = text[..<colon]
    let rest = String(text[text.index(after: colon)...])
    if prefix == "local" {
      guard !rest.isEmpty else { throw .invalidReference(text, problem: "a name is missing after ‘local:’.") }
      self = .local(rest)
      return
    }
    let parts = prefix.split(separator: "+", maxSplits: 1, omittingEmptySubsequences: false)
    guard let name = parts.first, let provider = ProviderReference.Provider(rawValue: String(name)) else {
      self = try Self.withoutProvider(text, prefix: prefix)
      return
    }
    guard parts.count == 2 else {
      guard !rest.isEmpty else {
        throw .invalidReference(text, problem: "a model is missing after ‘\(provider.rawValue):’.")
      }
      guard !rest.hasPrefix("//") else {
        throw .invalidReference(
          text, problem: "write a server's address as \(provider.rawValue)+http://HOST:PORT/v1:MODEL.")
      }
      self = .provider(ProviderReference(provider, model: rest, name: text))
      return
    }
    guard ["http", "https"].contains(parts[1]) else {
      throw .invalidReference(text, problem: "‘\(parts[1])’ is neither http nor https.")
    }
    let address = try ServerAddress(scheme: String(parts[1]), rest, in: text)
    self = .provider(
      ProviderReference(provider, address: address.address, model: address.model, name: text))
  }

  /// A text with a colon that is no provider's: a path, or a provider that is spelt wrong.
  private static func withoutProvider(_ text: String, prefix: Substring) throws(ProviderError)
    -> ModelReference
  {
    let isWord = !prefix.isEmpty && prefix.allSatisfy { $0.isLetter || $0.isNumber || $0 == "+" || $0 == "-" }
    let isPath = text.hasSuffix(".gguf") || prefix.contains("/") || prefix.hasPrefix(".")
    // Names of local models have colons, too: `qwen2.5:0.5b` has a dot, and a size behind the colon.
    let isSize = text.drop { $0 != ":" }.dropFirst().first.map { $0.isNumber } ?? false
    guard isWord, !isPath, !isSize, text.contains("://") || Self.looksLikeProvider(prefix) else {
      return .local(text)
    }
    throw .invalidReference(
      text,
      problem:
        "there is no provider ‘\(prefix)’. Providers are openai and anthropic; local:NAME is a model here.")
  }

  /// Whether somebody may have meant a provider: all its letters but two are there.
  private static func looksLikeProvider(_ prefix: Substring) -> Bool {
    let word = prefix.lowercased().prefix { $0 != "+" }
    return ProviderReference.Provider.allCases.contains { provider in
      word.difference(from: provider.rawValue).count <= 2
    } || ["azure", "gemini", "google", "mistral", "cohere", "groq", "bedrock"].contains(String(word))
  }
}

/// A model behind an API, as its name says.
public struct ProviderReference: Sendable, Equatable {
  /// Whose API it is.
  public enum Provider: String, Sendable, CaseIterable {
    /// OpenAI's API, which many servers have.
    case openAI = "openai"
    /// Anthropic's Messages API.
    case anthropic
  }

  /// Whose API it is.
  public var provider: Provider
  /// The server's address without a slash at its end; nil for the maker's own.
  public var address: String?
  /// The model, as the API calls it.
  public var model: String
  /// The whole reference, which holds no secret.
  public var name: String

  /// A reference.
  public init(_ provider: Provider, address: String? = nil, model: String, name: String? = nil) {
    self.provider = provider
    self.address = address
    self.model = model
    let place = address.map { "\(provider.rawValue)+\($0)" } ?? provider.rawValue
    self.name = name ?? "\(place):\(model)"
  }

  /// Where the API is: the address in the reference, else the one that `OPENAI_BASE_URL` or `ANTHROPIC_BASE_URL` gives,
  /// else the maker's own. No slash is at its end.
  public func serverAddress(in environment: [String: String]) -> String {
    let own = provider == .openAI ? "https://api.openai.com/v1" : "https://api.anthropic.com"
    return address ?? KeyStore.baseAddress(of: provider, environment) ?? own
  }
}

/// `//HOST:PORT/PATH:MODEL`, taken apart.
private struct ServerAddress {
  let address: String
  let model: String

  init(scheme: String, _ rest: String, in reference: String) throws(ProviderError) {
    func fail(_ problem: String) -> ProviderError { .invalidReference(reference, problem: problem) }
    guard rest.hasPrefix("//") else { throw fail("‘//’ is missing after ‘\(scheme):’.") }
    var left = rest.dropFirst(2)
    let authority = left.prefix { $0 != "/" }
    if authority.contains("@") {
      // The reference is in records: what is secret must not be in it.
      throw .invalidReference(
        "\(scheme)://…", problem: "an address holds no password. Keys come from the environment or keys.json."
      )
    }
    var host = left.prefix { $0 != ":" && $0 != "/" }
    if left.hasPrefix("[") {
      guard let end = left.firstIndex(of: "]") else { throw fail("‘]’ is missing after ‘[’.") }
      host = left[...end]
    }
    guard !host.isEmpty else { throw fail("the host is missing.") }
    left = left[host.endIndex...]
    var port: Substring = ""
    if left.hasPrefix(":") {
      let digits = left.dropFirst().prefix { $0.isASCII && $0.isNumber }
      let end = left[digits.endIndex...].first
      if !digits.isEmpty, end == nil || end == ":" || end == "/" {
        guard let number = UInt16(digits), number > 0 else { throw fail("\(digits) is no port.") }
        port = digits
        left = left[digits.endIndex...]
      }
    }
    var path = left.prefix { $0 != ":" }
    left = left[path.endIndex...]
    if path.contains(where: { "?#".contains($0) || $0.isWhitespace }) {
      throw fail("the address has a question mark, a number sign or a space in its path.")
    }
    while path.hasSuffix("/") { path.removeLast() }
    guard left.count > 1 else { throw fail("a model is missing at the end: …:MODEL.") }
    model = String(left.dropFirst())
    address = "\(scheme)://\(host)" + (port.isEmpty ? "" : ":\(port)") + path
    guard HTTPOrigin(address) != nil else { throw fail("\(address) is no address.") }
  }
}
