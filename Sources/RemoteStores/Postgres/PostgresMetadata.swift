import Foundation
import MartletJSON
import MartletVectorStore

/// Metadata as `jsonb`, whose numbers are exact decimals of any length.
///
/// A double keeps its kind by having a point: 2.0 is written so, and 1e300 in all its digits. From 2^53 on, where the
/// shortest decimals that read back as a double are not its value, the exact value is written, so that the server
/// compares numbers as Martlet's own store does.
enum PostgresMetadata {
  /// The JSON text.
  ///
  /// - Parameters:
  ///   - owner: Whose metadata it is, for errors.
  ///   - title: The store, for errors.
  static func encoded(_ metadata: Metadata, of owner: String, _ title: String) throws(RemoteStoreError)
    -> String
  {
    var members = [String]()
    for (key, value) in metadata {
      guard isKept(key), isKept(value) else {
        throw .unfit(
          store: title,
          reason: "the metadata \"\(key.replacing("\0", with: "\\0"))\" of \(owner) has the character U+0000")
      }
      members.append(JSON.quoted(key) + ":" + text(of: value))
    }
    return "{" + members.joined(separator: ",") + "}"
  }

  /// Reads what `encoded` wrote, or another program.
  static func read(_ text: String?, of owner: String, _ title: String) throws(RemoteStoreError) -> Metadata {
    guard let text, let object = try? JSON(parsing: text).objectValue else {
      throw .unexpectedAnswer(store: title, detail: "the metadata of \(owner) is no object")
    }
    do { return try Metadata(object) } catch {
      throw .unexpectedAnswer(store: title, detail: "of \(owner): \(error)")
    }
  }

  /// PostgreSQL keeps every character but one.
  static func isKept(_ text: String) -> Bool { !text.utf8.contains(0) }

  private static func isKept(_ value: MetadataValue) -> Bool {
    switch value {
    case .string(let text): isKept(text)
    case .strings(let texts): texts.allSatisfy(isKept)
    default: true
    }
  }

  /// A double in decimals with a point.
  static func literal(_ number: Double) -> String {
    guard abs(number) < 0x1p53 else { return String(format: "%.1f", number) }
    let shortest = "\(number)"
    // 1e-05 and its like get their point from the server, which writes them out.
    return shortest
  }

  /// A value that a filter compares with.
  static func text(of value: FilterValue) -> String {
    switch value {
    case .string(let text): JSON.quoted(text)
    case .bool(let truth): "\(truth)"
    case .number(let number): literal(number)
    }
  }

  /// A number that a filter compares with; it is finite.
  static func literal(_ number: FilterNumber) -> String {
    switch number {
    case .integer(let whole): "\(whole)"
    case .double(let double): literal(double)
    }
  }

  private static func text(of value: MetadataValue) -> String {
    func list<Element>(_ elements: [Element], _ text: (Element) -> String) -> String {
      "[" + elements.map(text).joined(separator: ",") + "]"
    }
    return switch value {
    case .string(let text): JSON.quoted(text)
    case .integer(let number): "\(number)"
    case .double(let number): literal(number)
    case .bool(let truth): "\(truth)"
    case .strings(let texts): list(texts) { JSON.quoted($0) }
    case .integers(let numbers): list(numbers) { "\($0)" }
    case .doubles(let numbers): list(numbers) { literal($0) }
    case .bools(let truths): list(truths) { "\($0)" }
    }
  }
}
