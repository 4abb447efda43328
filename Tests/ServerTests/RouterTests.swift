import Testing

@testable import MartletServer

@Suite("Routes and targets")
struct RouterTests {
  private func request(_ method: HTTPMethod, _ target: String) throws -> HTTPRequest {
    HTTPRequest(method: method, target: try HTTPTarget(target))
  }

  private func answer(_ router: Router, _ method: HTTPMethod, _ target: String) throws -> String {
    guard case .bytes(let bytes) = try router.answer(request(method, target)).body else { return "" }
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test("A path is cut before it is decoded, so that %2F is part of a name")
  func target() throws {
    let target = try HTTPTarget("/a%2Fb/%C3%BC/c+d?x=1%202&x=3&y=a+b&z")
    #expect(target.path == ["a/b", "ü", "c+d"])
    #expect(target.query == ["x": "1 2", "y": "a b", "z": ""])
    #expect(try HTTPTarget("/").path == [])
    #expect(try HTTPTarget("/a/").path == ["a", ""])
    #expect(try HTTPTarget("/../..").path == ["..", ".."])
  }

  @Test(
    "A target that cannot be decoded is refused with 400",
    arguments: ["", "x", "*", "http://a/b", "/%", "/%4", "/%zz", "/%ff"])
  func badTarget(_ text: String) {
    #expect { try HTTPTarget(text) } throws: { ($0 as? HTTPError)?.status == 400 }
  }

  @Test("Parameters stand for one segment each, literals for themselves, * for any rest")
  func patterns() throws {
    var router = Router()
    router.on(.get, "/a/{x}/b") { .json(Array("x=\($0.parameters["x"] ?? "")".utf8)) }
    router.on(.get, "/a/{x}") { .json(Array("one \($0.parameters["x"] ?? "")".utf8)) }
    router.on(.post, "/old/*") { _ in .json(Array("old".utf8)) }
    #expect(try answer(router, .get, "/a/1%2F2/b") == "x=1/2")
    #expect(try answer(router, .get, "/a/b") == "one b")
    #expect(try answer(router, .head, "/a/b") == "one b")
    #expect(try answer(router, .post, "/old") == "old")
    #expect(try answer(router, .post, "/old/1/2/3") == "old")
    for path in ["/", "/a", "/a/", "/a//b", "/a/1/b/", "/b", "/A/1"] {
      #expect(throws: HTTPError.self, "\(path)") { try answer(router, .get, path) }
    }
  }

  @Test("A known path with another method is 405, and says which methods it has")
  func methods() throws {
    var router = Router()
    router.on(.get, "/a") { _ in .json([]) }
    router.on(.put, "/a") { _ in .json([]) }
    for method in [HTTPMethod.post, .delete, .options, .patch] {
      #expect { try router.answer(request(method, "/a")) } throws: { error in
        guard let error = error as? HTTPError else { return false }
        return error.status == 405 && error.headers["allow"] == "GET, HEAD, PUT"
      }
    }
  }
}
