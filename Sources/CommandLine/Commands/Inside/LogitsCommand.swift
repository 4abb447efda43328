import MartletInspection
import MartletJSON

private let prompt = Parameter<String?>.argument(
  "PROMPT", .text("PROMPT"),
  help:
    "The text before the next token; without it, standard input as a whole, without the line break at its end."
)
private let count = Parameter<Int>.option(
  "count", short: "k", .integer(in: 1...1_000_000), default: 10, help: "How many tokens are shown.")
private let lens = Parameter<Bool>.flag(
  "lens", help: "Show also what each layer would say: its hidden state through the final norm and the head.")

extension Command {
  /// The next token's distribution.
  static let logits: Command = Command(
    name: "logits",
    summary: "Show which tokens a model would say next, and how probable they are.",
    discussion: """
      Takes the prompt as it stands, without a chat template, and prints the most probable next tokens with their \
      logits and probabilities (the softmax over the whole vocabulary, at temperature 1). --lens prints the most \
      probable tokens of each layer, too, which shows where in the model the word is chosen.

      --json prints model, tokens, ids, words, next (each with id, text, logit and probability), and layers: an empty \
      list, or with --lens an object for each layer with layer and next.
      """,
    parameters: [
      prompt.definition, ModelParameters.answerer.definition, AdapterOptions.adapters.definition,
      count.definition, lens.definition,
      InsideOptions.noSpecial.definition, InsideOptions.precision.definition,
      ModelParameters.threads.definition, InsideOptions.json.definition,
    ],
    examples: [
      .init("martlet logits \"The capital of France is\"", "What comes next:"),
      .init("martlet logits \"The capital of France is\" --lens -k 3", "And through the layers:"),
    ]
  ) { arguments, console in
    let text = try InsideOptions.readText(arguments, prompt)
    let model = try InsideOptions.openModel(
      arguments, named: ModelParameters.answerer, console)
    let inspected = try model.text(text, addsSpecialTokens: !arguments[InsideOptions.noSpecial])
    let (layers, next) = try Interruption.shared.endingAtOnce(on: console) {
      let layers = arguments[lens] ? try model.logitLens(after: inspected, count: arguments[count]) : []
      return (layers, try layers.last?.next ?? model.nextTokens(after: inspected, count: arguments[count]))
    }
    if arguments[InsideOptions.json] {
      let guesses = layers.map { guess -> JSON in
        ["layer": JSON(guess.layer), "next": .array(guess.next.map(\.json))]
      }
      return try console.result(
        "{\"model\":\(JSON.string(model.name).serialized()),\(inspected.jsonMembers),"
          + "\"next\":\(JSON.array(next.map(\.json)).serialized()),"
          + "\"layers\":\(JSON.array(guesses).serialized())}\n")
    }
    let table = TextTable(
      headings: ["", "id", "logit", "probability", "token"],
      rows: zip(1..., next).map { rank, token in
        [
          "\(rank)", "\(token.id)", formatDecimal(Double(token.logit), 3),
          formatDecimal(token.probability * 100, 2) + " %", token.shown,
        ]
      }, rightAligned: [0, 1, 2, 3])
    try console.result(table.text(console.style, width: console.resultWidth))
    guard !layers.isEmpty else { return }
    let rows = layers.map { guess in
      let others = guess.next.dropFirst().map(\.shown).joined(separator: " ")
      let best = guess.next.first
      return [
        guess.layer == 0 ? "embedding" : "\(guess.layer)",
        formatDecimal((best?.probability ?? 0) * 100, 2) + " %", best?.shown ?? "", others,
      ]
    }
    let lensTable = TextTable(
      headings: ["layer", "probability", "token", "then"], rows: rows, rightAligned: [0, 1])
    try console.result("\n" + lensTable.text(console.style, width: console.resultWidth))
  }
}

extension NextToken {
  fileprivate var json: JSON {
    ["id": JSON(Int(id)), "text": .string(text), "logit": JSON(logit), "probability": JSON(probability)]
  }

  /// The text in quotes, so that spaces are seen.
  fileprivate var shown: String { "‘\(oneLinePiece(text))’" }
}
