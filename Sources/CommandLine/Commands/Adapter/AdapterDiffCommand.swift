import MartletJSON
import MartletTensors
import MartletTransformers

private let first = Parameter<String>.argument(
  "A", .path("A", completing: .folders), default: "", help: "An adapter's folder.")
private let second = Parameter<String>.argument(
  "B", .path("B", completing: .folders), default: "", help: "Another one's.")

extension Command {
  /// Compares two adapters.
  static let adapterDiff: Command = Command(
    name: "adapter diff",
    summary: "Compare what two adapters change, layer by layer.",
    discussion: """
      For each layer: the norm of either adapter's update (scaling · B · A), the norm of their difference, and the cosine of \
      the angle between them: 1 where both change the layer in the same direction, 0 where they have nothing in common.

      --json prints an object: a, b, and layers (path, norm_a, norm_b, difference, and cosine, null where a norm is 0), \
      all (norm_a, norm_b, difference and cosine over all layers), and saved: weights that both or either replace whole \
      (name, in: a, b or both, and difference, null unless in both).
      """,
    parameters: [first.definition, second.definition, AdapterParameters.json.definition],
    examples: [.init("martlet adapter diff run-1 run-2", "Two trainings:")]
  ) { arguments, console in
    let device = try Device(threads: nil)
    let a = try ModelAdapter(directory: arguments[first], device: device)
    let b = try ModelAdapter(directory: arguments[second], device: device)
    let difference = try AdapterDifference(a, b)
    if arguments[AdapterParameters.json] {
      var object: JSONObject = ["a": .string(arguments[first]), "b": .string(arguments[second])]
      for (key, value) in difference.members { object[key] = value }
      return try console.result(JSON.object(object).serialized() + "\n")
    }
    try console.result(difference.text(console))
  }
}

/// What two adapters change, compared.
private struct AdapterDifference {
  private struct Row {
    let path: String
    let norm, otherNorm, differenceNorm: Double
    let cosine: Double?
  }

  private let layers: [Row]
  private let all: Row
  private let saved: [(name: String, place: String, difference: Double?)]

  init(_ a: ModelAdapter, _ b: ModelAdapter) throws {
    let layers = try a.compared(to: b).map {
      Row(
        path: $0.path, norm: $0.norm, otherNorm: $0.otherNorm, differenceNorm: $0.differenceNorm,
        cosine: $0.cosine)
    }
    self.layers = layers
    func length(_ norm: (Row) -> Double) -> Double {
      layers.reduce(0) { $0 + norm($1) * norm($1) }.squareRoot()
    }
    let (first, second, difference) = (
      length(\.norm), length(\.otherNorm), length(\.differenceNorm)
    )
    let shared = (first * first + second * second - difference * difference) / 2
    all = Row(
      path: "all", norm: first, otherNorm: second, differenceNorm: difference,
      cosine: first * second > 0 ? shared / (first * second) : nil)
    saved = Set(a.savedWeights.keys).union(b.savedWeights.keys).sorted().map { name in
      guard let one = a.savedWeights[name], let other = b.savedWeights[name] else {
        return (name, a.savedWeights[name] == nil ? "b" : "a", nil)
      }
      guard one.rows == other.rows, one.columns == other.columns else { return (name, "both", nil) }
      let square = zip(one.values, other.values).reduce(0.0) { sum, pair in
        sum + Double((pair.0 - pair.1) * (pair.0 - pair.1))
      }
      return (name, "both", square.squareRoot())
    }
  }

  func text(_ console: Console) -> String {
    let table = TextTable(
      headings: ["layer", "norm of A", "norm of B", "difference", "cosine"],
      rows: (layers + [all]).map {
        [
          printable($0.path), formatSignificant($0.norm), formatSignificant($0.otherNorm),
          formatSignificant($0.differenceNorm), $0.cosine.map { formatDecimal($0, 4) } ?? "",
        ]
      }, rightAligned: [1, 2, 3, 4])
    let whole = saved.map { weight in
      let difference = weight.difference.map { ", which differ by \(formatSignificant($0))" } ?? ""
      let place = weight.place == "both" ? "both" : weight.place == "a" ? "A alone" : "B alone"
      return "\(printable(weight.name)) is replaced whole by \(place)\(difference).\n"
    }
    return table.text(console.style, width: console.resultWidth) + whole.joined()
  }

  var members: JSONObject {
    func json(_ comparison: Row) -> JSONObject {
      [
        "norm_a": JSON(comparison.norm), "norm_b": JSON(comparison.otherNorm),
        "difference": JSON(comparison.differenceNorm),
        "cosine": comparison.cosine.map { JSON($0) } ?? .null,
      ]
    }
    return [
      "layers": .array(
        layers.map { layer in
          var members: JSONObject = ["path": .string(layer.path)]
          for (key, value) in json(layer) { members[key] = value }
          return .object(members)
        }),
      "all": .object(json(all)),
      "saved": .array(
        saved.map {
          [
            "name": .string($0.name), "in": .string($0.place),
            "difference": $0.difference.map { JSON($0) } ?? .null,
          ]
        }),
    ]
  }
}
