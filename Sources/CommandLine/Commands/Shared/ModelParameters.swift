/// The parameters that all commands share that run a model.
enum ModelParameters {
  /// The language model that is used when none is named.
  static let defaultAnswerer = "qwen2.5-coder-0.5b-instruct"
  /// The embedding model that is used when none is named.
  static let defaultEmbedder = "all-minilm-l6-v2"

  /// `-m` for language models.
  static let answerer = model(default: defaultAnswerer, for: .generation)
  /// `-m` for language models that may be behind an API.
  static let answererOrProvider = withProviders(answerer)
  /// `-m` for embedding models that may be behind an API.
  static let embedderOrProvider = withProviders(embedder)

  private static func withProviders(_ parameter: Parameter<String>) -> Parameter<String> {
    Parameter(
      definition: {
        var definition = parameter.definition
        definition.help =
          modelHelp
          + " Or one behind an API: openai:MODEL, anthropic:MODEL, openai+http://HOST:PORT/v1:MODEL."
        return definition
      }(), fallback: parameter.fallback)
  }
  /// `-m` for embedding models.
  static let embedder = model(default: defaultEmbedder, for: .embedding)

  /// `-m` for commands that have no default model: no small model that does their work well can be had everywhere.
  static let masked = model(for: .maskedLanguageModel)
  static let classifier = model(for: nil)
  static let reranker = model(for: .reranking)

  /// What `-m` names where there is no default.
  static func required(_ parameter: Parameter<String?>, _ arguments: Arguments) throws(UsageError) -> String {
    guard let name = arguments[parameter] else {
      throw UsageError("A model is missing.", advice: "Name one with -m; ‘martlet models’ lists them.")
    }
    return name
  }

  /// How a model computes, for commands whose numbers are compared with others.
  static let exactPrecision = Parameter<GenerationPrecision>.option(
    "precision", .choice("PRECISION"), default: .float32,
    help: "float32 takes the file's weights exactly; fast rounds numbers to 8 bits.")
  /// How a model computes, for commands whose results matter more than their numbers.
  static let precision = Parameter<GenerationPrecision>.option(
    "precision", .choice("PRECISION"), default: .fast,
    help: "fast rounds numbers to 8 bits; float32 takes the file's weights exactly.")

  /// `-m` as often as one likes; without any, the language model that `-m` stands for elsewhere.
  static let answerers: Parameter<[String]> = {
    var definition = Parameter<[String]>.options(
      "model", short: "m", .path("MODEL", completing: .models(nil)),
      help: modelHelp + " Several are compared."
    ).definition
    definition.defaultText = defaultAnswerer
    return Parameter(definition: definition, fallback: [defaultAnswerer])
  }()

  /// `-m` for models of any kind, such as commands take that look inside.
  static let any = model(default: defaultEmbedder, completing: .models(nil))

  static let threads = Parameter<Int?>.option(
    "threads", short: "t", .integer(in: 1...1024), shownAs: "one for each processor",
    environment: "MARTLET_THREADS", help: "How many threads compute.")

  static let context = Parameter<Int?>.option(
    "context", .integer(in: 16...(1 << 24)), shownAs: "the model's own",
    help: "The most tokens that prompt and completion may have together.")

  private static func model(for purpose: ModelNames.Purpose?) -> Parameter<String?> {
    .option(
      "model", short: "m", .path("MODEL", completing: .models(purpose)), help: modelHelp + " Required.")
  }

  private static let modelHelp =
    "The model: a name from the catalogue (see martlet models), a GGUF file, or a Hugging Face folder."

  private static func model(default name: String, for purpose: ModelNames.Purpose) -> Parameter<String> {
    model(default: name, completing: .models(purpose))
  }

  private static func model(default name: String, completing completion: ValueCompletion) -> Parameter<String>
  {
    .option(
      "model", short: "m", .path("MODEL", completing: completion), default: name, environment: nil,
      help: modelHelp)
  }
}
