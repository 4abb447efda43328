import MartletDocuments
import MartletEmbedding
import MartletJSON
import MartletRetrieval
import MartletTensors

/// `index --preview`: what is extracted from documents and how it is cut, without a store.
struct IndexPreview {
  private let arguments: Arguments
  private let console: Console
  private let isJSON: Bool

  init(_ arguments: Arguments, _ console: Console) {
    self.arguments = arguments
    self.console = console
    isJSON = arguments[StoreParameters.json]
  }

  func run(_ settings: IndexSettings) throws {
    let embedder = try OpenModel.embedder(
      named: arguments[IndexOptions.embedder] ?? ModelParameters.defaultEmbedder, arguments, console)
    let paths = arguments[IndexOptions.paths]
    var failed: [DocumentError] = []
    try DocumentPreview.of(paths, settings: settings, embedder: embedder) { event in
      switch event {
      case .document(let document):
        if isJSON {
          try console.result(json(document).serialized() + "\n")
        } else {
          try console.prose(text(document))
        }
      case .failed(let error): failed.append(error)
      case .skipped(let skipped):
        console.note(printable("Skipped, \(skipped.reason): \(skipped.path)") + "\n")
      }
    }
    // As in indexing, a path that was named decides how the command ends; what else was not read is told.
    let named = Set(paths + paths.compactMap { try? resolvedPath($0) })
    let decisive = failed.first { named.contains($0.path) }
    for error in failed where error != decisive {
      console.note(printable("Not read: \(error.path) \(error.explanation).") + "\n")
    }
    if let decisive { throw decisive }
  }

  private func text(_ document: DocumentPreview) -> String {
    let style = console.style
    let summary = document.summary
    let pages = summary.pageCharacters
    var out = style.bold(printable(document.path))
    out +=
      "  \(summary.kind), \(document.chunks.count) \(document.chunks.count == 1 ? "passage" : "passages")\n"
    if let title = summary.title { out += "Title: \(printable(oneLine(title)))\n" }
    if !pages.isEmpty {
      let counts = zip(1..., pages).map { "\($0): \($1)" }.joined(separator: ", ")
      out += "Characters on each of \(pages.count) \(pages.count == 1 ? "page" : "pages"): \(counts)\n"
    }
    if !summary.runningLines.isEmpty {
      out += "Left out: \(summary.runningLines.map(text).joined(separator: ", ")).\n"
    }
    for warning in summary.warnings { out += style.yellow("Note:") + " it \(printable(warning)).\n" }
    for chunk in document.chunks {
      let context = chunk.context.isEmpty ? "" : ", under “\(printable(oneLine(chunk.context)))”"
      let head = "[\(chunk.ordinal + 1)] \(place(chunk))\(chunk.tokenCount) tokens\(context)"
      out += "\n\(style.faint(head))\n\(printable(chunk.text))\n"
    }
    return out + "\n"
  }

  private func text(_ line: RunningLine) -> String {
    let pages = "\(line.pages) \(line.pages == 1 ? "page" : "pages")"
    return line.isPageNumber
      ? "the page numbers of \(pages)" : "“\(printable(line.text))” on \(pages) after the first"
  }

  private func place(_ chunk: Chunk) -> String { ownPlace(chunk) + header(chunk) }

  /// Where the header stands that the chunk's text begins with.
  private func header(_ chunk: Chunk) -> String {
    guard let header = chunk.repeatedHeader else { return "" }
    guard let start = header.startLine, let end = header.endLine else { return "with the table's header, " }
    return "with the header of \(start == end ? "line \(start)" : "lines \(start)–\(end)"), "
  }

  private func ownPlace(_ chunk: Chunk) -> String {
    if let place = chunk.place {
      let details = ShownPlace.details(place, chunk.attributes)
      return details.isEmpty ? "" : details + ", "
    }
    if let page = chunk.page { return "page \(page), " }
    guard let start = chunk.startLine, let end = chunk.endLine else { return "" }
    return start == end ? "line \(start), " : "lines \(start)–\(end), "
  }

  private func json(_ document: DocumentPreview) -> JSON {
    let summary = document.summary
    return [
      "path": .string(document.path), "kind": .string("\(summary.kind)"),
      "title": summary.title.map { .string($0) } ?? .null,
      "page_characters": .array(summary.pageCharacters.map { JSON($0) }),
      "running_lines": .array(
        summary.runningLines.map {
          ["text": .string($0.text), "page_number": .bool($0.isPageNumber), "pages": JSON($0.pages)]
        }),
      "warnings": .array(summary.warnings.map { .string($0) }), "chunks": .array(document.chunks.map(json)),
    ]
  }

  private func json(_ chunk: Chunk) -> JSON {
    [
      "page": chunk.page.map { JSON($0) } ?? .null, "start_line": chunk.startLine.map { JSON($0) } ?? .null,
      "end_line": chunk.endLine.map { JSON($0) } ?? .null,
      "header_start_line": chunk.repeatedHeader?.startLine.map { JSON($0) } ?? .null,
      "header_end_line": chunk.repeatedHeader?.endLine.map { JSON($0) } ?? .null,
      "place": chunk.place?.json ?? .null, "attributes": chunk.attributes.json,
      "context": .string(chunk.context),
      "tokens": JSON(chunk.tokenCount), "text": .string(chunk.text),
    ]
  }
}
