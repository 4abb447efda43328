import Foundation
import MartletJSON
import MartletPictures

extension ModelComparison {
  /// The comparison as JSON: `examples`, `tokens` (those that count), `before` and `after` with `loss`, `perplexity`,
  /// `exact_match` and `edit_similarity`, and `answers` with `prompt`, `expected`, `before` and `after`.
  public var json: JSON {
    [
      "examples": JSON(examples), "tokens": JSON(countedTokens), "before": before.json, "after": after.json,
      "answers": .array(
        answers.map { answer in
          [
            "prompt": .string(answer.prompt), "expected": .string(answer.expected),
            "before": .string(answer.before), "after": .string(answer.after),
          ]
        }),
    ]
  }

  /// The measures by name, with the values before and after as text: those of answers are missing where there are none.
  public var measures: [(name: String, before: String, after: String)] {
    func row(_ name: String, _ digits: Int, _ value: (Scores) -> Double) -> (String, String, String) {
      (name, Self.text(value(before), digits), Self.text(value(after), digits))
    }
    let ofText = [row("loss", 4, \.loss), row("perplexity", 2, \.perplexity)]
    guard !answers.isEmpty else { return ofText }
    return ofText + [
      row("next line exact (%)", 1) { 100 * $0.exactMatch },
      row("edit similarity (%)", 1) { 100 * $0.editSimilarity },
    ]
  }

  /// The comparison as a page that needs nothing but itself.
  /// - Parameters:
  ///   - model: What the model is called.
  ///   - adapter: What made the difference.
  public func page(model: String, adapter: String) -> HTMLPage {
    var page = HTMLPage(title: "\(model) before and after \(adapter)")
    let head = [Markup("th"), Self.numberHead("before"), Self.numberHead("after")]
    let rows = measures.map { measure in
      Markup(
        "tr", [:],
        [Markup("td", text: measure.name)]
          + [measure.before, measure.after].map { Markup("td", ["class": "number"], text: $0) })
    }
    page.body = [
      Markup("div", ["class": "wide"], [Markup("table", [:], [Markup("tr", [:], head)] + rows)]),
      Markup(
        "p", ["class": "quiet"],
        text:
          "\(examples) examples, \(countedTokens) tokens that count, \(answers.count) prompts answered with the "
          + "most probable tokens."),
    ]
    guard !answers.isEmpty else { return page }
    page.body.append(Markup("h2", text: "The same prompts, answered before and after"))
    page.body += answers.enumerated().map { number, answer in
      let texts = [("expected", answer.expected), ("before", answer.before), ("after", answer.after)]
      return Markup(
        "section", [:],
        [
          Markup("h3", text: "\(number + 1)"),
          Markup(
            "details", [:],
            [Markup("summary", text: "Prompt"), Markup("pre", text: answer.prompt)]),
          Markup(
            "div", ["class": "wide"],
            [
              Markup(
                "table", [:],
                [
                  Markup("tr", [:], texts.map { Markup("th", ["class": "text"], text: $0.0) }),
                  Markup("tr", [:], texts.map { Markup("td", [:], [Markup("pre", text: $0.1)]) }),
                ])
            ]),
        ])
    }
    return page
  }

  private static func numberHead(_ text: String) -> Markup { Markup("th", ["class": "number"], text: text) }

  private static func text(_ value: Double, _ digits: Int) -> String {
    value.isFinite ? String(format: "%.\(digits)f", value) : "\(value)"
  }
}

extension ModelComparison.Scores {
  fileprivate var json: JSON {
    [
      "loss": JSON(loss), "perplexity": JSON(perplexity), "exact_match": JSON(exactMatch),
      "edit_similarity": JSON(editSimilarity),
    ]
  }
}
