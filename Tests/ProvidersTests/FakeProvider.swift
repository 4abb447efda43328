import Foundation
import MartletHTTPClient
import MartletJSON
import MartletLanguageModels
import MartletProviders
import MartletTestScope

/// One of the fakes, with settings that lead to it.
struct FakeProvider {
  /// The key that tests show, and look for where it must not be.
  static let key = "sk-fake-6f1d2c9b8a"
  let server: ServerScript
  let provider: ProviderReference.Provider

  init(_ provider: ProviderReference.Provider) throws {
    self.provider = provider
    let script = provider == .openAI ? "fake_openai.py" : "fake_anthropic.py"
    server = try ServerScript(
      URL(filePath: #filePath).deletingLastPathComponent().appending(path: script).path)
    let folder = server.folder.appending(path: "config")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let prices: JSON = ["\(name("echo"))": ["input": 10, "cached_input": 1, "output": 100]]
    try Data(prices.serialized().utf8).write(to: folder.appending(path: "prices.json"))
  }

  func name(_ model: String) -> String { reference(model).name }

  func reference(_ model: String) -> ProviderReference {
    ProviderReference(provider, address: server.address + (provider == .openAI ? "/v1" : ""), model: model)
  }

  /// Settings with few tries, short pauses, and the key.
  func settings() throws -> ProviderSettings {
    let isOpenAI = provider == .openAI
    var settings = try ProviderSettings(
      folder: server.folder.path + "/config",
      environment: [
        isOpenAI ? "OPENAI_API_KEY" : "ANTHROPIC_API_KEY": Self.key,
        isOpenAI ? "OPENAI_BASE_URL" : "ANTHROPIC_BASE_URL": server.address + (isOpenAI ? "/v1" : ""),
      ])
    settings.patience = HTTPPatience(
      tries: 4, firstPause: .milliseconds(1), longestPause: .milliseconds(5), longestWish: .seconds(5))
    settings.timeouts = HTTPTimeouts(connectSeconds: 5, silenceSeconds: 20)
    return settings
  }

  func model(_ name: String, _ change: (inout ProviderSettings) throws -> Void = { _ in }) throws
    -> any LanguageModel
  {
    var settings = try settings()
    try change(&settings)
    return try reference(name).model(settings)
  }

  /// The requests so far.
  func requests() throws -> [JSON] { try server.log().map { try JSON(parsing: $0) } }
}

extension GenerationRequest {
  /// A request with one message of the user's.
  static func saying(_ text: String, maximumTokens: Int? = nil) -> GenerationRequest {
    GenerationRequest(.messages([.user(text)]), maximumTokens: maximumTokens)
  }
}

/// The texts of a stream, and how it ended.
func gather(_ stream: GenerationStream) async -> (texts: [String], result: Result<Completion, any Error>) {
  var texts: [String] = []
  do {
    for try await event in stream {
      switch event {
      case .text(let text): texts.append(text)
      case .finished(let completion): return (texts, .success(completion))
      case .started, .warning, .token: break
      }
    }
    return (texts, .failure(CancellationError()))
  } catch {
    return (texts, .failure(error))
  }
}
