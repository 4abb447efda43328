import Foundation
import MartletJSON
import MartletTestScope
import Testing

@testable import MartletCommandLine

/// The real program, with a cache of its own and no network.
@Suite("data", .startsProcesses)
struct DataCommandTests {
  private func run(_ home: URL, _ arguments: String...) throws -> MartletProcess.Result {
    try MartletProcess(environment: ["MARTLET_HOME": home.path, "HF_HUB_OFFLINE": "1"]).run(
      ["data"] + arguments)
  }

  @Test("list and show say what there is, as text and as JSON")
  func list() throws {
    try withTemporaryFolder { home in
      let list = try run(home, "list")
      #expect(
        list.status == 0 && list.text.contains("humaneval") && list.text.contains("test 164"), "\(list.text)")
      let json = try JSON(parsing: run(home, "list", "--json").text)
      #expect(
        json.arrayValue?.count == 10 && json.arrayValue?[0]["splits"]?.arrayValue?[0]["pulled"] == false)
      let show = try run(home, "show", "gsm8k")
      #expect(
        show.status == 0 && show.text.contains("not in the cache") && show.text.contains("MIT"),
        "\(show.text)")
      let unknown = try run(home, "show", "gsm9k")
      #expect(unknown.status == 66 && unknown.errors.contains("gsm9k"))
    }
  }

  @Test("pull without a source that delivers names each, and ends with 69; a wrong part ends with 64")
  func refusals() throws {
    try withTemporaryFolder { home in
      let result = try run(home, "pull", "mmlu")
      #expect(result.status == 69 && result.errors.contains("HF_HUB_OFFLINE is set"), "\(result.errors)")
      let split = try run(home, "pull", "mmlu", "--split", "tset")
      #expect(split.status == 64 && split.errors.contains("test, dev, validation"), "\(split.errors)")
    }
  }
}
