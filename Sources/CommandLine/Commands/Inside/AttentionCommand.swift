import MartletInspection
import MartletJSON
import MartletPictures

private let layer = Parameter<LayerSelection>.option(
  "layer", .selection, default: .all, shownAs: "all; on the screen the last",
  help: "A layer, counted from 0 as in transformers' attentions, or ‘all’.")
private let head = Parameter<LayerSelection>.option(
  "head", .selection, default: .all, shownAs: "all; on the screen their mean",
  help: "A head of the layer, counted from 0, or ‘all’.")
private let output = Parameter<String?>.option(
  "output", short: "o", .path("FILE"), shownAs: "none",
  help: "Write a picture of the layers and heads to FILE.svg or FILE.html, which need nothing else.")

/// The files that `attention` writes.
private enum AttentionFile: String, CaseIterable { case svg, html }

extension Command {
  /// What tokens attend to.
  static let attention: Command = Command(
    name: "attention",
    summary: "Show how much each token of a text attends to each other one.",
    discussion: """
      Prints a heat map: a row for each token that attends, a column for each token that it attends to. A row sums to \
      1; a generating model's tokens see none of those behind them. Layers and heads are counted from 0, as in \
      transformers.

      --json prints model, tokens, ids, words, layers and heads (the numbers of those that are there) and weights \
      (layers × heads × tokens × tokens): all of them unless --layer or --head chooses.
      """,
    parameters: [
      InsideOptions.text.definition, InsideOptions.model.definition, layer.definition, head.definition,
      output.definition, InsideOptions.force.definition, InsideOptions.noSpecial.definition,
      InsideOptions.precision.definition, ModelParameters.threads.definition, InsideOptions.json.definition,
    ],
    examples: [
      .init("martlet attention \"The cat sat on the mat\"", "The last layer, as the mean of its heads:"),
      .init("martlet attention \"The cat sat on the mat\" --layer 2 --head 3", "One head:"),
      .init("martlet attention \"The cat sat on the mat\" -o attention.html", "All layers and heads:"),
    ]
  ) { arguments, console in
    let file = try InsideOptions.output(output, arguments, as: AttentionFile.self)
    let text = try InsideOptions.readText(arguments)
    let model = try InsideOptions.openModel(arguments, console)
    let inspected = try model.text(text, addsSpecialTokens: !arguments[InsideOptions.noSpecial])
    let isJSON = arguments[InsideOptions.json]
    // A screen shows one map: that of the last layer unless another one is chosen.
    let layers = file == nil && !isJSON && !arguments.has(layer) ? .last : arguments[layer]
    let attention = try Interruption.shared.endingAtOnce(on: console) {
      try model.attention(of: inspected, layers: layers, heads: arguments[head])
    }
    if !attention.isFinite {
      console.warn(
        "Some of the weights are not numbers: the model's weights are damaged, or its numbers overflow.")
    }
    if let file {
      let content =
        switch file.kind {
        case .svg: try attention.picture(model: model.name).file
        case .html: try attention.page(model: model.name).file
        }
      try NewFile.write(content, to: file.path, replaces: arguments[InsideOptions.force])
      let maps = attention.layers.count * attention.heads.count
      console.note(printable("\(maps == 1 ? "1 map" : "\(maps) maps") written to \(file.path).\n"))
    }
    if isJSON { return try printJSON(attention, model: model.name, console) }
    if file == nil {
      try printMaps(
        attention, last: model.attentionLayers.upperBound, eachHead: arguments.has(head), console)
    }
  }
}

/// A map for each layer: of the heads that were asked for, or the mean of all.
private func printMaps(
  _ attention: AttentionWeights, last: Int, eachHead: Bool, _ console: Console
) throws {
  var isFirst = true
  func print(_ title: String, _ values: [Float]) throws {
    try console.result((isFirst ? "" : "\n") + console.style.bold(title) + "\n")
    isFirst = false
    let pieces = attention.text.pieces
    try TerminalHeatMap(HeatMap(values.map { Double($0) }, rows: pieces, columns: pieces, from: 0))
      .print(to: console)
  }
  for (index, layer) in attention.layers.enumerated() {
    let title = "Layer \(layer) of 0–\(last), "
    if eachHead {
      for (place, head) in attention.heads.enumerated() {
        try print(title + "head \(head)", attention.matrix(layer: index, head: place))
      }
    } else {
      try print(
        title + "mean of its \(attention.heads.count) heads", attention.meanOfHeads(layer: index))
    }
  }
}

private func printJSON(_ attention: AttentionWeights, model: String, _ console: Console) throws {
  func list(_ numbers: [Int]) -> String { "[" + numbers.map(String.init).joined(separator: ",") + "]" }
  try console.result(
    "{\"model\":\(JSON.string(model).serialized()),\(attention.text.jsonMembers),"
      + "\"layers\":\(list(attention.layers)),\"heads\":\(list(attention.heads)),\"weights\":[")
  for layer in attention.layers.indices {
    try console.result(layer > 0 ? ",[" : "[")
    for head in attention.heads.indices {
      try console.result(head > 0 ? ",[" : "[")
      for token in attention.text.tokens.indices {
        let row = attention.withRow(layer: layer, head: head, token: token) { JSONNumbers.list($0) }
        try console.result((token > 0 ? "," : "") + row)
      }
      try console.result("]")
    }
    try console.result("]")
  }
  try console.result("]}\n")
}
