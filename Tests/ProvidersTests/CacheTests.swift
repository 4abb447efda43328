import Foundation
import MartletLanguageModels
import MartletProviders
import Testing

@Suite("The cache of answers", .startsProcesses)
struct CacheTests {
  private let fake: FakeProvider
  private let cache: ResponseCache

  init() throws {
    fake = try FakeProvider(.openAI)
    cache = try ResponseCache(at: fake.server.folder.path + "/cache/responses.sqlite")
  }

  private func complete(_ request: GenerationRequest, _ model: String = "echo") async throws -> Completion {
    try await fake.model(model) { $0.cache = cache }.complete(request)
  }

  @Test("The same request is asked once and replayed whole")
  func replay() async throws {
    var request = GenerationRequest.saying("größe 🙂")
    request.topLogProbabilities = 2
    let first = try await complete(request)
    let again = try await complete(request)
    #expect(!first.isReplayed && again.isReplayed)
    var same = again
    same.isReplayed = false
    #expect(same == first)
    #expect(fake.server.log().count == 1)
    let (texts, result) = await gather(try fake.model("echo") { $0.cache = cache }.generate(request))
    #expect(texts == [first.text])
    #expect(try result.get() == again)
  }

  @Test("Whatever changes the answer makes another request, the repetition too")
  func keys() async throws {
    var requests = [GenerationRequest.saying("a"), .saying("b"), .saying("a", maximumTokens: 5)]
    let changes: [(inout GenerationRequest) -> Void] = [
      { $0.repetition = 1 }, { $0.sampling.temperature = 0.5 }, { $0.sampling.seed = 3 }, { $0.stop = ["x"] },
      { $0.responseFormat = .choice(["x"]) }, { $0.topLogProbabilities = 0 },
    ]
    for change in changes {
      var request = requests[0]
      change(&request)
      requests.append(request)
    }
    for request in requests { #expect(try await !complete(request).isReplayed) }
    for request in requests { #expect(try await complete(request).isReplayed) }
    #expect(try await !complete(requests[0], "words=3").isReplayed)
  }

  @Test("Answers that broke off or failed are not kept")
  func incomplete() async throws {
    _ = await gather(try fake.model("half-1") { $0.cache = cache }.generate(.saying("a")))
    #expect(try await !complete(.saying("a"), "half-1").isReplayed)
    await #expect(throws: ProviderError.self) { try await complete(.saying("a"), "fail-400-1") }
    #expect(try await !complete(.saying("a"), "fail-400-1").isReplayed)
  }

  @Test("A replayed answer costs nothing of the cap")
  func cap() async throws {
    let cap = SpendingCap(limit: 1)
    func ask() async throws -> Completion {
      try await fake.model("echo") {
        $0.cache = cache
        $0.cap = cap
      }.complete(.saying("a", maximumTokens: 9))
    }
    let first = try await ask()
    let spent = cap.spent
    #expect(spent == first.cost)
    #expect(try await ask().isReplayed)
    #expect(cap.spent == spent)
  }

  @Test("A file that is no cache is an error that names it")
  func damaged() throws {
    let path = fake.server.folder.path + "/other"
    try Data("this is no database, but a text that somebody has written".utf8).write(to: URL(filePath: path))
    #expect {
      try ResponseCache(at: path)
    } throws: { error in
      "\(error)".contains(path)
    }
  }
}
