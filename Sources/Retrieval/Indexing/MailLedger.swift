import MartletDocuments
import MartletVectorStore

/// Which messages of the collection are in which files. A message that several files have is kept with one of them, and
/// the others note that they have it, too: should that file lose it, one of them takes it in.
///
/// The digests of a file's messages are among the details of its source, 16 digits each.
struct MailLedger {
  private static let keptKey = "messages"
  private static let leftOutKey = "messages_elsewhere"
  private static let digits = 16

  private var owners: [String: String] = [:]
  private var kept: [String: [String]] = [:]
  private var leftOut: [String: [String]] = [:]

  /// - Parameters:
  ///   - sources: The sources of the collection.
  ///   - isGone: Whether a source is to be dropped.
  init(_ sources: [String: Source], without isGone: (String) -> Bool) {
    for (path, source) in sources.sorted(by: { $0.key < $1.key }) where !isGone(path) {
      let messages = Self.messages(of: source)
      guard !messages.kept.isEmpty || !messages.leftOut.isEmpty else { continue }
      set(path, kept: messages.kept, leftOut: messages.leftOut)
    }
  }

  /// The file that a message is kept with; nil where it is not in the collection.
  func owner(of digest: String) -> String? { owners[digest] }

  func messages(of path: String) -> (kept: [String], leftOut: [String]) {
    (kept[path] ?? [], leftOut[path] ?? [])
  }

  /// Notes what a file has now.
  mutating func set(_ path: String, kept: [String], leftOut: [String]) {
    for digest in self.kept[path] ?? [] where owners[digest] == path { owners[digest] = nil }
    for digest in kept where owners[digest] == nil { owners[digest] = path }
    self.kept[path] = kept
    self.leftOut[path] = leftOut
  }

  /// The files that have messages which are kept with none.
  var pathsWithOrphans: [String] {
    leftOut.filter { $0.value.contains { owners[$0] == nil } }.keys.sorted()
  }

  // MARK: Details of a source

  static func messages(of source: Source) -> (kept: [String], leftOut: [String]) {
    (digests(source.details[keptKey]), digests(source.details[leftOutKey]))
  }

  /// Adds what a file has to the details of its source.
  static func note(kept: [String], leftOut: [String], in details: inout [String: MetadataValue]) {
    details[keptKey] = kept.isEmpty ? nil : .string(kept.joined())
    details[leftOutKey] = leftOut.isEmpty ? nil : .string(leftOut.joined())
  }

  private static func digests(_ value: MetadataValue?) -> [String] {
    let bytes = Array((value?.stringValue ?? "").utf8)
    return stride(from: 0, to: bytes.count - bytes.count % digits, by: digits).map {
      String(decoding: bytes[$0..<($0 + digits)], as: UTF8.self)
    }
  }
}
