import MartletCheckpoints
import MartletEmbedding
import MartletTensors

extension Command {
  /// Texts in, vectors out.
  static let embed: Command = Command(
    name: "embed",
    summary: "Turn texts into embedding vectors.",
    discussion: """
      Texts are the arguments, or the lines of standard input, and each comes back as a line with a JSON array. With \
      --format jsonl each line of standard input is a JSON object with "text", and comes back, in order, with \
      "embedding" added; its other members keep their order and their literal text. Memory does not grow with the \
      input. An empty text is an error, which names its line.

      A text beyond the model's limit is cut there: with --format jsonl its line gets "truncated": true, and one \
      warning at the end sums it up. --overflow error refuses it instead.

      Some models are trained with a prompt before each kind of text, which --as query and --as document put there; \
      search and index do that by themselves. Where the model has none, all texts are alike.

      --precision float32 is the exact path and the default. --precision fast computes with 8-bit numbers: several \
      times as fast, each vector within a cosine of 0.99 of the exact one, and on average within 0.998.

      -m also names models with OpenAI's API: openai:MODEL, or openai+http://HOST:PORT/v1:MODEL. The texts leave this \
      machine then; docs/providers.md has the rest. Such a model refuses a text that is too long for it.
      """,
    parameters: EmbedOptions.definitions,
    examples: [
      .init("martlet embed \"a martlet never lands\"", "One vector:"),
      .init(
        "martlet embed --format jsonl --precision fast < texts.jsonl > vectors.jsonl",
        "Vectors for a file of records, fast:"),
      .init("martlet embed -o vectors.npy < lines.txt", "A NumPy array, one row a line:"),
    ]
  ) { arguments, console in
    let name = arguments[ModelParameters.embedder]
    if case .provider(let reference) = try ProviderParameters.reference(name) {
      return try await EmbedByProvider(reference, arguments, console).run()
    }
    ProviderParameters.warnOfUnused(arguments, model: name, console)
    try Interruption.shared.announcing(on: console) { try EmbedRun(arguments, console).run() }
  }
}

/// What happens to a text beyond the embedding model's limit.
enum TextOverflow: String, CaseIterable, Sendable {
  case cut, error
}

/// How an embedding model computes, as the command line says it.
enum EmbeddingPrecision: String, CaseIterable, Sendable {
  case float32, fast

  /// In the engine's words.
  var precision: Precision { self == .float32 ? .float32 : .int8 }
}

/// What `embed` takes.
enum EmbedOptions {
  static let texts = Parameter<[String]>.arguments(
    "TEXT", .text("TEXT"), help: "Texts; without any, the lines of standard input.")
  static let format = Parameter<TextFormat>.option(
    "format", .choice("FORMAT"), default: .text, help: "jsonl reads and writes one JSON object a line.")
  static let precision = Parameter<EmbeddingPrecision>.option(
    "precision", .choice("PRECISION"), default: .float32, help: "float32 is exact, fast is 8-bit.")
  static let role = Parameter<TextRole>.option(
    "as", .choice("KIND"), default: .plain,
    help:
      "What the texts are, for models that have a prompt for it: texts among their like, queries or documents."
  )
  static let overflow = Parameter<TextOverflow>.option(
    "overflow", .choice("HOW"), default: .cut, help: "What happens to a text beyond the model's limit.")
  static let output = Parameter<String?>.option(
    "output", short: "o", .path("FILE"), shownAs: "standard output",
    help: "Write the vectors here; a name that ends in .npy gives NumPy's format, float32, one row a text.")

  static let definitions =
    [
      texts.definition, ModelParameters.embedderOrProvider.definition, format.definition, role.definition,
      precision.definition, overflow.definition, output.definition, ModelParameters.threads.definition,
    ] + ProviderParameters.definitions
}
