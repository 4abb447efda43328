import Foundation
import MartletCCrypto
import MartletJSON
import MartletSQLite
import Synchronization

/// Answers of providers on disk, so that the same request is asked and paid once.
///
/// An answer is found by the SHA-256 of its whole request: provider, address, path, body and repetition. Only the answers
/// are kept, not the requests, and only complete ones. The file can be read by its owner alone.
public final class ResponseCache: Sendable {
  /// The file.
  public let path: String
  private let connection: Mutex<SQLiteConnection<SQLiteError>>

  /// "Mart" with a P, which tells these files from others.
  private static let format = SQLiteFormat(applicationID: 0x4D61_7250, version: 1)
  private static let tables = """
    CREATE TABLE answers (
      key TEXT PRIMARY KEY, model TEXT NOT NULL, made REAL NOT NULL, answer TEXT NOT NULL) WITHOUT ROWID
    """

  /// Opens a file, or makes it with its folder.
  /// - Throws: ``ProviderError/cache(path:problem:)``.
  public init(at path: String) throws(ProviderError) {
    self.path = path
    do {
      connection = Mutex(
        try SQLiteConnection.openPrivate(at: path, format: Self.format, tables: Self.tables))
    } catch {
      throw .cache(path: path, problem: error.description)
    }
  }

  /// What a request is found by.
  static func key(of endpoint: Endpoint, path: String, body: JSON, repetition: Int) -> String {
    let whole: JSON = [
      "provider": .string(endpoint.reference.provider.rawValue), "address": .string(endpoint.address),
      "path": .string(path), "body": body, "repetition": JSON(repetition),
    ]
    return sha256(whole.canonical.serialized())
  }

  /// The answer that was kept; nil where there is none.
  func answer(for key: String) throws(ProviderError) -> JSON? {
    do {
      let texts = try connection.withLock { connection in
        try connection.rows("SELECT answer FROM answers WHERE key = ?", [.text(key)]) {
          row throws(SQLiteError) in row.text(0)
        }
      }
      return try texts.first.map { try JSON(parsing: $0) }
    } catch {
      throw .cache(path: path, problem: "\(error)")
    }
  }

  /// Keeps an answer.
  func keep(_ answer: JSON, for key: String, model: String) throws(ProviderError) {
    do {
      try connection.withLock { connection in
        try connection.run(
          "INSERT OR REPLACE INTO answers (key, model, made, answer) VALUES (?, ?, ?, ?)", .text(key),
          .text(model), .double(Date.now.timeIntervalSince1970), .text(answer.serialized()))
      }
    } catch {
      throw .cache(path: path, problem: "\(error)")
    }
  }

  private static func sha256(_ text: String) -> String {
    var digest = [UInt8](repeating: 0, count: 32)
    let bytes = Array(text.utf8)
    EVP_Digest(bytes, bytes.count, &digest, nil, EVP_sha256(), nil)
    return digest.map { byte in
      let text = String(byte, radix: 16)
      return text.count == 1 ? "0" + text : text
    }.joined()
  }
}

extension JSON {
  /// The same value with the members of all objects in the order of their names.
  var canonical: JSON {
    switch self {
    case .array(let elements): .array(elements.map(\.canonical))
    case .object(let object):
      .object(JSONObject(object.map { ($0.key, $0.value.canonical) }.sorted { $0.0 < $1.0 }))
    case .null, .bool, .number, .string: self
    }
  }
}
