import MartletGeneration
import MartletJSON
import MartletTensors

private let file = Parameter<String>.argument(
  "FILE", .path("FILE"), default: "", help: "The text, in UTF-8; ‘-’ is standard input.")
private let window = Parameter<Int?>.option(
  "context", .integer(in: 8...(1 << 20)), shownAs: "512, or the model's own context if that is smaller",
  help: "The tokens of a window.")
private let json = Parameter<Bool>.flag("json", help: "Print one JSON object with perplexity and tokens.")
private let precision = Parameter<GenerationPrecision>.option(
  "precision", .choice("PRECISION"), default: .fast,
  help: "fast computes as generate does; float32 takes the file's weights exactly, for comparisons.")

/// How a language model computes, as the command line says it.
enum GenerationPrecision: String, CaseIterable, Sendable {
  case fast, float32

  /// In the engine's words.
  var precision: Precision { self == .fast ? .fast : .float32 }
}

extension Command {
  /// How well a model predicts a text.
  static let perplexity: Command = Command(
    name: "perplexity",
    summary: "Measure how well a model predicts a text.",
    discussion: """
      Counted as llama.cpp's llama-perplexity counts it: the text is cut into full windows of --context tokens, the \
      second half of each is scored given what stands before it in the window, and the remainder of the text is \
      dropped. Lower is better; a model that guessed would reach the size of its vocabulary.
      """,
    parameters: [
      file.definition, ModelParameters.answerer.definition, AdapterOptions.adapters.definition,
      window.definition, precision.definition,
      ModelParameters.threads.definition, json.definition,
    ],
    examples: [.init("martlet perplexity -m smollm2-135m-instruct README.md", "How surprising is this file?")]
  ) { arguments, console in
    var reader = try LineReader(path: arguments[file])
    let text = try decodedText(reader.rest(), from: reader.name)
    let reference = arguments[ModelParameters.answerer]
    try AdapterOptions.check(arguments)
    let base = try LocalModel(
      OpenModel.checkpoint(reference), name: reference, precision: arguments[precision].precision,
      maximumSequences: 1, device: Device(threads: arguments[ModelParameters.threads]))
    base.warnings.forEach(console.warn)
    let model = try AdapterOptions.adapted(base, arguments, console)
    let bar = ProgressBar("Scoring", unit: .count("windows"), console: console)
    let result = try model.perplexity(of: text, context: arguments[window] ?? min(512, model.context)) {
      done, total in
      bar.update(done: done, total: total)
      if Task.isCancelled { Interruption.end(console) }
    }
    bar.finish()
    if arguments[json] {
      let object: JSON = ["perplexity": JSON(result.perplexity), "tokens": JSON(result.tokenCount)]
      try console.result(object.serialized() + "\n")
    } else {
      try console.result("\(formatDecimal(result.perplexity, 4)) over \(result.tokenCount) tokens\n")
    }
  }
}
