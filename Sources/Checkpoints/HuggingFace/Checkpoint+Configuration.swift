import MartletJSON

extension Checkpoint {
  /// The members of a `config.json` as ``configuration`` has them: under the names that most architectures have, with
  /// those that transformers assumes where they are left out.
  public static func configuration(from members: JSONObject) -> JSONObject {
    ConfigurationDefaults.completed(ConfigurationAliases.resolved(members))
  }

  /// The members of a `config.json`, as they are in the file.
  /// - Throws: ``CheckpointError`` where there is no such file, or it holds no JSON object.
  public static func configurationMembers(ofFile path: String) throws(CheckpointError) -> JSONObject {
    let value = try JSON.reading(MappedFile(path))
    guard let members = value.objectValue else {
      throw .malformed(
        file: path, field: "line 1", offset: nil, problem: "it holds \(value.kind), not an object")
    }
    return members
  }
}
