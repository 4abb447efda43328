/// The parts of an Office Open XML file (ECMA-376): a ZIP archive of XML, whose parts name one another by relationships.
struct OfficePackage {
  let archive: ArchiveReader

  init(path: String) throws(DocumentError) { archive = try ArchiveReader(path: path) }

  /// A part's relationship to another one.
  struct Relationship {
    var id: String
    /// The last word of its type, as "slide" or "footnotes".
    var type: String
    /// The part's name in the archive; an address where the target is outside.
    var target: String
    var isExternal: Bool
  }

  /// The part that the file is about, as "word/document.xml".
  func mainPart() throws(DocumentError) -> String {
    let relationships = try relationships(of: "")
    if let main = relationships.first(where: { $0.type == "officeDocument" }) { return main.target }
    throw DocumentError(
      path: archive.path, problem: .damaged(detail: "it is an archive without an office document in it"))
  }

  /// The relationships of a part; of the package itself where the name is empty.
  func relationships(of part: String) throws(DocumentError) -> [Relationship] {
    let name = Self.relationshipsPart(of: part)
    guard let bytes = try archive.read(name) else { return [] }
    return try Self.relationships(bytes, of: part, path: archive.path)
  }

  /// The name of the part that holds the relationships of another.
  static func relationshipsPart(of part: String) -> String {
    let (folder, name) = split(part)
    return (folder.isEmpty ? "" : folder + "/") + "_rels/" + name + ".rels"
  }

  static func relationships(
    _ bytes: [UInt8], of part: String, path: String
  ) throws(DocumentError) -> [Relationship] {
    let tree = try XMLElement(parsing: bytes, path: path, part: relationshipsPart(of: part))
    return tree.all("rel:Relationship").compactMap { element in
      guard let id = element["Id"], let type = element["Type"], let target = element["Target"] else {
        return nil
      }
      let isExternal = element["TargetMode"] == "External"
      return Relationship(
        id: id, type: type.split(separator: "/").last.map(String.init) ?? type,
        target: isExternal ? target : resolve(target, from: split(part).folder), isExternal: isExternal)
    }
  }

  /// A part as a tree; nil where the archive has none of that name.
  func tree(_ part: String) throws(DocumentError) -> XMLElement? {
    guard let bytes = try archive.read(part) else { return nil }
    return try XMLElement(parsing: bytes, path: archive.path, part: part)
  }

  /// The title in the file's properties.
  func title() throws(DocumentError) -> String? {
    guard let core = try relationships(of: "").first(where: { $0.type == "core-properties" }) else {
      return nil
    }
    let title = try tree(core.target)?.first("dc:title").map { SectionBuilder.oneLine($0.text) }
    // What python-pptx and PowerPoint write of their own accord names nothing.
    return title == "" || title == "PowerPoint Presentation" ? nil : title
  }

  static func split(_ part: String) -> (folder: String, name: String) {
    guard let slash = part.lastIndex(of: "/") else { return ("", part) }
    return (String(part[..<slash]), String(part[part.index(after: slash)...]))
  }

  /// A target relative to a folder of the archive, or from its root where it begins with a slash.
  static func resolve(_ target: String, from folder: String) -> String {
    var parts = target.hasPrefix("/") ? [] : folder.split(separator: "/").map(String.init)
    for part in target.split(separator: "/") {
      switch part {
      case ".": break
      case "..": if !parts.isEmpty { parts.removeLast() }
      default: parts.append(String(part))
      }
    }
    return parts.joined(separator: "/")
  }
}
