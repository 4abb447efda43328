import MartletJSON

/// The members of one of a model's JSON files, held against what is known of such files.
struct FileMembers {
  let file: String
  let members: JSONObject

  init?(_ name: String, of folder: ModelFolder) throws(CheckpointError) {
    guard let members = try folder.members(name) else { return nil }
    file = folder.path(of: name)
    self.members = members
  }

  /// Refuses a member whose value would change the outcome and is not followed, and warns of those that are not known.
  /// - Parameters:
  ///   - accepted: Members that are read, or change nothing.
  ///   - only: Members that may have these values, null, or one that means "off": false, 0, or nothing at all.
  func check(
    accepted: Set<String>, only: [String: [JSON]], warnings: inout [String]
  ) throws(CheckpointError) {
    var unknown: [String] = []
    for (key, value) in members where !accepted.contains(key) {
      guard let values = only[key] else {
        unknown.append("\"\(key)\"")
        continue
      }
      guard Self.isOff(value) || values.contains(value) else { throw refusal(key, value) }
    }
    if !unknown.isEmpty {
      warnings.append(
        "\(file) has settings that Martlet does not know and leaves out: \(unknown.joined(separator: ", ")).")
    }
  }

  func refusal(_ key: String, _ value: JSON) -> CheckpointError {
    .unsupported(
      file: file, what: "It sets \"\(key)\" to \(value.serialized().prefix(200)), which is not supported",
      advice: "Choose another model: without the setting the outcome would be another.")
  }

  private static func isOff(_ value: JSON) -> Bool {
    value == .null || value.boolValue == false || value.doubleValue == 0 || value.stringValue?.isEmpty == true
      || value.arrayValue?.isEmpty == true || value.objectValue?.isEmpty == true
  }
}
