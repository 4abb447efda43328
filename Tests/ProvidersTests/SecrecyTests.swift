import Foundation
import MartletLanguageModels
import MartletProviders
import Testing

@Suite("Keys")
struct SecrecyTests {
  private let key = FakeProvider.key

  @Test("A key is in no description and no dump")
  func description() throws {
    let secret = try #require(APIKey(key))
    let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString)").path
    let settings = try ProviderSettings(folder: folder, environment: [:])
    let model = try OpenAIModel(
      ProviderReference(.openAI, address: "http://127.0.0.1:1/v1", model: "x"), settings)
    var dumped = ""
    dump(secret, to: &dumped)
    dump([secret], to: &dumped)
    dump(model, to: &dumped)
    for text in ["\(secret)", String(reflecting: secret), "\([secret])", dumped] {
      #expect(!text.contains(key))
    }
    #expect(APIKey(" \n") == nil)
  }

  @Test(
    "A file of keys that others can read is refused, and named with what to do",
    arguments: [0o644, 0o640, 0o602])
  func openFile(mode: Int) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "keys.json")
    try Data(#"{"openai": "\#(key)"}"#.utf8).write(to: file)
    chmod(file.path, mode_t(mode))
    let store = KeyStore(path: file.path, environment: [:])
    #expect {
      _ = try store.key(for: .openAI, at: nil)
    } throws: { error in
      guard case ProviderError.unsafeKeyFile = error else { return false }
      return "\(error)".contains("chmod 600 \(file.path)") && !"\(error)".contains(key)
    }
    chmod(file.path, 0o600)
    #expect(try store.key(for: .openAI, at: nil) == APIKey(key))
    #expect(throws: ProviderError.self) { try store.key(for: .anthropic, at: nil) }
    for text in ["[]", "{", #"{"openai": 5}"#, #"{"openai": ""}"#] {
      try Data(text.utf8).write(to: file)
      chmod(file.path, 0o600)
      #expect(throws: ProviderError.self) { try store.key(for: .openAI, at: nil) }
    }
  }

  @Test(
    "A server of one's own gets its own key, and OpenAI's only where the environment says that it is there")
  func origins() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "keys.json").path
    try Data(#"{"http://gpu.lan:8000": "own"}"#.utf8).write(to: URL(filePath: file))
    chmod(file, 0o600)
    let plain = KeyStore(path: file, environment: ["OPENAI_API_KEY": key])
    #expect(try plain.key(for: .openAI, at: "http://gpu.lan:8000/v1") == APIKey("own"))
    #expect(try plain.key(for: .openAI, at: "http://other.lan/v1") == nil)
    #expect(try plain.key(for: .openAI, at: nil) == APIKey(key))
    let based = KeyStore(
      path: file, environment: ["OPENAI_API_KEY": key, "OPENAI_BASE_URL": "http://other.lan/v1/"])
    #expect(try based.key(for: .openAI, at: "http://other.lan/v1") == APIKey(key))
    let unset = KeyStore(path: file, environment: [:])
    #expect {
      try unset.key(for: .anthropic, at: nil)
    } throws: { error in
      "\(error)".contains("ANTHROPIC_API_KEY") && "\(error)".contains(file)
    }
  }

  @Test(
    "The key is in no error, no event and no file", .startsProcesses,
    arguments: ProviderReference.Provider.allCases)
  func everywhere(provider: ProviderReference.Provider) async throws {
    let fake = try FakeProvider(provider)
    let cache = try ResponseCache(at: fake.server.folder.path + "/responses.sqlite")
    for name in ["echo", "leak", "malformed", "html", "fail-400-9", "fail-500-9", "half-9", "error-9"] {
      let (texts, result) = await gather(try fake.model(name) { $0.cache = cache }.generate(.saying("a")))
      #expect(!texts.joined().contains(key) && !"\(result)".contains(key))
      if name == "leak", case .failure(let error) = result {
        #expect("\(error)".contains("Incorrect API key provided: …"))
      }
    }
    #expect(try fake.requests().allSatisfy { $0["has_key"]?.boolValue == true })
    let files = try #require(
      FileManager.default.enumerator(at: fake.server.folder, includingPropertiesForKeys: nil))
    var count = 0
    for case let file as URL in files {
      guard let data = try? Data(contentsOf: file) else { continue }
      count += 1
      #expect(data.range(of: Data(key.utf8)) == nil, "\(file.path)")
    }
    #expect(count >= 2)
    let rights = try FileManager.default.attributesOfItem(atPath: cache.path)[.posixPermissions] as? Int
    #expect(rights == 0o600)
  }
}
