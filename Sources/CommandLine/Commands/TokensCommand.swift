import Foundation
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
      """,
    parameters: [
      input.definition, ModelParameters.answerer.definition, special.definition, parseSpecial.definition,
      format.definition, count.definition,
    ],
    examples: [
      .init("martlet tokens \"swifts and martlets\"", "The tokens of a text:"),
      .init(
        "martlet tokens -m all-minilm-l6-v2 --special --format jsonl < texts.jsonl",
        "Ids for a file of records, [CLS] and [SEP] among them:"),
    ]
  ) { arguments, console in
    let checkpoint = try OpenModel.checkpoint(arguments[ModelParameters.answerer])
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
    if arguments[input]?.isEmpty == true {
      throw UsageError("TEXT is empty.", advice: "Give a text, or leave TEXT out to read standard input.")
    }
    var reader = LineReader()
    let text = try arguments[input] ?? decodedText(reader.rest(), from: reader.name)
    let ids = encode(text)
    if arguments[count] { return try console.result("\(ids.count)\n") }
    for id in ids {
      try console.result("\(id)\t\(tokenizer.token(id).map(visible) ?? "")\n")
    }
  }
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
