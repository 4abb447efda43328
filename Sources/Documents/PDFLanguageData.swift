/// The data by which pdftotext reads characters that a PDF names by their numbers in a collection of Adobe's, as many PDFs
/// in Chinese, Japanese and Korean do. Distributions keep it apart from the program.
package enum PDFLanguageData {
  /// Debian's package.
  package static let package = "poppler-data"

  /// The collections whose data pdftotext missed, by what it complained of; each once, in order.
  static func missing(in complaints: [String]) -> [String] {
    var collections: [String] = []
    for complaint in complaints {
      guard phrases.contains(where: complaint.contains) else { continue }
      let parts = complaint.split(separator: "'", omittingEmptySubsequences: false)
      let name = parts.count > 2 ? String(parts[1]) : "an unknown collection"
      if !collections.contains(name) { collections.append(name) }
    }
    return collections
  }

  /// What poppler says where it lacks the data (`GfxFont.cc`, `CMap.cc`).
  private static let phrases = [
    "Missing language pack for", "Unknown character collection", "Unknown CMap", "Couldn't find CMap",
  ]

  /// The warning about a PDF of which some text is missing.
  static func warning(_ collections: [String]) -> String {
    "lacks text: pdftotext has no data for the characters of \(collections.joined(separator: ", ")); install it "
      + "(sudo apt install \(package)) and index with --force"
  }

  /// Whether pdftotext has the data: asked with a PDF of one Japanese character. Nil where the program does not run.
  package static func isInstalled() -> Bool? {
    var text: [UInt8] = []
    let child = ChildProcess(memoryLimit: 1 << 30, timeLimit: 10)
    let script = ["-c", "printf %s \"$0\" | pdftotext -enc UTF-8 - -", sample]
    guard let (ending, errors) = try? child.run("sh", script, { text += $0 }), ending == .exited(0) else {
      return nil
    }
    return missing(in: errors.split(separator: "\n").map(String.init)).isEmpty
      && String(decoding: text, as: UTF8.self).contains("\u{65E5}")
  }

  /// The character for "sun" by its number in Shift JIS. Poppler finds the objects by itself, without a table of them.
  private static let sample = """
    %PDF-1.4
    1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj
    2 0 obj << /Type /Pages /Kids [3 0 R] /Count 1 >> endobj
    3 0 obj << /Type /Page /Parent 2 0 R /MediaBox [0 0 99 99] /Contents 7 0 R
      /Resources << /Font << /F 4 0 R >> >> >> endobj
    4 0 obj << /Type /Font /Subtype /Type0 /BaseFont /Ryumin-Light-90ms-RKSJ-H /Encoding /90ms-RKSJ-H
      /DescendantFonts [5 0 R] >> endobj
    5 0 obj << /Type /Font /Subtype /CIDFontType0 /BaseFont /Ryumin-Light /FontDescriptor 6 0 R
      /CIDSystemInfo << /Registry (Adobe) /Ordering (Japan1) /Supplement 2 >> >> endobj
    6 0 obj << /Type /FontDescriptor /FontName /Ryumin-Light /Flags 6 /FontBBox [0 0 999 999] /ItalicAngle 0
      /Ascent 800 /Descent -200 /CapHeight 700 /StemV 80 >> endobj
    7 0 obj << /Length 38 >> stream
    BT /F 12 Tf 20 50 Td <93FA> Tj ET     
    endstream endobj
    trailer << /Root 1 0 R /Size 8 >>
    %%EOF
    """
}
