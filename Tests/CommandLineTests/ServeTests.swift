import Foundation
import MartletJSON
import MartletTestScope
import Testing

@Suite("martlet serve", .startsProcesses)
struct ServeTests {
  private let collections = "/api/v2/tenants/default_tenant/databases/default_database/collections"

  @Test(
    "It prints its address when it is ready, and ends with 0 on SIGTERM and Ctrl-C",
    arguments: [SIGTERM, SIGINT])
  func lifetime(_ signal: Int32) throws {
    try withTemporaryFolder { folder in
      let server = try ServeProcess(["--store", folder.path, "--port", "0"])
      #expect(server.line.hasPrefix("listening on http://127.0.0.1:"))
      #expect(try server.call("GET", "/api/v2/version") == (200, "1.0.0"))
      #expect(server.end(signal) == 0)
      #expect(try server.errorText() == "")
    }
  }

  @Test("What was acknowledged is there for the next server, after an end and after SIGKILL")
  func durability() throws {
    try withTemporaryFolder { folder in
      let arguments = ["--store", folder.path, "--port", "0"]
      let first = try ServeProcess(arguments)
      let (status, birds) = try first.call("POST", collections, ["name": "birds"])
      #expect(status == 200)
      let id = birds["id"]?.stringValue ?? ""
      let path = "\(collections)/\(id)"
      #expect(try first.call("POST", path + "/add", ["ids": ["a"], "embeddings": [[1, 2]]]).0 == 201)
      #expect(first.end(SIGTERM) == 0)
      let second = try ServeProcess(arguments)
      #expect(try second.call("GET", path + "/count").1 == 1)
      #expect(try second.call("POST", path + "/add", ["ids": ["b"], "embeddings": [[1, 2]]]).0 == 201)
      _ = second.end(SIGKILL)
      let third = try ServeProcess(arguments)
      #expect(try third.call("GET", path + "/count").1 == 2)
    }
  }

  @Test("The key of MARTLET_API_KEY is wanted once it is set")
  func key() throws {
    try withTemporaryFolder { folder in
      let server = try ServeProcess(
        ["--store", folder.path, "--port", "0", "--host", "0.0.0.0"],
        environment: ["MARTLET_API_KEY": "secret"])
      #expect(server.line.hasPrefix("listening on http://0.0.0.0:"))
      #expect(try server.call("GET", "/api/v2/version").0 == 401)
      #expect(try server.call("GET", "/api/v2/version", headers: ["X-Chroma-Token: no"]).0 == 403)
      #expect(try server.call("GET", "/api/v2/version", headers: ["Authorization: Bearer secret"]).0 == 200)
      #expect(try !server.errorText().contains("secret"))
    }
  }

  @Test("An address that others reach needs a key, a taken port and a store in use are named")
  func refusals() throws {
    try withTemporaryFolder { folder in
      let open = try MartletProcess(environment: ["MARTLET_API_KEY": ""]).run(
        "serve", "--store", folder.path, "--port", "0", "--host", "0.0.0.0")
      #expect(open.status == 64 && open.errors.contains("MARTLET_API_KEY"))
      let server = try ServeProcess(["--store", folder.path + "/one", "--port", "0"])
      let port = server.line.split(separator: ":").last.map(String.init) ?? ""
      let taken = try MartletProcess().run("serve", "--store", folder.path + "/two", "--port", port)
      #expect(taken.status == 69 && taken.errors.contains("port \(port)"))
      let inUse = try MartletProcess().run("serve", "--store", folder.path + "/one", "--port", "0")
      #expect(inUse.status == 69 && inUse.errors.contains("open for writing"))
      let nowhere = try MartletProcess().run(
        "serve", "--store", folder.path + "/two", "--host", "no such host")
      #expect(nowhere.status == 64)
    }
  }

  @Test("--max-body is a number of bytes, with K, M or G, and bounds bodies and batches")
  func maximumBody() throws {
    try withTemporaryFolder { folder in
      let server = try ServeProcess(["--store", folder.path, "--port", "0", "--max-body", "24K"])
      #expect(try server.call("GET", "/api/v2/pre-flight-checks").1["max_batch_size"] == 2)
      let long: JSON = ["name": .string(String(repeating: "a", count: 25_000))]
      #expect(try server.call("POST", collections, long).0 == 413)
      for wrong in ["x", "1", "64X", "-5M", "9999999999999999999G"] {
        #expect(
          try MartletProcess().run("serve", "--store", folder.path, "--max-body", wrong).status == 64,
          "\(wrong)")
      }
    }
  }
}
