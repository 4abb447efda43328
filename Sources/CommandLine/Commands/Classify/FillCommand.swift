import MartletClassification
import MartletJSON
import MartletTensors

private let text = Parameter<String?>.argument(
  "TEXT", .text("TEXT"), help: "A text with the model's mask in it; without it, standard input as a whole.")
private let count = Parameter<Int>.option(
  "count", short: "k", .integer(in: 1...1000), default: 5, help: "How many words to show for each mask.")

extension Command {
  /// The words that masks hide.
  static let fill: Command = Command(
    name: "fill",
    summary: "Find the words that the masks of a text hide.",
    discussion: """
      BERT and its kin are trained on texts in which words are masked. The mask is written as the model writes it, \
      [MASK] or <mask>. Every mask is filled given all the others. The model computes in float32 unless --precision says \
      otherwise.

      --json prints an object with "masks": "position" (of the mask among the tokens, special ones counted, from 0) \
      and "candidates", best first: id, text, logit and probability.
      """,
    parameters: [
      text.definition, ModelParameters.masked.definition, count.definition,
      ModelParameters.exactPrecision.definition, ModelParameters.threads.definition,
      StoreParameters.json.definition,
    ],
    examples: [
      .init("martlet fill -m bert-base-uncased \"Paris is the [MASK] of France.\"", "Five words for a mask:")
    ]
  ) { arguments, console in
    let text = try textArgument(arguments[text])
    let name = try ModelParameters.required(ModelParameters.masked, arguments)
    let filler = try OpenModel.withHead(of: name) {
      try MaskFiller(
        OpenModel.checkpoint(name), precision: arguments[ModelParameters.exactPrecision].precision,
        device: Device(threads: arguments[ModelParameters.threads]))
    }
    filler.warnings.forEach(console.warn)
    let masks = try filler.fill(text, count: arguments[count])
    if arguments[StoreParameters.json] {
      let object: JSON = ["masks": .array(masks.map(\.json))]
      return try console.result(object.serialized() + "\n")
    }
    for (number, mask) in zip(1..., masks) {
      if masks.count > 1 { try console.result(console.style.bold("Mask \(number)") + "\n") }
      let table = TextTable(
        headings: ["word", "probability", "logit"],
        rows: mask.candidates.map {
          [printable($0.token), formatDecimal(Double($0.probability), 4), formatDecimal(Double($0.logit), 3)]
        }, rightAligned: [1, 2])
      try console.result(table.text(console.style))
    }
  }
}

extension MaskFiller.Mask {
  /// The mask for programs.
  fileprivate var json: JSON {
    [
      "position": JSON(position),
      "candidates": .array(
        candidates.map {
          [
            "id": JSON(Int($0.id)), "text": .string($0.token), "logit": JSON($0.logit),
            "probability": JSON($0.probability),
          ]
        }),
    ]
  }
}

/// A text that is an argument, or standard input as a whole.
func textArgument(_ argument: String?) throws -> String {
  let text = try argument ?? textOfInput()
  guard !text.allSatisfy(\.isWhitespace) else {
    throw argument == nil
      ? UsageError("Standard input is empty.", advice: "Give a text there, or as TEXT.")
      : UsageError("TEXT is empty.", advice: "Give a text, or leave TEXT out to read standard input.")
  }
  return text
}

/// Standard input as a whole, without the line break that ends it: `echo` writes one that is no part of the text.
func textOfInput() throws -> String {
  var reader = LineReader()
  let text = try decodedText(reader.rest(), from: reader.name)
  return text.last?.isNewline == true ? String(text.dropLast()) : text
}
