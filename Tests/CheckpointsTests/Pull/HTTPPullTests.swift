import Foundation
import MartletHTTPClient
import MartletJSON
import MartletTestScope
import Testing

@testable import MartletCheckpoints

@Suite("Pulling over HTTP", .startsProcesses)
struct HTTPPullTests {
  private let hub: FakeHub
  private let data: Data

  init() throws {
    hub = try FakeHub()
    data = try hub.add("weights.bin", bytes: 450_000)
  }

  private func pull(_ entry: CatalogueEntry, _ environment: [String: String] = [:]) throws {
    try hub.cache(environment).pull(entry, patience: .short)
  }

  /// The text of the error that a pull ends with.
  private func complaint(_ entry: CatalogueEntry, _ environment: [String: String] = [:]) -> String {
    do { try pull(entry, environment) } catch { return "\(error)" }
    return ""
  }

  @Test(
    "The file arrives whole, and nothing else stays behind",
    arguments: ["ok", "no-ranges", "moved", "chunked", "busy-once", "patience"])
  func arrives(_ behaviour: String) throws {
    try pull(hub.entry(behaviour, holding: data))
    #expect(hub.installed() == data)
    #expect(Set(try FileManager.default.contentsOfDirectory(atPath: hub.root)) == ["tiny", ".tiny.lock"])
  }

  @Test(
    "A file whose size and SHA-256 nobody knows arrives too", arguments: ["ok", "chunked", "drop", "moved"])
  func unpinned(_ behaviour: String) throws {
    try pull(hub.entry(behaviour, holding: data, isPinned: false))
    #expect(hub.installed() == data)
  }

  @Test("An empty file arrives")
  func empty() throws {
    let empty = try hub.add("weights.bin", bytes: 0)
    try pull(hub.entry("ok", holding: empty))
    #expect(hub.installed() == Data())
  }

  @Test("Dropped connections are carried on from the last byte, on condition that the file is the same")
  func drops() throws {
    try pull(hub.entry("drop", holding: data))
    #expect(hub.installed() == data)
    let requests = try hub.requests()
    let ranges = [nil] + (1...4).map { Optional("bytes=\($0)00000-") }
    #expect(requests.map(\.range) == ranges)
    #expect(requests.map(\.ifRange) == [nil] + Array(repeating: "\"current\"", count: 4))
  }

  @Test("A connection that says nothing any more is given up and carried on")
  func stalls() throws {
    var patience = HTTPPatience.short
    patience.stallSeconds = 1
    try hub.cache().pull(hub.entry("stall-once", holding: data), patience: patience)
    #expect(hub.installed() == data)
    #expect(try hub.requests().map(\.range) == [nil, "bytes=100000-"])
  }

  @Test("A file that changed since the connection dropped is fetched anew")
  func changed() throws {
    try pull(hub.entry("changing", holding: data))
    #expect(hub.installed() == data)
    #expect(try hub.requests().map(\.ifRange) == [nil, "\"old\""])
  }

  @Test("A server without ETag is carried on with; the SHA-256 tells")
  func untagged() throws {
    try pull(hub.entry("untagged", holding: data))
    #expect(hub.installed() == data)
    #expect(try hub.requests().map(\.range) == [nil, "bytes=100000-"])
  }

  @Test("A server that sends another range than asked for is not believed")
  func wrongRange() throws {
    let text = complaint(hub.entry("wrong-range", holding: data))
    #expect(text.contains("fetched anew") || text.contains("the connection"), "\(text)")
    #expect(hub.installed() == nil)
  }

  @Test(
    "Another file than the catalogue's is refused, deleted, and the next source is asked",
    arguments: ["flipped", "too-long"])
  func flipped(_ behaviour: String) throws {
    let entry = hub.entry(behaviour, holding: data)
    #expect(complaint(entry).contains("another file"))
    #expect(hub.installed() == nil)
    #expect(!FileManager.default.fileExists(atPath: hub.partial(entry)))
    try pull(hub.entry(behaviour, "ok", holding: data))
    #expect(hub.installed() == data)
  }

  @Test("A length that is not the catalogue's is refused before a byte is fetched")
  func wrongLength() throws {
    var entry = hub.entry("ok", holding: data)
    entry.files[0].size = 400_000
    #expect(complaint(entry).contains("450000 bytes instead of 400000"))
    #expect(hub.cache().keptBytes(of: entry) == 0)
  }

  @Test("Where the catalogue knows no SHA-256, the hub's own is held to")
  func stated() {
    #expect(complaint(hub.entry("misstated", holding: data, isPinned: false)).contains("SHA-256"))
    #expect(hub.installed() == nil)
  }

  @Test("The token goes to the hub, and to no other server")
  func token() throws {
    try pull(hub.entry("moved", holding: data), ["HF_TOKEN": "secret"])
    let requests = try hub.requests()
    #expect(requests.map(\.server) == ["hub", "storage"])
    #expect(requests.map(\.authorization) == ["Bearer secret", nil])
    #expect(requests[1].path == "/kept/weights.bin?signature=1")
  }

  @Test("A token never goes to an address of the catalogue")
  func tokenAndAddresses() throws {
    var entry = hub.entry(holding: data)
    entry.sources = [.url(["model.bin": "\(hub.storage)/kept/weights.bin"])]
    try pull(entry, ["HF_TOKEN": "secret"])
    #expect(hub.installed() == data)
    #expect(try hub.requests().map(\.authorization) == [nil])
  }

  @Test("A gated repository: what to do without a token, with a wrong one, and the file with the right one")
  func gated() throws {
    let entry = hub.entry("gated", holding: data)
    let without = complaint(entry)
    #expect(without.contains("HF_TOKEN") && without.contains("\(hub.endpoint)/owner/gated"), "\(without)")
    #expect(complaint(entry, ["HF_TOKEN": "wrong"]).contains("gives no access"))
    #expect(
      complaint(entry, ["HF_TOKEN": "secret", "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1"]).contains("HF_TOKEN"))
    try pull(entry, ["HUGGING_FACE_HUB_TOKEN": "secret"])
    #expect(hub.installed() == data)
  }

  @Test("The token is found where huggingface_hub keeps it", arguments: ["HF_HOME", "HF_TOKEN_PATH", "HOME"])
  func tokenFile(_ variable: String) throws {
    let home = hub.folder.appending(path: ".cache/huggingface")
    try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
    try Data("secret\n".utf8).write(to: home.appending(path: "token"))
    let values = [
      "HF_HOME": home.path, "HF_TOKEN_PATH": "~/.cache/huggingface/token", "HOME": hub.folder.path,
    ]
    try pull(hub.entry("gated", holding: data), [variable: values[variable] ?? ""])
    #expect(hub.installed() == data)
  }

  @Test("A token that is there and cannot be read is reported, with its place and the way out")
  func unreadableToken() throws {
    let folder = hub.folder.appending(path: "token")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let text = complaint(hub.entry("ok", holding: data), ["HF_TOKEN_PATH": folder.path()])
    #expect(text.contains(folder.path()) && text.contains("HF_TOKEN"), "\(text)")
    try pull(
      hub.entry("ok", holding: data),
      ["HF_TOKEN_PATH": folder.path(), "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1"])
    #expect(hub.installed() == data)
  }

  @Test("What the hub does not have is named")
  func missing() {
    let text = complaint(hub.entry("missing", holding: data))
    #expect(text.contains("weights.bin") && text.contains("404") && text.contains("owner/missing"), "\(text)")
  }

  @Test("Redirections in a circle, and a Retry-After of an hour, end with a reason")
  func endless() {
    #expect(complaint(hub.entry("loop", holding: data)).contains("redirects more than"))
    #expect(complaint(hub.entry("patience-long", holding: data)).contains("3600 s"))
  }

  @Test("A server that nobody answers at is left for the next source without waiting")
  func unreachable() throws {
    var entry = hub.entry("ok", holding: data)
    entry.sources.insert(.url(["model.bin": "http://127.0.0.1:1/weights.bin"]), at: 0)
    var patience = HTTPPatience.short
    patience.firstPause = .seconds(1000)
    try hub.cache().pull(entry, patience: patience)
    #expect(hub.installed() == data)
  }
}
