import MartletLanguageModels
import MartletProviders
import Testing

@Suite("The example of the documentation of Providers", .startsProcesses)
struct DocumentationTests {
  @Test("It compiles, and the model answers")
  func example() async throws {
    let fake = try FakeProvider(.openAI)
    let (name, folder) = (fake.name("echo"), fake.server.folder.path + "/config")
    let environment: [String: String] = [:]
    var settings = try ProviderSettings(folder: folder, environment: environment)
    settings.cap = SpendingCap(limit: 0.5)
    if case .provider(let reference) = try ModelReference(name) {
      let model = try reference.model(settings)
      let completion = try await model.complete(GenerationRequest(.messages([.user("How do swifts sleep?")])))
      print(completion.text, completion.cost ?? 0)
    }
    #expect(try fake.requests().count == 1)
  }
}
