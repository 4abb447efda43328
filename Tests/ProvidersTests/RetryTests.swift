import Foundation
import MartletHTTPClient
import MartletLanguageModels
import MartletProviders
import Testing

@Suite("Faults of providers", .startsProcesses)
struct RetryTests {
  private static let providers = ProviderReference.Provider.allCases

  @Test("What may pass is tried again", arguments: providers)
  func passing(provider: ProviderReference.Provider) async throws {
    let fake = try FakeProvider(provider)
    let models = [
      ("fail-408-1", 1), ("fail-409-1", 1), ("fail-429-3", 3), ("fail-429-1-retry-after=0.01", 1),
      ("fail-429-1-retry-after-ms=5", 1), ("fail-429-1-retry-after=Sun, 06 Nov 1994 08:49:37 GMT", 1),
      ("fail-500-2", 2), ("fail-503-1", 1), ("fail-529-1", 1), ("cut-2", 2), ("error-1", 1),
    ]
    for (model, failures) in models {
      let (texts, result) = await gather(try fake.model(model).generate(.saying("a b")))
      #expect(try result.get().text == "You said: a b" && texts.joined() == "You said: a b", "\(model)")
      let count = try fake.requests().count { $0["body"]?["model"]?.stringValue == model }
      #expect(count == failures + 1, "\(model)")
    }
  }

  @Test("What will not pass is an error at once", arguments: providers)
  func lasting(provider: ProviderReference.Provider) async throws {
    let fake = try FakeProvider(provider)
    for status in [400, 401, 403, 404, 413, 422, 501] {
      let name = fake.name("fail-\(status)-9")
      let message = "the fake fails as asked"
      let expected: ProviderError =
        [401, 403].contains(status)
        ? .noPermission(model: name, status: status, message: message, advice: "Check the key")
        : .refused(model: name, status: status, message: message)
      await #expect(throws: expected) { try await fake.model("fail-\(status)-9").complete(.saying("a")) }
    }
    #expect(fake.server.log().count == 7)
  }

  @Test("Tries are counted, and a server that asks for too long a pause is not waited for")
  func givingUp() async throws {
    let fake = try FakeProvider(.openAI)
    await #expect {
      try await fake.model("fail-500-99").complete(.saying("a"))
    } throws: { error in
      guard case ProviderError.unavailable(_, let reason, let tries) = error else { return false }
      return tries == 4 && reason.contains("status 500")
    }
    #expect(fake.server.log().count == 4)
    await #expect {
      try await fake.model("fail-429-9-retry-after=3600").complete(.saying("a"))
    } throws: { error in
      "\(error)".contains("asks to wait for 3600 s")
    }
    #expect(fake.server.log().count == 5)
  }

  @Test("Nobody at the address is tried again, then an error")
  func unreachable() async throws {
    let fake = try FakeProvider(.openAI)
    let model = try ProviderReference(.openAI, address: "http://127.0.0.1:1/v1", model: "x").model(
      fake.settings())
    await #expect {
      try await model.complete(.saying("a"))
    } throws: { error in
      "\(error)".contains("cannot be reached") && "\(error)".contains("4 times in a row")
    }
  }

  @Test("A stream that breaks after some text is an error for a reader", arguments: providers)
  func broken(provider: ProviderReference.Provider) async throws {
    let fake = try FakeProvider(provider)
    for model in ["half-1", "halferror-1"] {
      let (texts, result) = await gather(try fake.model(model).generate(.saying("a b")))
      #expect(texts == ["You"])
      guard case .failure(ProviderError.brokenOff) = result else {
        Issue.record("\(model) ended with \(result)")
        continue
      }
    }
    #expect(fake.server.log().count == 2)
  }

  @Test("Where nobody reads along, a stream that breaks is asked for again", arguments: providers)
  func repeated(provider: ProviderReference.Provider) async throws {
    let fake = try FakeProvider(provider)
    for model in ["half-2", "halferror-1"] {
      #expect(try await fake.model(model).complete(.saying("a b")).text == "You said: a b")
    }
  }

  @Test("Events and answers that make no sense are named", arguments: providers)
  func nonsense(provider: ProviderReference.Provider) async throws {
    let fake = try FakeProvider(provider)
    for (model, part) in [("malformed", "{this is no JSON"), ("html", "text/html")] {
      await #expect {
        try await fake.model(model).complete(.saying("a"))
      } throws: { error in
        guard case ProviderError.unexpectedAnswer = error else { return false }
        return "\(error)".contains(part)
      }
    }
  }

  @Test("An answer without a usage has no cost, and a warning", arguments: providers)
  func noUsage(provider: ProviderReference.Provider) async throws {
    let fake = try FakeProvider(provider)
    var warnings: [String] = []
    for try await event in try fake.model("nousage").generate(.saying("a")) {
      switch event {
      case .warning(let text): warnings.append(text)
      case .finished(let completion): #expect(completion.cost == nil && completion.promptTokenCount == 0)
      case .started, .text, .token: break
      }
    }
    #expect(warnings.count == 1 && warnings[0].contains("how many tokens"))
  }

  @Test("A cancelled generation ends, and the server sees it", arguments: providers)
  func cancellation(provider: ProviderReference.Provider) async throws {
    let fake = try FakeProvider(provider)
    let model = try fake.model("slow")
    let task = Task {
      for try await event in model.generate(.saying("a")) { if case .text = event { return } }
    }
    try await task.value
    let waiting = Task { try await model.complete(.saying("a")) }
    while fake.server.log().count < 2 { try await Task.sleep(for: .milliseconds(5)) }
    waiting.cancel()
    await #expect(throws: CancellationError.self) { try await waiting.value }
    // Both streams would go on for 40 s: the next request sees that none is running any more.
    while true {
      _ = try await fake.model("echo").complete(.saying("a"))
      if try fake.requests().last?["running"]?.intValue == 1 { break }
      try await Task.sleep(for: .milliseconds(20))
    }
  }
}
