import Foundation
import MartletJSON
import MartletTestScope
import Synchronization
import Testing

/// What bodies of every shape come to in memory: as values, JSON may take many times its size.
@Suite(
  "The memory of martlet serve", .startsProcesses,
  .enabled(if: FileManager.default.fileExists(atPath: "/proc/self/status")))
struct ServeMemoryTests {
  private static let body = 8 << 20
  /// The batch that such a body may have.
  private static let records = body / (12 << 10)
  /// What SECURITY.md promises: so many times the body, beside what a process has anyway and what one filter takes.
  private static let factor = 8
  private static let beside = 160 << 20

  struct Form: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var route: String
    var make: @Sendable () -> String

    init(_ name: String, _ route: String, _ make: @escaping @Sendable () -> String) {
      (testDescription, self.route, self.make) = (name, route, make)
    }
  }

  /// An item again and again between a head and a tail, up to the body's size or another.
  private static func filled(_ head: String, _ item: String, _ tail: String, bytes: Int = body) -> String {
    let count = max(1, (bytes - head.utf8.count - tail.utf8.count) / (item.utf8.count + 1))
    return head + String(repeating: item + ",", count: count - 1) + item + tail
  }

  private static func list(_ count: Int, _ item: (Int) -> String) -> String {
    "[" + (0..<count).map(item).joined(separator: ",") + "]"
  }

  /// Records whose metadata fill the body; `item` is one of a record's members, by its number.
  private static func metadata(_ item: (Int) -> String) -> String {
    let members = min(4000, (body / records - 64) / (item(4000).utf8.count + 1))
    let one = "{" + (0..<members).map(item).joined(separator: ",") + "}"
    return "{\"ids\": \(list(records) { "\"\($0)\"" }), \"embeddings\": \(list(records) { _ in "[1, 2]" }), "
      + "\"metadatas\": \(list(records) { _ in one })}"
  }

  private static let one = "{\"ids\": [\"a\"], \"embeddings\": [[1, 2]], "
  private static let vector = "[" + String(repeating: "1,", count: 4000) + "1]"

  static let forms: [Form] = [
    Form("short ids", "get") { filled("{\"ids\": [", "\"a\"", "]}") },
    Form("longer ids", "get") { filled("{\"ids\": [", "\"abcdefghijklmnop\"", "]}") },
    Form("many small numbers of metadata", "add") { metadata { "\"\($0)\":1" } },
    Form("many small texts of metadata", "add") { metadata { "\"\($0)\":\"abcdefghijklmnop\"" } },
    Form("many small lists of metadata", "add") { metadata { "\"\($0)\":[1,2,3,4]" } },
    Form("long lists of metadata", "add") {
      one + "\"metadatas\": [{"
        + (0..<7).map { filled("\"\($0)\":[", "1", "]", bytes: 1 << 20) }.joined(separator: ",") + "}]}"
    },
    Form("one text", "add") { filled(one + "\"documents\": [\"", "word word", "\"]}") },
    Form("one text of escapes", "add") { filled(one + "\"documents\": [\"", "\\u0061\\u0062", "\"]}") },
    Form("vectors", "query") { filled("{\"query_embeddings\": [", vector, "]}") },
    Form("a list of values", "get") {
      filled("{\"where\": {\"n\": {\"$in\": [", "1", "]}}}", bytes: (4 << 20) - 100)
    },
    Form("many conditions", "get") {
      filled("{\"where\": {\"$or\": [", "{\"n\":1}", "]}}", bytes: (4 << 20) - 100)
    },
    Form("many conditions on texts", "get") {
      filled("{\"where_document\": {\"$or\": [", "{\"$contains\":\"a\"}", "]}}", bytes: (4 << 20) - 100)
    },
    Form("depth", "get") { "{\"x\": " + String(repeating: "[", count: body - 10) },
    Form("members that nobody knows", "get") { filled("{\"x\": [", "{\"a\":{}}", "]}") },
    Form("parts of an answer", "get") { filled("{\"include\": [", "\"uris\"", "]}") },
    Form("nothing, very often", "update") { filled("{\"ids\": [\"a\"], \"documents\": [", "null", "]}") },
  ]

  private let collections = "/api/v2/tenants/default_tenant/databases/default_database/collections"

  /// A server with a collection, and the path of that.
  private func server(in folder: URL, maximumBody: String) throws -> (ServeProcess, String) {
    let server = try ServeProcess([
      "--store", folder.path, "--port", "0", "--max-body", maximumBody, "--max-seconds", "1",
    ])
    let (status, birds) = try server.call("POST", collections, ["name": "birds"])
    try #require(status == 200)
    return (server, "\(collections)/\(birds["id"]?.stringValue ?? "")")
  }

  @Test("A body takes a few times its size, whatever is in it", arguments: forms)
  func one(_ form: Form) throws {
    try withTemporaryFolder { folder in
      let (server, birds) = try server(in: folder, maximumBody: "8M")
      let file = folder.appending(path: "body.json")
      try Data(form.make().utf8).write(to: file)
      let before = try #require(server.memory("VmRSS"))
      let status = try server.post(birds + "/" + form.route, file: file)
      let peak = try #require(server.memory("VmHWM")) - before
      #expect(status >= 200 && status < 500, "\(status)")
      #expect(peak < Self.factor * Self.body + Self.beside, "\(peak >> 20) MiB")
      #expect(try server.call("GET", "/api/v2/version").0 == 200)
    }
  }

  @Test("Several at once take no more than each alone")
  func several() throws {
    try withTemporaryFolder { folder in
      let (server, birds) = try server(in: folder, maximumBody: "8M")
      let form = try #require(Self.forms.first { $0.testDescription == "many small numbers of metadata" })
      let file = folder.appending(path: "body.json")
      try Data(form.make().utf8).write(to: file)
      let before = try #require(server.memory("VmRSS"))
      let statuses = Mutex<[Int]>([])
      DispatchQueue.concurrentPerform(iterations: 4) { _ in
        let status = (try? server.post(birds + "/add", file: file)) ?? 0
        statuses.withLock { $0.append(status) }
      }
      #expect(statuses.withLock { $0 } == [201, 201, 201, 201])
      let peak = try #require(server.memory("VmHWM")) - before
      #expect(peak < 4 * Self.factor * Self.body + Self.beside, "\(peak >> 20) MiB")
    }
  }

  @Test("A body of 100 MB is 413, and is not kept")
  func tooLarge() throws {
    try withTemporaryFolder { folder in
      let (server, birds) = try server(in: folder, maximumBody: "64M")
      let file = folder.appending(path: "body.json")
      try Data(Self.filled("{\"ids\": [", "\"a\"", "]}", bytes: 100_000_000).utf8).write(to: file)
      let before = try #require(server.memory("VmRSS"))
      #expect(try server.post(birds + "/get", file: file) == 413)
      #expect(try #require(server.memory("VmHWM")) - before < 64 << 20)
    }
  }
}
