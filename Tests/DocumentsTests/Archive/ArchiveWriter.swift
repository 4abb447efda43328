import MartletCArchive

@testable import MartletDocuments

extension TemporaryFolder {
  /// Writes a ZIP archive of members; a member's bytes are written `times` over.
  @discardableResult
  func writeArchive(_ name: String, _ members: [(name: String, bytes: [UInt8], times: Int)]) throws -> String
  {
    let file = path + "/" + name
    let archive = archive_write_new()
    defer { archive_write_free(archive) }
    archive_write_set_format_zip(archive)
    archive_write_open_filename(archive, file)
    for member in members {
      let entry = archive_entry_new()
      defer { archive_entry_free(entry) }
      archive_entry_set_pathname(entry, member.name)
      archive_entry_set_size(entry, Int64(member.bytes.count * member.times))
      archive_entry_set_filetype(entry, UInt32(0o100000))
      archive_entry_set_perm(entry, 0o644)
      archive_write_header(archive, entry)
      for _ in 0..<member.times { archive_write_data(archive, member.bytes, member.bytes.count) }
    }
    archive_write_close(archive)
    return file
  }

  /// Writes a ZIP archive of texts.
  @discardableResult
  func writeArchive(_ name: String, _ members: [(String, String)]) throws -> String {
    try writeArchive(name, members.map { (name: $0.0, bytes: Array($0.1.utf8), times: 1) })
  }
}

/// The parts of a small Word document.
enum WordParts {
  static let relationships = (
    "_rels/.rels",
    """
    <Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1"
    Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    Target="word/document.xml"/></Relationships>
    """
  )
  static let start =
    "<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:body>"
  static let end = "</w:body></w:document>"

  static func document(_ body: String, before: String = "") -> (String, String) {
    ("word/document.xml", before + start + body + end)
  }
}
