import Foundation
import MartletHTTPClient
import MartletJSON

/// Where keys come from: the environment, then a file that its owner alone can read.
///
/// The file is a JSON object: `{"openai": "sk-…", "anthropic": "…", "http://gpu.lan:8000": "…"}`. A server of one's own is
/// named by its origin, and gets no other key: OpenAI's key goes to OpenAI, or where `OPENAI_BASE_URL` says.
public struct KeyStore: Sendable {
  /// The file, whether it is there or not.
  public let path: String
  private let environment: [String: String]

  /// - Parameters:
  ///   - path: The file `keys.json`.
  ///   - environment: The variables to look in.
  public init(path: String, environment: [String: String]) {
    self.path = path
    self.environment = environment
  }

  /// The key to show to a server; nil where it needs none.
  /// - Parameters:
  ///   - provider: Whose API the server has.
  ///   - address: The server's address, where the reference names one.
  /// - Throws: ``ProviderError/noKey(provider:variable:path:)`` for a maker's own API without a key, and errors of the file.
  public func key(for provider: ProviderReference.Provider, at address: String?) throws(ProviderError)
    -> APIKey?
  {
    let variable = Self.variable(of: provider)
    if let address {
      if let named = try fileKey(HTTPOrigin(address)?.description ?? address) { return named }
      let own = Self.baseAddress(of: provider, environment)
      guard let own, HTTPOrigin(own) == HTTPOrigin(address) else { return nil }
      return try ownKey(of: provider)
    }
    if let key = try ownKey(of: provider) { return key }
    // A server of one's own behind OPENAI_BASE_URL may need none; the maker's does.
    guard let base = Self.baseAddress(of: provider, environment), HTTPOrigin(base)?.isLoopback == true else {
      throw .noKey(provider: provider.rawValue, variable: variable, path: path)
    }
    return nil
  }

  static func variable(of provider: ProviderReference.Provider) -> String {
    provider == .openAI ? "OPENAI_API_KEY" : "ANTHROPIC_API_KEY"
  }

  /// The address that the environment gives for a provider, as the makers' own clients read it.
  static func baseAddress(
    of provider: ProviderReference.Provider, _ environment: [String: String]
  ) -> String? {
    let name = provider == .openAI ? "OPENAI_BASE_URL" : "ANTHROPIC_BASE_URL"
    guard var address = environment[name], !address.isEmpty else { return nil }
    while address.hasSuffix("/") { address.removeLast() }
    return address
  }

  private func ownKey(of provider: ProviderReference.Provider) throws(ProviderError) -> APIKey? {
    if let key = environment[Self.variable(of: provider)].flatMap({ APIKey($0) }) { return key }
    return try fileKey(provider.rawValue)
  }

  private func fileKey(_ name: String) throws(ProviderError) -> APIKey? {
    guard let bytes = try read() else { return nil }
    let json: JSON
    do { json = try JSON(parsing: bytes) } catch {
      throw .unusableFile(path: path, problem: "it is no JSON object of names and keys.")
    }
    guard let object = json.objectValue else {
      throw .unusableFile(path: path, problem: "it is \(json.kind) instead of an object of names and keys.")
    }
    guard let value = object[name] else { return nil }
    guard let key = value.stringValue.flatMap({ APIKey($0) }) else {
      throw .unusableFile(path: path, problem: "the key of \(name) is no text.")
    }
    return key
  }

  private func read() throws(ProviderError) -> [UInt8]? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else {
      guard ![ENOENT, ENOTDIR].contains(errno) else { return nil }
      throw .unusableFile(path: path, problem: String(cString: strerror(errno)))
    }
    defer { close(file) }
    var facts = stat()
    guard fstat(file, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
      throw .unusableFile(path: path, problem: "it is no file.")
    }
    guard facts.st_uid == geteuid() || facts.st_uid == 0 else {
      throw .unsafeKeyFile(path: path, problem: "it belongs to another user")
    }
    guard facts.st_mode & 0o077 == 0 else {
      throw .unsafeKeyFile(path: path, problem: "other users can read or write it")
    }
    guard facts.st_size <= 1 << 20 else {
      throw .unusableFile(path: path, problem: "it is longer than 1 MiB.")
    }
    return [UInt8](FileHandle(fileDescriptor: file, closeOnDealloc: false).readDataToEndOfFile())
  }
}
