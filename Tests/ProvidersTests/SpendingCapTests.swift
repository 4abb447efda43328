import Foundation
import MartletJSON
import MartletLanguageModels
import Testing

@testable import MartletProviders

@Suite("Costs")
struct SpendingCapTests {
  @Test("16 requests at once never pass the cap together", .startsProcesses)
  func concurrent() async throws {
    let fake = try FakeProvider(.openAI)
    // Each request may cost some 1.2 thousandths and does cost some 0.4.
    let cap = SpendingCap(limit: 0.01)
    let model = try fake.model("echo") {
      $0.cap = cap
      $0.limits.concurrent = 16
    }
    let outcomes = await withTaskGroup(of: Bool?.self) { group in
      for number in 0..<64 {
        group.addTask {
          do {
            let completion = try await model.complete(.saying("request \(number)", maximumTokens: 4))
            #expect(completion.cost != nil && cap.spent <= 0.01)
            return true
          } catch ProviderError.capReached(_, let limit, let spent, let reserved, let needed) {
            #expect(limit == 0.01 && spent + reserved <= limit && spent + reserved + needed > limit)
            return false
          } catch {
            Issue.record(error)
            return nil
          }
        }
      }
      return await group.reduce(into: [Bool?]()) { $0.append($1) }
    }
    let (done, refused) = (outcomes.count { $0 == true }, outcomes.count { $0 == false })
    #expect(done > 0 && refused > 0 && done + refused == 64)
    #expect(fake.server.log().count == done)
    #expect(cap.spent > 0)
  }

  @Test("Failed requests cost nothing, broken ones their worst case", .startsProcesses)
  func failures() async throws {
    let fake = try FakeProvider(.openAI)
    let prices = fake.server.folder.appending(path: "config/prices.json")
    let names = ["fail-400-9", "half-9"].map(fake.name)
    try Data(#"{"\#(names[0])":{"input":1,"output":1},"\#(names[1])":{"input":0,"output":1}}"#.utf8).write(
      to: prices)
    let cap = SpendingCap(limit: 1)
    await #expect(throws: ProviderError.self) {
      try await fake.model("fail-400-9") { $0.cap = cap }.complete(.saying("a", maximumTokens: 9))
    }
    #expect(cap.spent == 0)
    _ = await gather(try fake.model("half-9") { $0.cap = cap }.generate(.saying("a", maximumTokens: 500)))
    #expect(abs(cap.spent - 500e-6) < 1e-12)
  }

  @Test("A cap needs a price, and sets a limit where the request has none", .startsProcesses)
  func noPrice() async throws {
    let fake = try FakeProvider(.openAI)
    #expect {
      try fake.model("unknown") { $0.cap = SpendingCap(limit: 1) }
    } throws: { error in
      "\(error)".contains("prices.json")
    }
    _ = try await fake.model("echo") { $0.cap = SpendingCap(limit: 1) }.complete(.saying("a"))
    #expect(
      try fake.requests().last?["body"]?["max_tokens"]?.intValue == ProviderSettings.defaultMaximumTokens)
    #expect(try await fake.model("other").complete(.saying("a")).cost == nil)
  }

  @Test("The prices that come with Martlet can be read, and one's own replace them")
  func prices() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "prices.json").path
    let reference = ProviderReference(.openAI, model: "gpt-4o-mini")
    #expect(
      try PriceList(path: path).price(of: reference)
        == TokenPrice(input: 0.15, cachedInput: 0.075, output: 0.6))
    #expect(try PriceList(path: path).price(of: ProviderReference(.openAI, model: "gpt-99")) == nil)
    try Data(#"{"openai:gpt-4o-mini": {"input": 1, "output": 2}}"#.utf8).write(to: URL(filePath: path))
    #expect(try PriceList(path: path).price(of: reference) == TokenPrice(input: 1, output: 2))
    for text in [
      "[]", "{", #"{"a": {"input": 1}}"#, #"{"a": {"input": -1, "output": 2}}"#,
      #"{"a": {"input": "1", "output": 2}}"#, #"{"a": {"input": 1, "output": 2, "ouput": 3}}"#,
    ] {
      try Data(text.utf8).write(to: URL(filePath: path))
      #expect(throws: ProviderError.self) { try PriceList(path: path) }
    }
  }

  @Test("Amounts as people read them")
  func dollars() {
    #expect(ProviderError.dollars(0) == "$0.00" && ProviderError.dollars(12.5) == "$12.50")
    #expect(ProviderError.dollars(0.000_42) == "$0.00042" && ProviderError.dollars(1e-9) == "$0.000001")
    #expect(ProviderError.dollars(.infinity).contains("inf"))
  }
}
