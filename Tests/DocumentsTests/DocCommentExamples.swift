import MartletDocuments

/// The code in doc comments of the module, which lint compares with these lines: it compiles.
private enum DocCommentExamples {
  static func loader() throws -> DocumentSummary {
    let summary = try DocumentLoader().read("manual.pdf") { print($0.page ?? 0, $0.text) }
    return summary
  }
}
