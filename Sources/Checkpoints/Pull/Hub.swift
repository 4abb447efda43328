import Foundation
import MartletHTTPClient

/// The Hugging Face hub, as the environment's variables describe it to huggingface_hub
/// (huggingface/huggingface_hub, `constants.py` and `utils/_auth.py`).
package struct Hub: Sendable {
  /// Without a slash at the end.
  let endpoint: String
  /// The token of the person, if there is one and ``readToken()`` was called.
  package private(set) var token: String?
  /// Whether the hub is to be left alone.
  package let isOffline: Bool

  private let environment: [String: String]

  /// The hub, without the person's token.
  package init(environment: [String: String]) {
    self.environment = environment
    var endpoint = environment["HF_ENDPOINT"].flatMap { $0.isEmpty ? nil : $0 } ?? "https://huggingface.co"
    while endpoint.hasSuffix("/") { endpoint.removeLast() }
    self.endpoint = endpoint
    isOffline = Self.isTrue(environment["HF_HUB_OFFLINE"])
  }

  /// Looks for the person's token.
  /// - Throws: ``CheckpointError`` where there is a file with a token that cannot be read: without the token the hub
  ///   would refuse, and give another reason.
  package mutating func readToken() throws(CheckpointError) {
    if !Self.isTrue(environment["HF_HUB_DISABLE_IMPLICIT_TOKEN"]) { token = try Self.token(environment) }
  }

  private static func isTrue(_ value: String?) -> Bool {
    ["1", "true", "yes", "on"].contains(value?.lowercased() ?? "")
  }

  private static func token(_ environment: [String: String]) throws(CheckpointError) -> String? {
    for name in ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"] {
      if let token = clean(environment[name]) { return token }
    }
    let home = environment["HOME"] ?? NSHomeDirectory()
    let cache = environment["XDG_CACHE_HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? "\(home)/.cache"
    let folder = environment["HF_HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? "\(cache)/huggingface"
    var path = environment["HF_TOKEN_PATH"].flatMap { $0.isEmpty ? nil : $0 } ?? "\(folder)/token"
    if path.hasPrefix("~/") { path = home + path.dropFirst() }
    guard access(path, F_OK) == 0 || ![ENOENT, ENOTDIR].contains(errno) else { return nil }
    do { return clean(try String(contentsOfFile: path, encoding: .utf8)) } catch {
      throw .permission(
        path: path,
        problem: """
          the token of the hub cannot be read from it (\(error.localizedDescription)); set HF_TOKEN, or leave the \
          token out with HF_HUB_DISABLE_IMPLICIT_TOKEN=1
          """)
    }
  }

  /// A token without the line end that a file brings along; nothing that could end a header field may be left in it.
  private static func clean(_ token: String?) -> String? {
    let visible = token?.unicodeScalars.filter { $0.value > 0x20 && $0.value < 0x7F } ?? []
    let text = String(String.UnicodeScalarView(visible))
    return text.isEmpty ? nil : text
  }

  /// What to fetch for a file of a repository.
  func request(
    repository: String, revision: String, path: String, for file: CatalogueFile
  ) -> DownloadRequest {
    let address = "\(endpoint)/\(repository)/resolve/\(quoted(revision, "/"))/\(quoted(path))"
    var request = DownloadRequest(
      address: address, token: token, size: file.size, isPinned: file.sha256 != nil)
    request.explain = { explanation($0, repository, revision, path) }
    request.atCommit = { self.request(repository: repository, revision: $0, path: path, for: file) }
    return request
  }

  private func quoted(_ text: String, _ special: String = "") -> String {
    let allowed = CharacterSet.urlPathAllowed.subtracting(CharacterSet(charactersIn: special + "?#%;"))
    return text.addingPercentEncoding(withAllowedCharacters: allowed) ?? text
  }

  private func explanation(
    _ response: HTTPResponseHead, _ repository: String, _ revision: String, _ path: String
  ) -> String? {
    let page = "\(endpoint)/\(repository)"
    switch (response.status, token) {
    case (401, nil), (403, nil):
      let what =
        response.fields["x-error-code"] == "GatedRepo"
        ? "the repository is gated" : "the repository is gated or private, or there is none of this name"
      return
        "\(what) (status \(response.status)). Look at \(page), accept its terms there, and set HF_TOKEN to a token of yours"
    case (401, _):
      return
        "the hub does not accept the token (status 401). Make a new one at \(endpoint)/settings/tokens, and set HF_TOKEN"
    case (403, _):
      return "the token gives no access to the repository (status 403). Ask for access at \(page)"
    case (404, _):
      return "there is no \(path) at revision \(revision) (status 404). Check the names at \(page)"
    default: return nil
    }
  }
}

extension DownloadRequest {
  /// What to fetch from an address of the catalogue.
  init(address: String, for file: CatalogueFile) {
    self.init(address: address, size: file.size, isPinned: file.sha256 != nil) { response in
      switch response.status {
      case 401, 403: "\(address) is not open to everybody (status \(response.status))"
      case 404, 410: "there is nothing at \(address) (status \(response.status))"
      default: nil
      }
    }
  }
}
