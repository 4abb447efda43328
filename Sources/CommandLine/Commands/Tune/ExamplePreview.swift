import MartletFineTuning
import MartletJSON
import MartletTokenizers

/// An example as it is shown before a model learns it.
struct ExamplePreview {
  let example: TrainingExample
  /// From 1.
  let number: Int

  /// Its `ids`, its `mask` (1 where a token counts) and its `text`.
  var json: JSON {
    [
      "ids": .array(example.tokens.map { JSON(Int($0)) }),
      "mask": .array(example.counts.map { JSON($0 ? 1 : 0) }),
      "text": .string(example.text),
    ]
  }

  /// The text with its special tokens. What counts is bold and underlined, or stands in brackets where there is no
  /// emphasis.
  func text(_ tokenizer: Tokenizer, _ style: Style, width: Int) -> String {
    var text = style.bold("Example \(number)")
    text += ": \(example.tokens.count) tokens, \(example.countedTokens) count\n"
    for (part, counts) in parts(tokenizer) {
      let part = printable(part)
      text += !counts ? part : style.isOn ? style.bold(style.underlined(part)) : "⟦\(part)⟧"
    }
    return WordWrapper.wrap(text, width: width, hanging: 0, breaksLongWords: true)
      + (example.text.hasSuffix("\n") ? "\n" : "\n\n")
  }

  /// The text in parts that count and such that do not.
  private func parts(_ tokenizer: Tokenizer) -> [(text: String, counts: Bool)] {
    var decoder = tokenizer.makeStreamingDecoder(skipSpecialTokens: false)
    var parts: [(text: String, counts: Bool)] = []
    func append(_ text: String, _ counts: Bool) {
      guard !text.isEmpty else { return }
      if parts.last?.counts == counts {
        parts[parts.count - 1].text += text
      } else {
        parts.append((text, counts))
      }
    }
    for (token, counts) in zip(example.tokens, example.counts) { append(decoder.append(token), counts) }
    append(decoder.finish(), example.counts.last ?? false)
    return parts
  }
}
