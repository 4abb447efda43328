import MartletInspection
import MartletJSON
import MartletTensors

private let file = Parameter<String>.argument(
  "FILE", .path("FILE"), default: "",
  help: "The texts: one a line, or JSON lines with text and, where it has one, label; ‘-’ is standard input.")
private let format = Parameter<TextFormat?>.option(
  "format", .choice("FORMAT"), shownAs: "jsonl for a FILE that ends in .jsonl, else text",
  help: "jsonl reads one JSON object a line.")
private let output = Parameter<String?>.option(
  "output", short: "o", .path("FILE"), shownAs: "none",
  help: "Write a picture to FILE.svg or FILE.html, or the points to FILE.json.")
private let layer = Parameter<Int?>.option(
  "layer", .integer(in: 0...(1 << 20)),
  shownAs: "the sentence embedding where the model has one, else the last",
  help: "Place texts by the mean of their tokens in this layer.")
private let neighbours = Parameter<Double?>.option(
  "perplexity", .number(in: 1...10_000), shownAs: "30, or a third of the other texts if that is less",
  help: "For t-SNE: about how many neighbours count.")
private let seed = Parameter<UInt64>.option(
  "seed", .unsigned(), default: 0, help: "For t-SNE: equal seeds give equal maps.")

/// The files that `map` writes.
private enum MapFile: String, CaseIterable { case svg, html, json }

extension Command {
  /// Many texts in two dimensions.
  static let map: Command = Command(
    name: "map",
    summary: "Place many texts in two dimensions, near each other where their meaning is near.",
    discussion: """
      Each text becomes a vector, as martlet similar makes it, and a point in two ways: by the principal components, \
      which keep distances as well as two dimensions can, and by t-SNE, which keeps neighbours together (exactly \
      computed; from 4 texts on, up to \(TextMap.mostItems)). Texts with one label get one colour and shape. Without \
      --output it prints a table of the points.

      --json, and a FILE.json, give model, vectors (how they were made), explained_variance_ratio (of the principal \
      components), perplexity and divergence (of t-SNE; null where there are too few texts), and points: each with \
      text, label, pca and tsne (x and y, or null).
      """,
    parameters: [
      file.definition, InsideOptions.model.definition, format.definition, output.definition,
      InsideOptions.force.definition, layer.definition, neighbours.definition, seed.definition,
      InsideOptions.precision.definition, ModelParameters.threads.definition, InsideOptions.json.definition,
    ],
    examples: [
      .init("martlet map titles.txt -o titles.html", "A page with both maps:"),
      .init("martlet map reviews.jsonl -o reviews.svg", "Coloured by label:"),
    ]
  ) { arguments, console in
    let target = try InsideOptions.output(output, arguments, as: MapFile.self)
    let items = try readItems(arguments)
    try TextMap.check(count: items.count)
    let name = arguments[InsideOptions.model]
    let checkpoint = try OpenModel.checkpoint(name)
    let model = try VectorModel(
      checkpoint, name: name, layer: arguments[layer],
      precision: InsideOptions.precision(arguments, checkpoint),
      device: Device(threads: arguments[ModelParameters.threads]))
    model.warnings.forEach(console.warn)
    let map = try Interruption.shared.endingAtOnce(on: console) {
      try makeMap(items, model, arguments, console)
    }
    if let target {
      let content =
        switch target.kind {
        case .svg: try map.picture(model: name).file
        case .html: try map.page(model: name).file
        case .json: map.json(model: name).serialized() + "\n"
        }
      try NewFile.write(content, to: target.path, replaces: arguments[InsideOptions.force])
      console.note(printable("\(items.count) texts placed in \(target.path).\n"))
    }
    if map.tsne == nil {
      console.warn("t-SNE takes at least \(TSNE.fewest) texts; there are the principal components alone.")
    }
    if arguments[InsideOptions.json] { return try console.result(map.json(model: name).serialized() + "\n") }
    if target == nil { try printTable(map, console) }
  }
}

private func makeMap(
  _ items: [TextMap.Item], _ model: VectorModel, _ arguments: Arguments, _ console: Console
) throws -> TextMap {
  let embedding = ProgressBar("Embedding", unit: .count("texts"), total: items.count, console: console)
  let vectors = try model.vectors(of: items.map(\.text)) { embedding.update(done: $0) }
  embedding.finish()
  let bar = ProgressBar("Placing", unit: .count("steps"), console: console)
  defer { bar.finish() }
  return try TextMap(
    items, vectors: vectors, TSNE.Settings(perplexity: arguments[neighbours], seed: arguments[seed])
  ) { done, total in bar.update(done: done, total: total) }
}

private func readItems(_ arguments: Arguments) throws -> [TextMap.Item] {
  let isLines =
    (arguments[format] ?? (arguments[file].hasSuffix(".jsonl") ? .jsonl : .text)) == .jsonl
  var reader = try LineReader(path: arguments[file])
  var items: [TextMap.Item] = []
  while let bytes = try reader.next() {
    let (source, line) = (reader.name, reader.lineNumber)
    if isLines {
      if bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) { continue }
      let record = try RawJSONObject.record(bytes, source: source, line: line)
      let text = try record.string("text", source: source, line: line)
      guard !text.allSatisfy(\.isWhitespace) else {
        throw RecordError(source: source, line: line, problem: "\"text\" is empty.")
      }
      items.append(TextMap.Item(text: text, label: try label(of: record, source: source, line: line)))
    } else {
      let text = try decodedText(bytes, from: "\(source), line \(line)")
      // A line without words has no meaning to place, and no one misses it.
      if !text.allSatisfy(\.isWhitespace) { items.append(TextMap.Item(text: text)) }
    }
  }
  return items
}

/// A record's label, which may be a number or a truth value, too; none where it is null.
private func label(of record: RawJSONObject, source: String, line: Int) throws -> String? {
  switch try record.value(for: "label") {
  case nil, .null?: return nil
  case .string(let text)?: return text
  case let value?:
    guard value.arrayValue == nil, value.objectValue == nil else {
      throw RecordError(
        source: source, line: line, problem: "\"label\" is not a text or number, but \(value.kind).")
    }
    return value.serialized()
  }
}

private func printTable(_ map: TextMap, _ console: Console) throws {
  let hasLabels = map.items.contains { $0.label != nil }
  let rows = map.items.enumerated().map { index, item in
    let points = [map.pca.points[index], map.tsne?.points[index]]
    return points.flatMap { point in
      point.map { $0.map { formatDecimal($0, 3) } } ?? ["", ""]
    } + (hasLabels ? [oneLinePiece(item.label ?? "")] : []) + [oneLinePiece(item.text)]
  }
  let table = TextTable(
    headings: ["PCA x", "y", "t-SNE x", "y"] + (hasLabels ? ["label"] : []) + ["text"], rows: rows,
    rightAligned: [0, 1, 2, 3])
  try console.result(table.text(console.style, width: console.resultWidth))
}

extension TextMap {
  /// The points for programs.
  fileprivate func json(model: String) -> JSON {
    func point(_ point: [Double]?) -> JSON { point.map { .array($0.map { JSON($0) }) } ?? .null }
    return [
      "model": .string(model), "vectors": .string(origin),
      "explained_variance_ratio": .array(pca.explainedVarianceRatio.map { JSON($0) }),
      "perplexity": tsne.map { JSON($0.perplexity) } ?? .null,
      "divergence": tsne.map { JSON($0.divergence) } ?? .null,
      "points": .array(
        items.enumerated().map { index, item in
          [
            "text": .string(item.text), "label": item.label.map { .string($0) } ?? .null,
            "pca": point(pca.points[index]), "tsne": point(tsne?.points[index]),
          ]
        }),
    ]
  }
}
