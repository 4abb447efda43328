import MartletJSON
import MartletRetrieval
import MartletVectorStore

extension Command {
  /// Finds passages.
  static let search: Command = Command(
    name: "search", summary: SearchOptions.summary, discussion: SearchOptions.discussion,
    parameters: SearchOptions.definitions, examples: SearchOptions.examples
  ) { arguments, console in
    let query = arguments[SearchOptions.query]
    guard !query.allSatisfy(\.isWhitespace) else {
      throw UsageError("QUERY is empty.", advice: "Say what to look for.")
    }
    let filter = try FilterOptions.filter(arguments)
    let reranker = try StoreParameters.reranker(arguments, console)
    let library = try StoreParameters.openLibrary(arguments)
    let method = arguments[StoreParameters.way]
    let embedding = method == .keyword ? nil : try library.embedding(ofQuery: query)
    let results =
      if let reranker {
        try library.search(
          query, by: method, limit: arguments[SearchOptions.count],
          candidates: arguments[StoreParameters.candidates], where: filter, rerankedBy: reranker,
          embedding: embedding)
      } else {
        try library.search(
          query, by: method, limit: arguments[SearchOptions.count], where: filter, embedding: embedding)
      }
    var warnings = library.takeWarnings()
    if embedding?.isTruncated == true {
      warnings.append(
        "The query is longer than the embedder reads; semantic search looked for its beginning only.")
    }
    let cut = results.count(where: \.isCutForReranking)
    if cut > 0, let reranker {
      warnings.append(
        "\(reranker.name) read only a part of \(cut) of the passages: they are longer than it reads.")
    }
    warnings.forEach(console.warn)
    try Task.checkCancellation()
    if arguments[StoreParameters.json] {
      let object: JSON = [
        "results": .array(results.map(\.json)), "warnings": .array(warnings.map { .string($0) }),
      ]
      return try console.result(object.serialized() + "\n")
    }
    if results.isEmpty {
      console.note(
        filter == nil ? "Nothing was found.\n" : "Nothing was found among what the filters leave.\n")
    }
    let snippets = try library.snippets(of: results, query: query)
    for (number, result) in zip(1..., results) {
      let snippet =
        snippets[result.id].map { $0.text(console.style) } ?? printable(String(result.text.prefix(240)))
      try console.prose(
        "\(console.style.bold("\(number). \(result.shownPlace)"))  \(console.style.faint(result.scores))\n"
          + "   \(oneLine(snippet))\n", hanging: 3)
    }
  }
}

extension SearchResult {
  /// The file as the person would name it, with page or lines; the id of a text that is in no file.
  var shownPlace: String {
    guard !path.isEmpty else { return printable(id) }
    return ShownPlace(
      path: path, page: page, startLine: startLine, endLine: endLine, place: place, attributes: attributes
    ).text
  }

  /// The score and where it comes from: "0.0325 (semantic #1, 0.620; keyword #2, 11.30)".
  var scores: String {
    var parts: [String] = []
    if let semantic { parts.append("semantic #\(semantic.rank), \(formatDecimal(semantic.score, 3))") }
    if let keyword { parts.append("keyword #\(keyword.rank), \(formatDecimal(keyword.score, 2))") }
    if isReranked { return "reranked \(formatDecimal(score, 3)) (\(parts.joined(separator: "; ")))" }
    // The first passages of a document that is meant as a whole were not looked for.
    if parts.isEmpty { return "from the beginning" }
    return "\(formatDecimal(score, 4)) (\(parts.joined(separator: "; ")))"
  }

  /// The result for programs.
  var json: JSON {
    var object = JSONObject([
      ("id", .string(id)), ("score", JSON(score)), ("path", .string(path)),
      ("page", page.map { JSON($0) } ?? .null), ("start_line", startLine.map { JSON($0) } ?? .null),
      ("end_line", endLine.map { JSON($0) } ?? .null), ("place", place?.json ?? .null),
      ("attributes", attributes.json), ("text", .string(text)),
    ])
    if let header = repeatedHeader {
      object["header_start_line"] = header.startLine.map { JSON($0) } ?? .null
      object["header_end_line"] = header.endLine.map { JSON($0) } ?? .null
    }
    return .object(object)
  }
}

/// A text of several lines in one, for a terminal.
func oneLine(_ text: String) -> String { text.split(whereSeparator: \.isWhitespace).joined(separator: " ") }

extension Snippet {
  /// The text with its words emphasised.
  func text(_ style: Style) -> String {
    let bytes = Array(text.utf8)
    var out = ""
    var end = 0
    for range in highlightedBytes {
      out += printable(String(decoding: bytes[end..<range.lowerBound], as: UTF8.self))
      out += style.bold(style.yellow(printable(String(decoding: bytes[range], as: UTF8.self))))
      end = range.upperBound
    }
    return out + printable(String(decoding: bytes[end...], as: UTF8.self))
  }
}
