import MartletInspection
import MartletJSON
import MartletPictures
import MartletTensors

private let texts = Parameter<[String]>.arguments(
  "TEXT", .text("TEXT"), minimum: 1, help: "The texts; with --level word or token, one is enough.")
private let level = Parameter<VectorLevel>.option(
  "level", .choice("LEVEL"), default: .text, help: "What is compared.")
private let layer = Parameter<Int?>.option(
  "layer", .integer(in: 0...(1 << 20)),
  shownAs: "the sentence embedding where the model has one, else the last",
  help: "Compare what this layer holds: 0 is the embedding, N the output of the N-th layer.")

extension Command {
  /// How near texts, words or tokens are to each other.
  static let similar: Command = Command(
    name: "similar",
    summary: "Show how near texts, words or tokens are to each other inside a model.",
    discussion: """
      Prints the cosine similarities and the Euclidean distances of the vectors, each with each. The vector of a text \
      is the model's sentence embedding where it is an embedding model, else the mean of its tokens in a layer; the \
      output says which. With --level word all words of the texts are compared, each by the mean of its tokens, and \
      with --level token all tokens.

      --json prints model, level, vectors (how they were made), labels, cosine and euclidean.
      """,
    parameters: [
      texts.definition, InsideOptions.model.definition, level.definition, layer.definition,
      InsideOptions.noSpecial.definition, InsideOptions.precision.definition,
      ModelParameters.threads.definition, InsideOptions.json.definition,
    ],
    examples: [
      .init("martlet similar king queen car", "Three words as texts of their own:"),
      .init(
        "martlet similar \"the river bank\" \"the bank lends money\" --level word",
        "Words in their sentences:"),
    ]
  ) { arguments, console in
    let inputs = arguments[texts]
    if let number = inputs.firstIndex(where: { $0.allSatisfy(\.isWhitespace) }) {
      throw UsageError(
        "TEXT number \(number + 1) is empty.", advice: "An empty text has nothing to compare; leave it out.")
    }
    let name = arguments[InsideOptions.model]
    let checkpoint = try OpenModel.checkpoint(name)
    let model = try VectorModel(
      checkpoint, name: name, level: arguments[level], layer: arguments[layer],
      addsSpecialTokens: !arguments[InsideOptions.noSpecial],
      precision: InsideOptions.precision(arguments, checkpoint),
      device: Device(threads: arguments[ModelParameters.threads]))
    model.warnings.forEach(console.warn)
    let similarity = try Interruption.shared.endingAtOnce(on: console) { try model.similarity(of: inputs) }
    if arguments[InsideOptions.json] {
      return try printJSON(similarity, level: arguments[level], origin: model.origin, model: name, console)
    }
    try console.result("\(similarity.labels.count) vectors of \(printable(name)): \(model.origin)\n\n")
    try printTables(similarity, console)
  }
}

private func printJSON(
  _ similarity: Similarity, level: VectorLevel, origin: String, model: String, _ console: Console
) throws {
  let head: JSON = [
    "model": .string(model), "level": .string(level.rawValue), "vectors": .string(origin),
    "labels": .array(similarity.labels.map { .string($0) }),
  ]
  func matrix(_ rows: [[Double]]) -> String {
    "[" + rows.map { JSONNumbers.list($0) }.joined(separator: ",") + "]"
  }
  try console.result(
    head.serialized().dropLast() + ",\"cosine\":\(matrix(similarity.cosine)),"
      + "\"euclidean\":\(matrix(similarity.euclidean))}\n")
}

/// The cosines, the distances, and on a terminal a heat map of the cosines.
private func printTables(_ similarity: Similarity, _ console: Console) throws {
  for (index, (title, rows)) in [
    ("Cosine similarity", similarity.cosine), ("Euclidean distance", similarity.euclidean),
  ].enumerated() {
    try console.result((index > 0 ? "\n" : "") + console.style.bold(title) + "\n")
    try console.result(
      NumberMatrix(labels: similarity.labels, values: rows).text(console.style, width: console.resultWidth))
  }
  guard console.outputIsTerminal else { return }
  try console.result("\n" + console.style.bold("Cosine similarity as a heat map") + "\n")
  let values = similarity.cosine.flatMap(\.self)
  let map = HeatMap(
    values, rows: similarity.labels, columns: similarity.labels, range: min(0, values.min() ?? 0)...1)
  try TerminalHeatMap(map, first: 1).print(to: console)
}

/// Numbers of all pairs, in as many blocks of columns as the terminal's width needs.
struct NumberMatrix {
  let labels: [String]
  let values: [[Double]]
  var digits = 3

  func text(_ style: Style, width: Int?) -> String {
    let numberWidth = values.joined().map { formatDecimal($0, digits).count }.max() ?? 1
    let names = labels.enumerated().map { index, label in
      let shown = oneLinePiece(label)
      let most = width.map { max(12, $0 / 3) } ?? 40
      return "\(index + 1) " + (shown.displayWidth > most ? shown.prefix(columns: most - 1) + "…" : shown)
    }
    let nameWidth = names.map(\.displayWidth).max() ?? 0
    let perBlock = width.map { max(1, ($0 - nameWidth) / (numberWidth + 2)) } ?? max(1, labels.count)
    var blocks: [String] = []
    for start in stride(from: 0, to: labels.count, by: perBlock) {
      let columns = start..<min(labels.count, start + perBlock)
      let rows = values.indices.map { row in
        [names[row]] + columns.map { formatDecimal(values[row][$0], digits) }
      }
      let table = TextTable(
        headings: [""] + columns.map { "\($0 + 1)" }, rows: rows,
        rightAligned: Set(1..<columns.count + 1))
      blocks.append(table.text(style, width: width))
    }
    return blocks.joined(separator: "\n")
  }
}
