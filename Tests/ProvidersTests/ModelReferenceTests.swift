import MartletProviders
import Testing

@Suite("References to models")
struct ModelReferenceTests {
  @Test(
    "Names without a provider are models that run here",
    arguments: [
      "smollm2-135m-instruct", "models/a.gguf", "/tmp/a:b.gguf", "./openai:x", "qwen2.5:0.5b", "smollm2:135m",
      "C:/models/x.gguf",
    ])
  func local(text: String) throws {
    #expect(try ModelReference(text) == .local(text))
  }

  @Test("local: is taken off, and a file wins over a provider's name")
  func prefix() throws {
    #expect(try ModelReference("local:smollm2:135m") == .local("smollm2:135m"))
    #expect(try ModelReference("openai:x", isFile: { $0 == "openai:x" }) == .local("openai:x"))
  }

  @Test(
    "Providers",
    arguments: [
      ("openai:gpt-4.1", .openAI, nil, "gpt-4.1"),
      ("openai:ft:gpt-4o:acme::x/y", .openAI, nil, "ft:gpt-4o:acme::x/y"),
      ("anthropic:claude-opus-5", .anthropic, nil, "claude-opus-5"),
      ("openai+http://localhost:8080/v1:qwen", .openAI, "http://localhost:8080/v1", "qwen"),
      (
        "openai+http://localhost:8080/v1/:org/qwen2.5:0.5b", .openAI, "http://localhost:8080/v1",
        "org/qwen2.5:0.5b"
      ),
      ("openai+https://gpu.lan/v1:a", .openAI, "https://gpu.lan/v1", "a"),
      ("openai+https://gpu.lan:a", .openAI, "https://gpu.lan", "a"),
      ("openai+http://[::1]:9/v1:a", .openAI, "http://[::1]:9/v1", "a"),
      ("anthropic+http://127.0.0.1:5:claude:x", .anthropic, "http://127.0.0.1:5", "claude:x"),
    ] as [(String, ProviderReference.Provider, String?, String)])
  func provider(
    text: String, provider: ProviderReference.Provider, address: String?, model: String
  ) throws {
    guard case .provider(let reference) = try ModelReference(text) else {
      Issue.record("\(text) is no provider's")
      return
    }
    #expect(reference.provider == provider)
    #expect(reference.address == address)
    #expect(reference.model == model)
    #expect(reference.name == text)
  }

  @Test(
    "What cannot be read is an error that says why",
    arguments: [
      ("openai:", "a model is missing"), ("local:", "a name is missing"),
      ("openai://localhost/v1:x", "openai+http://"), ("openai+ftp://a/v1:x", "neither http nor https"),
      ("openai+http:localhost", "‘//’ is missing"), ("openai+http://localhost:8080/v1", "a model is missing"),
      ("openai+http://localhost:8080", "a model is missing"),
      ("openai+http://localhost:8080/v1:", "a model is missing"),
      ("openai+http:///v1:x", "the host is missing"), ("openai+http://[::1/v1:x", "‘]’ is missing"),
      ("openai+http://a:99999/v1:x", "99999 is no port"), ("openai+http://a/v1?k=v:x", "question mark"),
      ("openia:gpt-4", "there is no provider ‘openia’"), ("gemini:pro", "there is no provider ‘gemini’"),
      ("antropic+http://a:b", "there is no provider"),
    ])
  func refused(text: String, reason: String) {
    do {
      let reference = try ModelReference(text)
      Issue.record("\(text) is \(reference)")
    } catch {
      #expect(error.description.contains(reason), "\(error)")
    }
  }

  @Test("A password in an address is refused and not repeated")
  func password() {
    #expect {
      try ModelReference("openai+http://me:hunter2@a/v1:x")
    } throws: { error in
      "\(error)".contains("holds no password") && !"\(error)".contains("hunter2")
    }
  }
}
