import Documents

func readHTML(_ input: [UInt8]) { readDocument(input, as: .html, named: "html") }

func readMarkdown(_ input: [UInt8]) { readDocument(input, as: .markdown, named: "md") }

/// Loads a document and cuts it into chunks.
private func readDocument(_ input: [UInt8], as kind: DocumentKind, named suffix: String) {
  withFile(input, suffix) { path in
    guard let document = try? DocumentLoader().load(path, as: kind) else { return }
    let chunker = Chunker(maximumTokens: 20, overlapTokens: 5) { $0.utf8.count / 4 }
    _ = chunker.chunks(of: document)
  }
}
