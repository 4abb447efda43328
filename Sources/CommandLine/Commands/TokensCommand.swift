import Foundation
import MartletInspection
import MartletJSON
import MartletTokenizers

private let input = Parameter<String?>.argument(
  "TEXT", .text("TEXT"), help: "The text; without it, standard input as a whole.")
private let special = Parameter<Bool>.flag(
  "special",
  help: "Add the model's own special tokens, such as [CLS] and [SEP], or a beginning-of-text token.")
private let parseSpecial = Parameter<Bool>.flag(
  "parse-special", help: "Recognise special tokens that are written in the text.")
private let format = Parameter<TextFormat>.option(
  "format", .choice("FORMAT"), default: .text, help: "jsonl reads and writes one JSON object a line.")
private let compared = ModelParameters.answerers
private let json = Parameter<Bool>.flag(
  "json", help: "Print one JSON object, with the pieces, ids and offsets of each model.")
private let count = Parameter<Bool>.flag(
  "count", help: "Print the number of tokens only; with --format jsonl, add \"count\" in place of \"ids\".")

extension Command {
  /// A text as its model sees it.
  static let tokens: Command = Command(
    name: "tokens",
    summary: "Show a text as the tokens of a model.",
    discussion: """
      Prints one token a line: its id, a tab, and the token as the vocabulary spells it. With --format jsonl each line \
      of standard input is a JSON object with "text", and comes back, in order, with "ids" added; its other members \
      keep their order and their literal text.

      --special and --parse-special are off by default: the ids are those of the text alone, in which ‘<|im_end|>’ \
      is but ten characters.

      With several -m the models' tokens stand side by side, word by word: the token, its id, and which of the text's \
      characters (Unicode scalars, as Python counts them) it stands for. --json gives text and models: each with \
      model and tokens, which have id, token, start and end (null for tokens that were added).
      """,
    parameters: [
      input.definition, compared.definition, special.definition, parseSpecial.definition,
      format.definition, count.definition, json.definition,
    ],
    examples: [
      .init("martlet tokens \"swifts and martlets\"", "The tokens of a text:"),
      .init(
        "martlet tokens -m all-minilm-l6-v2 --special --format jsonl < texts.jsonl",
        "Ids for a file of records, [CLS] and [SEP] among them:"),
      .init(
        "martlet tokens \"unbelievable\" -m all-minilm-l6-v2 -m smollm2-135m-instruct", "Two models compared:"
      ),
    ]
  ) { arguments, console in
    let names = arguments[compared]
    if names.count > 1 || arguments[json] { return try compare(names, arguments, console) }
    let checkpoint = try OpenModel.checkpoint(names.first ?? ModelParameters.defaultAnswerer)
    checkpoint.warnings.forEach(console.warn)
    let tokenizer = try checkpoint.makeTokenizer()
    let encode = { (text: String) in
      tokenizer.encode(
        text, addSpecialTokens: arguments[special], parseSpecialTokens: arguments[parseSpecial])
    }
    if arguments[format] == .jsonl {
      if arguments[input] != nil {
        throw UsageError("--format jsonl takes no TEXT.", advice: "It reads records from standard input.")
      }
      return try tokenizeLines(encode, counting: arguments[count], console)
    }
    let ids = encode(try wholeText(arguments))
    if arguments[count] { return try console.result("\(ids.count)\n") }
    for id in ids {
      try console.result("\(id)\t\(tokenizer.token(id).map(visible) ?? "")\n")
    }
  }
}

/// The tokens of several models, or of one with its offsets.
private func compare(_ names: [String], _ arguments: Arguments, _ console: Console) throws {
  if arguments[count] || arguments[format] == .jsonl {
    throw UsageError(
      "\(arguments[count] ? "--count" : "--format jsonl") does not go with \(arguments[json] ? "--json" : "several models").",
      advice: "Name one model, without --json, for it.")
  }
  let text = try wholeText(arguments)
  let models = try names.map { name in
    let checkpoint = try OpenModel.checkpoint(name)
    checkpoint.warnings.forEach(console.warn)
    return ModelTokens(
      name: name,
      text: InspectedText(
        text, try checkpoint.makeTokenizer(), addsSpecialTokens: arguments[special],
        parsesSpecialTokens: arguments[parseSpecial]))
  }
  let comparison = TokenComparison(text: text, models: models)
  try console.result(
    arguments[json]
      ? comparison.json.serialized() + "\n"
      : comparison.table.text(console.style, width: console.resultWidth))
}

/// TEXT, or standard input to the letter.
private func wholeText(_ arguments: Arguments) throws -> String {
  guard let text = arguments[input] else {
    var reader = LineReader()
    return try decodedText(reader.rest(), from: reader.name)
  }
  guard !text.isEmpty else {
    throw UsageError("TEXT is empty.", advice: "Give a text, or leave TEXT out to read standard input.")
  }
  return text
}

private func tokenizeLines(
  _ encode: (String) -> [TokenID], counting: Bool, _ console: Console
) throws {
  var reader = LineReader()
  while let bytes = try reader.next() {
    if bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) { continue }
    var record = try RawJSONObject.record(bytes, source: reader.name, line: reader.lineNumber)
    let ids = encode(try record.string("text", source: reader.name, line: reader.lineNumber))
    if counting {
      record.set("count", JSON(ids.count))
    } else {
      record.set("ids", rawJSON: list(ids))
    }
    try console.result(record.text + "\n")
  }
}

/// Ids as a JSON array, written digit by digit: in bulk a string for each id would cost more than the id.
private func list(_ ids: [TokenID]) -> String {
  var text: [UInt8] = [0x5B]
  text.reserveCapacity(ids.count * 8 + 2)
  for (index, id) in ids.enumerated() {
    if index > 0 { text += [0x2C, 0x20] }
    let start = text.count
    var rest = id.magnitude
    repeat {
      text.append(UInt8(0x30 + rest % 10))
      rest /= 10
    } while rest > 0
    text[start...].reverse()
  }
  text.append(0x5D)
  return String(decoding: text, as: UTF8.self)
}

/// A token on one line, whatever it holds.
private func visible(_ token: String) -> String {
  var text = ""
  for scalar in token.unicodeScalars {
    switch scalar {
    case "\n": text += "\\n"
    case "\r": text += "\\r"
    case "\t": text += "\\t"
    case _ where scalar.value < 0x20 || scalar.value == 0x7F: text += "\\x" + String(scalar.value, radix: 16)
    default: text.unicodeScalars.append(scalar)
    }
  }
  return text
}
