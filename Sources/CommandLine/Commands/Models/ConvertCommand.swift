import MartletCheckpoints
import MartletJSON
import MartletTensors

/// What `convert` and `quantize` take.
private enum ConversionOptions {
  static let input = Parameter<String>.argument(
    "IN", .path("MODEL", completing: .anyModel), default: "",
    help: "The model: a name from the catalogue, a GGUF file, or a Hugging Face folder.")
  static let output = Parameter<String>.argument(
    "OUT", .path("PATH"), default: "", help: "Where the result goes.")
  static let type = Parameter<QuantizationScheme?>.option(
    "type", .scheme(QuantizationScheme.allCases), shownAs: "the model's own, else F32",
    help: "How the weights are stored.")
  static let quantizedType = Parameter<QuantizationScheme?>.option(
    "type", .scheme(QuantizationScheme.allCases.filter(\.isQuantized)),
    help: "How the weights are stored; it must be given.")
  static let pure = Parameter<Bool>.flag(
    "pure", help: "Give every matrix the same type, the embedding and the output head too.")
  static let requantize = Parameter<Bool>.flag(
    "allow-requantize", help: "Quantize again what is quantized already, which costs quality.")
  static let noTokenizer = Parameter<Bool>.flag(
    "no-tokenizer",
    help: "Convert the weights without the tokenizer, which may be of a kind that OUT cannot hold.")
  static let force = Parameter<Bool>.flag("force", help: "Replace OUT if it exists.")
  static let json = Parameter<Bool>.flag(
    "json", help: "Print one JSON object with the tensors, their types, and the sizes.")
  static let common = [
    pure.definition, requantize.definition, noTokenizer.definition, force.definition,
    ModelParameters.threads.definition,
    json.definition,
  ]
  static let explanation = """
    --json prints an object: source, output, kind (GGUF or safetensors), type (null where types were kept), tensors (a \
    list of name, shape, from, to and bytes, and instead_of: the type that its rows are too short for, else null), \
    bytes_before and bytes, and warnings.

    OUT appears once it is whole. After an error or Ctrl-C nothing is left.
    """
}

extension ValueType where Value == QuantizationScheme {
  /// The name of a type, in capitals or not; Q4_K is Q4_K_S.
  fileprivate static func scheme(_ schemes: [QuantizationScheme]) -> Self {
    ValueType(placeholder: "TYPE", choices: schemes.map(\.rawValue)) { (text) throws(InvalidValue) in
      let name = text.uppercased()
      if let scheme = schemes.first(where: { $0.rawValue.uppercased() == name }) { return scheme }
      if name == "Q4_K" { return .q4_K_S }
      let names = schemes.map(\.rawValue).joined(separator: ", ")
      throw InvalidValue(problem: "must be one of \(names), not ‘\(text)’")
    }
  }
}

extension Command {
  /// Moves a model between safetensors folders and GGUF files.
  static let convert: Command = Command(
    name: "convert",
    summary: "Convert a model from safetensors to GGUF, or back.",
    discussion: """
      A name that ends in .gguf makes a GGUF file, as llama.cpp's converter would write it; any other makes a Hugging Face \
      folder that transformers loads. The tokenizer, the chat template and the metadata go with the weights. What the \
      new files cannot say is an error or a warning.

      GGUF: weights keep F16 and BF16, and are F32 otherwise unless --type says another type, each of those that quantize \
      takes among them; norms and biases are F32. Folders: F32, F16 or BF16; quantized weights become F32. A GGUF file \
      made from another one keeps all of its metadata.

      \(ConversionOptions.explanation)
      """,
    parameters: [
      ConversionOptions.input.definition, ConversionOptions.output.definition,
      ConversionOptions.type.definition,
    ] + ConversionOptions.common,
    examples: [
      .init("martlet convert all-minilm-l6-v2 minilm.gguf", "From a folder to GGUF:"),
      .init("martlet convert model.gguf model-folder --type BF16", "From GGUF to a folder for transformers:"),
    ]
  ) { arguments, console in
    try performConversion(arguments, type: arguments[ConversionOptions.type], console)
  }

  /// Rounds a model's weights.
  static let quantize: Command = Command(
    name: "quantize",
    summary: "Round a model's weights to fewer bits: a GGUF file of a quarter of the size.",
    discussion: """
      The types, and which tensor gets which, are llama-quantize's, without an importance matrix. _S and _M are mixtures: \
      the values of attention and the down projections of some layers get more bits, and the output head (the token \
      embedding where it has none of its own) gets Q6_K or Q8_0. --pure turns that off. Where a row is no whole number of \
      blocks of 256, Q4_K becomes Q5_0, Q5_K becomes Q5_1 and Q6_K becomes Q8_0. Norms, biases and the positions of BERT \
      stay as they are. Q4_K means Q4_K_S (for llama-quantize it means Q4_K_M).

      As there, a model that is quantized already is refused unless --allow-requantize is given.

      \(ConversionOptions.explanation)
      """,
    parameters: [
      ConversionOptions.input.definition, ConversionOptions.output.definition,
      ConversionOptions.quantizedType.definition,
    ] + ConversionOptions.common,
    examples: [
      .init("martlet quantize model-folder model.gguf --type Q4_K_M", "From the original weights:"),
      .init("martlet quantize model-f16.gguf model.gguf --type Q8_0", "From a GGUF file:"),
    ]
  ) { arguments, console in
    guard let type = arguments[ConversionOptions.quantizedType] else {
      throw UsageError("quantize needs a type.", advice: "Say --type Q4_K_M, for example.")
    }
    guard arguments[ConversionOptions.output].hasSuffix(".gguf") else {
      throw UsageError(
        "‘\(arguments[ConversionOptions.output])’ does not end in .gguf.",
        advice: "quantize writes GGUF files; name one.")
    }
    try performConversion(arguments, type: type, console)
  }
}

private func performConversion(_ arguments: Arguments, type: QuantizationScheme?, _ console: Console) throws {
  var options = ModelConversion.Options(scheme: type)
  options.isPure = arguments[ConversionOptions.pure]
  options.allowsRequantizing = arguments[ConversionOptions.requantize]
  options.keepsTokenizer = !arguments[ConversionOptions.noTokenizer]
  options.replaces = arguments[ConversionOptions.force]
  if options.isPure, type?.isQuantized != true {
    throw UsageError("--pure says how tensors are quantized.", advice: "Give a quantized --type too.")
  }
  let checkpoint = try OpenModel.checkpoint(arguments[ConversionOptions.input])
  let conversion = try ModelConversion(
    of: checkpoint, to: arguments[ConversionOptions.output], options: options)
  let warnings = checkpoint.warnings + conversion.warnings
  warnings.forEach(console.warn)
  let bar = ProgressBar("Writing", unit: .bytes, console: console)
  defer { bar.finish() }
  try conversion.run(device: Device(threads: arguments[ModelParameters.threads])) { done, total in
    bar.update(done: done, total: total)
  }
  bar.finish()
  if arguments[ConversionOptions.json] {
    try console.result(json(conversion, type: type, warnings: warnings).serialized() + "\n")
  } else {
    report(conversion, console)
  }
}

private func json(_ conversion: ModelConversion, type: QuantizationScheme?, warnings: [String]) -> JSON {
  [
    "source": .string(conversion.source), "output": .string(conversion.target),
    "kind": .string(conversion.kind.rawValue), "type": type.map { .string($0.rawValue) } ?? .null,
    "tensors": .array(
      conversion.tensors.map { tensor in
        [
          "name": .string(tensor.name), "shape": .array(tensor.shape.map { JSON($0) }),
          "from": .string(tensor.from.rawValue), "to": .string(tensor.to.rawValue),
          "bytes": JSON(tensor.byteCount),
          "instead_of": tensor.wanted.map { .string($0.rawValue) } ?? .null,
        ]
      }),
    "bytes_before": JSON(conversion.byteCountBefore), "bytes": JSON(conversion.byteCount),
    "warnings": .array(warnings.map { .string($0) }),
  ]
}

private func report(_ conversion: ModelConversion, _ console: Console) {
  let types = Dictionary(grouping: conversion.tensors, by: \.to)
    .sorted { ($0.value.count, $0.key.rawValue) > ($1.value.count, $1.key.rawValue) }
    .map { "\($0.value.count) \($0.key.rawValue)" }
  console.note(
    printable(
      "\(conversion.target): \(count(conversion.tensors.count, "tensor")) (\(types.joined(separator: ", "))), \(formatBytes(conversion.byteCount)) instead of \(formatBytes(conversion.byteCountBefore)).\n"
    ))
  let short = conversion.tensors.filter { $0.wanted != nil }
  for (wanted, tensors) in Dictionary(grouping: short, by: { $0.wanted?.rawValue ?? "" })
    .sorted(by: { $0.key < $1.key })
  {
    let instead = Set(tensors.map(\.to.rawValue)).sorted().joined(separator: " or ")
    console.note(
      "\(count(tensors.count, "tensor")) got \(instead) instead of \(wanted): rows that are not whole blocks of it.\n"
    )
  }
}
