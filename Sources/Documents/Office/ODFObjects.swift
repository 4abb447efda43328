/// The objects that are embedded in an OpenDocument file: formulas and charts, each a document of its own.
struct ODFObjects {
  private var contents: [String: XMLElement] = [:]

  /// No objects.
  init() {}

  /// The objects that a document shows.
  init(_ archive: ArchiveReader, _ content: XMLElement) throws(DocumentError) {
    let wanted = Set(content.descendants(["draw:object"]).compactMap { Self.part(of: $0) })
    guard !wanted.isEmpty else { return }
    for (part, bytes) in try archive.read(where: { wanted.contains($0) }) {
      contents[part] = try XMLElement(parsing: bytes, path: archive.path, part: part)
    }
  }

  private static func part(of object: XMLElement) -> String? {
    object["xlink:href"].map { OfficePackage.resolve($0 + "/content.xml", from: "") }
  }

  private func content(in frame: XMLElement) -> XMLElement? {
    frame.first("draw:object").flatMap { Self.part(of: $0) }.flatMap { contents[$0] }
  }

  /// The formula in a frame, as its parts stand one after the other; nil where there is something else.
  func formula(in frame: XMLElement) -> String? {
    guard let root = content(in: frame), root.name == "math" else { return nil }
    // Annotations say the same in another language.
    return root.descendants(["mi", "mn", "mo", "mtext", "ms", "annotation", "annotation-xml"])
      .filter { !$0.name.hasPrefix("annotation") }.map(\.text).joined()
  }

  /// The figures of the chart in a frame; nil where there is something else.
  func table(in frame: XMLElement) -> XMLElement? {
    content(in: frame)?.firstDescendant("table:table")
  }
}
