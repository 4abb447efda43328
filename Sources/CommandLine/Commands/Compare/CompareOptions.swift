/// What `compare` takes.
enum CompareOptions {
  static let model = Parameter<String>.argument(
    "MODEL", .path("MODEL", completing: .models(.generation)), default: "",
    help: "The model that the adapter was trained on: a name, a GGUF file, or a Hugging Face folder.")
  static let limit = Parameter<Int?>.option(
    "limit", .integer(atLeast: 1), shownAs: "all", help: "Measure with the first N examples only.")
  static let maximumTokens = Parameter<Int>.option(
    "max-tokens", .integer(in: 1...(1 << 16)), default: 64, help: "The most tokens of an answer.")
  static let answers = Parameter<Int?>.option(
    "answers", .integer(atLeast: 0), shownAs: "all", help: "Answer the first N prompts only.")
  static let precision = Parameter<GenerationPrecision>.option(
    "precision", .choice("PRECISION"), default: .float32,
    help: "float32 computes as tune does; fast rounds numbers to 8 bits, as generate does.")
  static let page = Parameter<String?>.option(
    "html", .path("FILE"), help: "Write a page with the numbers and all answers.")
  static let force = Parameter<Bool>.flag("force", help: "Replace the file that --html names.")
  static let json = Parameter<Bool>.flag("json", help: "Print one JSON object.")

  static let definitions = [
    model.definition, AdapterOptions.adapters.definition, TuneDataOptions.data.definition,
    TuneDataOptions.code.definition,
    limit.definition, TuneDataOptions.maximumLength.definition, TuneDataOptions.overflow.definition,
    TuneDataOptions.skipsBadRows.definition, TuneDataOptions.loss.definition, maximumTokens.definition,
    answers.definition, precision.definition, ModelParameters.threads.definition, page.definition,
    force.definition, json.definition,
  ]
}
