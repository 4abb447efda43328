import MartletCheckpoints
import MartletGeneration
import MartletJSON
import MartletTensors
import MartletTransformers

private let base = Parameter<String>.argument(
  "BASE", .path("BASE", completing: .models(.generation)), default: "",
  help: "The base: a name from the catalogue, a GGUF file, or a Hugging Face folder.")
private let adapters = Parameter<[AdapterReference]>.arguments(
  "ADAPTER", .adapter, minimum: 1,
  help: "The adapter's folder, and after a colon how much of it is merged.")
private let type = Parameter<QuantizationScheme?>.option(
  "type", .mergedType, shownAs: "the base's types", help: "How the weights are stored.")
private let noTokenizer = Parameter<Bool>.flag(
  "no-tokenizer",
  help: "Merge the weights without the tokenizer, which may be of a kind that a GGUF file cannot hold.")
private let noCheck = Parameter<Bool>.flag(
  "no-check", help: "Do not load the result to compare it with base and adapter on a text.")

/// What the result is checked with.
private let sampleText = """
  The kettle had been on the stove since six, and by the time the letter came the kitchen was full of steam. \
  She read it twice: the bridge would open in April, two years late, and cost 4.2 million more than planned. \
  def mean(values): return sum(values) / len(values)
  """

extension ValueType where Value == QuantizationScheme {
  /// The name of a type, in capitals or not.
  fileprivate static var mergedType: Self {
    ValueType(placeholder: "TYPE", choices: QuantizationScheme.allCases.map(\.rawValue)) {
      (text) throws(InvalidValue) in
      let name = text.uppercased()
      if let scheme = QuantizationScheme.allCases.first(where: { $0.rawValue.uppercased() == name }) {
        return scheme
      }
      let names = QuantizationScheme.allCases.map(\.rawValue).joined(separator: ", ")
      throw InvalidValue(problem: "must be one of \(names), not ‘\(text)’")
    }
  }
}

extension Command {
  /// Merges adapters into their base.
  static let adapterMerge: Command = Command(
    name: "adapter merge",
    summary: "Merge an adapter into its base: a model of its own.",
    discussion: """
      A name that ends in .gguf makes a GGUF file, any other a folder that transformers loads. Sums are computed in \
      float32, and rounded to the base's types or to --type. A GGUF file made of a GGUF file keeps the base's types; a \
      quantized base becomes F32 in a folder.

      Rounding costs something: an update smaller than the steps of a 4-bit type is partly lost. For each changed weight \
      the difference between what was computed and what the file holds is measured, and told as the mean (root of the \
      mean square) and the largest, both relative to the weights' own root of the mean square; as noise, relative to the update; and as the share of the \
      update that is there. Then the result is loaded, and its next-token distributions on a short text are compared with \
      those of base and adapter: the mean Kullback-Leibler divergence, and how often both choose the same token.

      --json prints an object: output, kind, weights (name, from, to, mean_relative_difference, \
      maximum_relative_difference, noise, kept), tensors, bytes, divergence and agreement (null with --no-check), and \
      warnings.
      """,
    parameters: [
      base.definition, adapters.definition, AdapterParameters.output.definition, type.definition,
      noTokenizer.definition, noCheck.definition, AdapterParameters.force.definition,
      ModelParameters.threads.definition,
      AdapterParameters.json.definition,
    ],
    examples: [
      .init(
        "martlet adapter merge smollm2-135m-instruct my-adapter -o merged",
        "A folder for transformers:"),
      .init(
        "martlet adapter merge model.gguf my-adapter -o merged.gguf --type Q8_0", "A GGUF file:"),
    ]
  ) { arguments, console in
    try await MergeRun(arguments, console).run()
  }
}

/// `adapter merge`.
private struct MergeRun {
  let arguments: Arguments
  let console: Console

  init(_ arguments: Arguments, _ console: Console) {
    (self.arguments, self.console) = (arguments, console)
  }

  func run() async throws {
    let output = try AdapterParameters.requiredOutput(arguments)
    let device = try Device(threads: arguments[ModelParameters.threads])
    let checkpoint = try OpenModel.checkpoint(arguments[base])
    try LocalModel.check(checkpoint, name: arguments[base])
    let scaled = try arguments[adapters].map {
      ScaledAdapter(try ModelAdapter(directory: $0.path, device: device), scale: $0.scale)
    }
    let model = try PretrainedModels.loadDecoder(checkpoint, precision: .float32, device: device)
    var options = ModelConversion.Options(scheme: arguments[type])
    options.replaces = arguments[AdapterParameters.force]
    options.keepsTokenizer = !arguments[noTokenizer]
    // Rounding what changed is what was asked for; it is measured.
    options.allowsRequantizing = true
    let merge = try AdapterMerge(
      of: scaled, into: checkpoint, parameters: model.parameters, to: output, options: options)
    let warnings = scaled.flatMap(\.adapter.warnings) + merge.conversion.warnings
    warnings.forEach(console.warn)
    let bar = ProgressBar("Writing", unit: .bytes, console: console)
    defer { bar.finish() }
    let costs = try merge.run(device: device) { done, total in bar.update(done: done, total: total)
    }
    bar.finish()
    let check =
      arguments[noCheck]
      ? nil : try divergence(of: output, from: model.adapted(by: scaled), device: device)
    try report(merge.conversion, costs, check, warnings: warnings)
  }

  /// The result, loaded, compared with base and adapter.
  private func divergence(
    of path: String, from model: any CausalTransformer, device: Device
  ) throws -> (meanDivergence: Double, agreement: Double) {
    let checkpoint = try Checkpoint.open(path)
    let merged = try PretrainedModels.loadDecoder(checkpoint, precision: .float32, device: device)
    let tokenizer = try? checkpoint.makeTokenizer()
    let tokens = (tokenizer?.encode(sampleText) ?? Array(1...64)).filter {
      Int($0) < model.shape.vocabulary
    }
    return try merged.divergence(
      from: model, on: Array(tokens.prefix(min(64, model.shape.context))))
  }

  private func report(
    _ conversion: ModelConversion, _ costs: [RoundingCost],
    _ check: (meanDivergence: Double, agreement: Double)?, warnings: [String]
  ) throws {
    guard !arguments[AdapterParameters.json] else {
      let weights = costs.map { cost -> JSON in
        [
          "name": .string(cost.name), "from": .string(cost.from.rawValue),
          "to": .string(cost.to.rawValue),
          "mean_relative_difference": JSON(cost.meanRelativeDifference),
          "maximum_relative_difference": JSON(cost.maximumRelativeDifference),
          "noise": JSON(cost.noise),
          "kept": JSON(cost.keptShare),
        ]
      }
      let object: JSON = [
        "output": .string(conversion.target), "kind": .string(conversion.kind.rawValue),
        "weights": .array(weights), "tensors": JSON(conversion.tensors.count),
        "bytes": JSON(conversion.byteCount),
        "divergence": check.map { JSON($0.meanDivergence) } ?? .null,
        "agreement": check.map { JSON($0.agreement) } ?? .null,
        "warnings": .array(warnings.map { .string($0) }),
      ]
      return try console.result(object.serialized() + "\n")
    }
    console.note(
      printable(
        "\(conversion.target): \(count(conversion.tensors.count, "tensor")), of which \(costs.count) changed; \(formatBytes(conversion.byteCount)).\n"
      ))
    for (types, costs) in Dictionary(
      grouping: costs, by: { "\($0.from.rawValue) → \($0.to.rawValue)" }
    )
    .sorted(by: { $0.key < $1.key }) {
      func mean(_ value: (RoundingCost) -> Double) -> Double {
        costs.reduce(0) { $0 + value($1) } / Double(costs.count)
      }
      let largest = costs.map(\.maximumRelativeDifference).max() ?? 0
      let line =
        "Rounding, \(types), \(count(costs.count, "weight")): they differ by "
        + "\(percent(mean(\.meanRelativeDifference))) on average and \(percent(largest)) at most. "
        + "The noise is \(percent(mean(\.noise))) of the update, and \(percent(mean(\.keptShare))) of it is there.\n"
      console.note(line)
    }
    if let check {
      console.note(
        "On a short text the result diverges from base and adapter by \(formatSignificant(check.meanDivergence)) nats a token, "
          + "and chooses the same token at \(percent(check.agreement)) of the places.\n")
    }
  }

  private func percent(_ share: Double) -> String {
    let value = share * 100
    return formatDecimal(
      value, value.magnitude >= 10 ? 1 : value.magnitude >= 0.01 || value == 0 ? 2 : 5) + " %"
  }
}
