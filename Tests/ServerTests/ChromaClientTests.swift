import Foundation
import MartletJSON
import MartletStoreServers
import Testing

@testable import MartletServer

@Suite("Chroma's own client")
struct ChromaClientTests {
  @Test(
    "Every method of Chroma's client has the answers of Chroma's own server, but for the differences that are explained",
    .enabled(if: ChromaPython.path != nil, "chromadb could not be installed: \(ChromaPython.problem)"))
  func comparison() throws {
    let (server, resetting) = (try TestServer(), try TestServer(allowsReset: true))
    let python = try #require(ChromaPython.path)
    let output = try ChromaPython.output(of: [
      python, "-B", ChromaPython.folder.appending(path: "compare.py").path, String(server.server.port),
      String(resetting.server.port),
    ])
    let report = try JSON(parsing: output)
    #expect(report["calls"]?.intValue ?? 0 > 250)
    // These look at what the client itself holds.
    #expect(report["missed"] == ["clear_system_cache", "get_model"])
    for difference in report["differences"]?.arrayValue ?? [] {
      let (name, isExplained) = (difference["call"]?.stringValue ?? "", difference["explained"] == true)
      let ours = difference["martlet"]?.serialized().prefix(1500) ?? ""
      let theirs = difference["chroma"]?.serialized().prefix(1500) ?? ""
      Issue.record(
        isExplained
          ? "\(name) is explained, but does not differ any more: \(ours)"
          : "\(name) differs\nmartlet: \(ours)\nchroma:  \(theirs)")
    }
    let page = try String(
      contentsOf: ChromaPython.folder.appending(path: "../../../docs/chroma.md"), encoding: .utf8)
    for (call, heading) in report["explained"]?.objectValue ?? [:] {
      #expect(
        page.contains("\n### \(heading.stringValue ?? "")\n"), "\(call): docs/chroma.md has no such heading")
    }
  }
}
