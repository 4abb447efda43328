import MartletCheckpoints
import MartletGeneration
import MartletJSON
import MartletTensors
import MartletTransformers

extension Command {
  /// Describes an adapter.
  static let adapterShow: Command = Command(
    name: "adapter show",
    summary: "Show an adapter's settings, and how much it changes each layer.",
    discussion: """
      The norm of a layer is the length (Frobenius norm) of what is added to its matrix: scaling · B · A. With -m the \
      adapter is put onto the model, too, which tells whether the two belong together.

      --json prints an object: path, fingerprint, base, rank, alpha, dropout, targets, rank_stabilized, modules_to_save, \
      parameters (all numbers), layers (path, rank, scaling, inputs, outputs, norm), saved (name and shape of each weight \
      that is replaced whole), and warnings.
      """,
    parameters: [
      AdapterParameters.adapter.definition, AdapterParameters.base.definition,
      AdapterParameters.json.definition,
    ],
    examples: [
      .init("martlet adapter show my-adapter", "What it is:"),
      .init(
        "martlet adapter show my-adapter -m smollm2-135m-instruct", "And whether it fits a model:"),
    ]
  ) { arguments, console in
    let path = arguments[AdapterParameters.adapter]
    let device = try Device(threads: nil)
    var adapter = try ModelAdapter(directory: path, device: device)
    if let name = arguments[AdapterParameters.base] {
      let checkpoint = try OpenModel.checkpoint(name)
      try LocalModel.check(checkpoint, name: name)
      let model = try PretrainedModels.loadDecoder(checkpoint, precision: .fast, device: device)
      adapter = try adapter.fitted(to: model.parameters)
    }
    adapter.warnings.forEach(console.warn)
    let shown = try ShownAdapter(adapter, path: path)
    try arguments[AdapterParameters.json]
      ? console.result(shown.json.serialized() + "\n") : shown.print(console)
  }
}

/// An adapter with its norms.
private struct ShownAdapter {
  private struct Layer {
    let path: String
    let rank, inputs, outputs: Int
    let scaling, norm: Double
  }

  private let adapter: ModelAdapter
  private let path: String
  private let layers: [Layer]

  init(_ adapter: ModelAdapter, path: String) throws {
    (self.adapter, self.path) = (adapter, path)
    let norms = try adapter.updateNorms()
    layers = try adapter.factors.map { path, factors in
      Layer(
        path: path, rank: factors.a.rows, inputs: factors.a.columns, outputs: factors.b.rows,
        scaling: try adapter.configuration.scaling(of: path), norm: norms[path] ?? 0)
    }.sorted { Self.order($0.path) < Self.order($1.path) }
  }

  /// Block 2 before block 10.
  private static func order(_ path: String) -> String {
    path.split(separator: ".").map { part in
      Int(part).map { String(repeating: "0", count: max(0, 6 - String($0).count)) + String($0) }
        ?? String(part)
    }.joined(separator: ".")
  }

  func print(_ console: Console) throws {
    let settings = adapter.configuration
    let overrides = settings.rankOverrides.count + settings.alphaOverrides.count
    let lines: [(String, String)] = [
      ("Base", settings.baseModel ?? "not stated"),
      ("Rank", "\(settings.rank)" + (overrides > 0 ? ", others by pattern" : "")),
      (
        "Alpha",
        formatDecimal(settings.alpha, settings.alpha == settings.alpha.rounded() ? 0 : 2)
          + (settings.usesRankStabilizedScaling ? ", divided by the root of the rank (rsLoRA)" : "")
      ),
      ("Dropout", formatSignificant(settings.dropout)), ("Targets", settings.targets.text),
      ("Replaces", adapter.savedWeights.keys.sorted().joined(separator: ", ")),
      ("Parameters", "\(adapter.parameterCount)"), ("Fingerprint", adapter.fingerprint ?? ""),
    ]
    for (name, value) in lines where !value.isEmpty {
      let label = name + ":" + String(repeating: " ", count: 13 - name.count)
      try console.prose("\(label)\(printable(value))\n", hanging: 14)
    }
    let table = TextTable(
      headings: ["layer", "rank", "scaling", "matrix", "norm"],
      rows: layers.map {
        [
          printable($0.path), "\($0.rank)", formatSignificant($0.scaling),
          "\($0.outputs) × \($0.inputs)",
          formatSignificant($0.norm),
        ]
      }, rightAligned: [1, 2, 3, 4])
    try console.result("\n" + table.text(console.style, width: console.resultWidth))
  }

  var json: JSON {
    let settings = adapter.configuration
    let layers = layers.map { layer -> JSON in
      [
        "path": .string(layer.path), "rank": JSON(layer.rank), "scaling": JSON(layer.scaling),
        "inputs": JSON(layer.inputs), "outputs": JSON(layer.outputs), "norm": JSON(layer.norm),
      ]
    }
    let saved = adapter.savedWeights.sorted { $0.key < $1.key }.map { name, values -> JSON in
      let shape = values.rows > 1 ? [values.rows, values.columns] : [values.columns]
      return ["name": .string(name), "shape": .array(shape.map { JSON($0) })]
    }
    return [
      "path": .string(path), "fingerprint": adapter.fingerprint.map { .string($0) } ?? .null,
      "base": settings.baseModel.map { .string($0) } ?? .null, "rank": JSON(settings.rank),
      "alpha": JSON(settings.alpha), "dropout": JSON(settings.dropout),
      "targets": settings.targets.json,
      "rank_stabilized": .bool(settings.usesRankStabilizedScaling),
      "modules_to_save": .array(settings.modulesToSave.map { .string($0) }),
      "parameters": JSON(adapter.parameterCount), "layers": .array(layers), "saved": .array(saved),
      "warnings": .array(adapter.warnings.map { .string($0) }),
    ]
  }
}
