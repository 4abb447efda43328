import MartletInspection
import MartletJSON

private let layer = Parameter<LayerSelection>.option(
  "layer", .selection, default: .last, shownAs: "the last",
  help: "A layer: 0 is the embedding as it enters the first layer, N the output of the N-th, or ‘all’.")
private let output = Parameter<String?>.option(
  "output", short: "o", .path("FILE"), shownAs: "none",
  help: "Write the vectors to FILE.npy, NumPy's format: float32, (layers, tokens, width), or (tokens, width)."
)

/// The files that `hidden` writes.
private enum HiddenFile: String, CaseIterable { case npy }

extension Command {
  /// The vectors inside a model.
  static let hidden: Command = Command(
    name: "hidden",
    summary: "Show the vector that each token of a text has inside a model.",
    discussion: """
      Prints the shape, then a line for each token: the word that it stands for, the token as the vocabulary spells it, \
      and the first numbers of its vector. Layers are numbered as in transformers' hidden_states: 0 is the embedding, \
      and the last one comes after the model's final norm.

      --json prints model, tokens, ids, words (the word of each token; null for tokens that were added), and layers, \
      each with layer, shape and values (tokens × width).
      """,
    parameters: [
      InsideOptions.text.definition, InsideOptions.model.definition, layer.definition, output.definition,
      InsideOptions.force.definition, InsideOptions.noSpecial.definition,
      InsideOptions.precision.definition, ModelParameters.threads.definition, InsideOptions.json.definition,
    ],
    examples: [
      .init("martlet hidden \"The cat sat on the mat\"", "A vector for each token:"),
      .init("martlet hidden \"The cat sat\" --layer all -o states.npy", "All layers, for NumPy:"),
    ]
  ) { arguments, console in
    let file = try InsideOptions.output(output, arguments, as: HiddenFile.self)
    let text = try InsideOptions.readText(arguments)
    let model = try InsideOptions.openModel(arguments, console)
    let inspected = try model.text(text, addsSpecialTokens: !arguments[InsideOptions.noSpecial])
    let states = try Interruption.shared.endingAtOnce(on: console) {
      try model.hiddenStates(of: inspected, layers: arguments[layer])
    }
    if let layer = states.layers.first(where: { !$0.isFinite }) {
      console.warn(
        "Layer \(layer.number) has values that are not numbers: the model's weights are damaged, or its numbers overflow."
      )
    }
    if let file {
      try states.writeNumPy(to: file.path, replaces: arguments[InsideOptions.force])
      let layers = states.layers.count == 1 ? "" : "\(states.layers.count) layers × "
      console.note(printable("\(layers)\(states.shapeInWords) written to \(file.path).\n"))
      if !arguments[InsideOptions.json] { return }
    }
    if arguments[InsideOptions.json] {
      try printJSON(states, model: model.name, console)
    } else {
      try printTable(states, last: model.shape.layers, console)
    }
  }
}

private func printJSON(_ states: HiddenStates, model: String, _ console: Console) throws {
  let text = states.text
  try console.result("{\"model\":\(JSON.string(model).serialized()),\(text.jsonMembers),\"layers\":[")
  for (index, layer) in states.layers.enumerated() {
    let shape = "[\(text.tokens.count),\(states.width)]"
    try console.result("\(index > 0 ? "," : ""){\"layer\":\(layer.number),\"shape\":\(shape),\"values\":[")
    for row in 0..<layer.states.rows {
      let values = layer.states.withRow(row) { JSONNumbers.list($0) }
      try console.result((row > 0 ? "," : "") + values)
    }
    try console.result("]}")
  }
  try console.result("]}\n")
}

private func printTable(_ states: HiddenStates, last: Int, _ console: Console) throws {
  let shown = 4
  for (index, layer) in states.layers.enumerated() {
    let name =
      layer.number == 0 ? "0 (embedding)" : layer.number == last ? "\(last) (last)" : "\(layer.number)"
    try console.result(
      (index > 0 ? "\n" : "") + console.style.bold("Layer \(name): \(states.shapeInWords)") + "\n")
    let rows = states.text.tokens.indices.map { token in
      let numbers = layer.states.withRow(token) { $0.prefix(shown).map { formatDecimal(Double($0), 4) } }
      return [states.text.shownWord(of: token), oneLinePiece(states.text.tokens[token].piece)] + numbers
        + (states.width > shown ? ["…"] : [])
    }
    let count = min(shown, states.width)
    let headings =
      ["word", "token"] + (1...max(1, count)).map(String.init).prefix(count)
      + (states.width > shown ? [""] : [])
    let table = TextTable(headings: headings, rows: rows, rightAligned: Set(2..<2 + count))
    try console.result(table.text(console.style, width: console.resultWidth))
  }
}

extension InspectedText {
  /// The members tokens, ids and words of a JSON object.
  var jsonMembers: String {
    let pieces = JSON.array(pieces.map { .string($0) }).serialized()
    let ids = JSON.array(ids.map { JSON(Int($0)) }).serialized()
    let words = JSON.array(
      tokens.map { token in token.word.map { .string(self.words[$0].text) } ?? .null }
    ).serialized()
    return "\"tokens\":\(pieces),\"ids\":\(ids),\"words\":\(words)"
  }

  /// The word of a token for a table: a dash for white space and for tokens that were added.
  func shownWord(of token: Int) -> String {
    tokens[token].word.map { oneLinePiece(words[$0].text) } ?? "–"
  }
}

/// A token or word on one line, whatever it holds.
func oneLinePiece(_ piece: String) -> String {
  var text = ""
  for scalar in piece.unicodeScalars {
    switch scalar {
    case "\n": text += "\\n"
    case "\r": text += "\\r"
    case "\t": text += "\\t"
    default: text.unicodeScalars.append(scalar)
    }
  }
  return printable(text)
}
