import MartletEvaluation
import MartletJSON

private let first = Parameter<Int>.argument(
  "FIRST", .integer("FIRST", atLeast: 1), default: 0, help: "The run that the other is compared with.")
private let second = Parameter<Int>.argument(
  "SECOND", .integer("SECOND", atLeast: 1), default: 0, help: "The other run.")
private let score = Parameter<String?>.option(
  "score", .text("NAME"), shownAs: "the first by name",
  help: "The score that is compared; both runs have to have it.")
private let failIfWorse = Parameter<Bool>.flag(
  "fail-if-worse", help: "End with exit code 1 where the second run is worse than chance explains.")

extension Command {
  /// Two runs item by item.
  static let evalCompare: Command = Command(
    name: "eval compare",
    summary: "Compare two runs item by item, with the interval of their difference.",
    discussion: """
      The difference is the second run's mean minus the first one's over the items that both have, with a 95% interval \
      by paired bootstrap. Where items are right or wrong, McNemar's test says how likely so many changes in one \
      direction would be by chance, and the items that changed are listed. What differs in the recipes is printed.

      --fail-if-worse ends with exit code 1 where the second run is worse and chance would rarely explain it: McNemar's exact p below 0.05, or for scores that are degrees an interval that lies below zero.

      --json prints "score", "n", "first", "second", "difference", "low", "high", "p_value", "mcnemar" ("improved", \
      "worsened", "p_value"), "flips" ("id", "improved") and "recipe_differences".
      """,
    parameters: [
      first.definition, second.definition, score.definition, failIfWorse.definition,
      EvaluateOptions.runs.definition, StoreParameters.json.definition,
    ],
    examples: [
      .init("martlet eval compare 11 12", "Has the change helped?"),
      .init("martlet eval compare 11 12 --fail-if-worse", "In a script:"),
    ]
  ) { arguments, console in
    let store = try EvaluateOptions.store(arguments)
    let sides = try [first, second].map { parameter in
      let run = try store.run(arguments[parameter])
      return (run: run, records: try store.records(of: run.id))
    }
    let comparison = try RunComparison(sides[0], sides[1], score: arguments[score])
    if arguments[StoreParameters.json] {
      try console.result(comparison.json.serialized() + "\n")
    } else {
      try console.result(text(of: comparison, sides.map(\.run), console))
    }
    if arguments[failIfWorse], comparison.isWorse {
      throw ReportedFailure(
        .unanswered, "Run \(sides[1].run.id) is worse than run \(sides[0].run.id) by \(comparison.score).")
    }
  }
}

private func text(of comparison: RunComparison, _ runs: [EvaluationRun], _ console: Console) -> String {
  let difference = comparison.difference
  func share(_ value: Double) -> String { formatDecimal(value, 4) }
  func signed(_ value: Double) -> String { (value > 0 ? "+" : "") + share(value) }
  var text = printable("\(comparison.score) over \(comparison.count) items of \(runs[0].recipe.taskName)\n\n")
  text += TextTable(
    headings: ["run", "model", comparison.score],
    rows: zip(runs, [comparison.means.first, comparison.means.second]).map { run, mean in
      ["\(run.id)", printable(run.recipe.model.name), share(mean)]
    }, rightAligned: [0, 2]
  ).text(console.style)
  text += "\ndifference \(signed(difference.difference)), 95% interval \(signed(difference.interval.low)) to "
  text += "\(signed(difference.interval.high)), p \(share(difference.pValue))\n"
  if let test = comparison.mcNemar {
    text += "became right \(test.secondOnly), became wrong \(test.firstOnly); McNemar's exact p "
    text += "\(share(test.exactPValue))\n"
  }
  text += verdict(on: comparison, runs)
  for (side, count) in [("first", comparison.unmatched.first), ("second", comparison.unmatched.second)]
  where count > 0 {
    text += "\(count == 1 ? "1 item" : "\(count) items") of the \(side) run without a counterpart left out.\n"
  }
  if !comparison.recipeDifferences.isEmpty {
    text += "\nThe recipes differ:\n"
    for (path, here, there) in comparison.recipeDifferences {
      text += printable("  \(path)\n    \(shortened(here, to: 70))\n    \(shortened(there, to: 70))\n")
    }
  }
  if !comparison.flips.isEmpty {
    let shown = comparison.flips.prefix(20)
    text +=
      "\n"
      + TextTable(
        headings: ["item", "became", "question", "expected"],
        rows: shown.map { flip in
          let question = flip.document["question"]?.stringValue ?? ""
          return [
            printable(flip.first.id), flip.isImprovement ? "right" : "wrong",
            printable(shortened(question, to: 70)), printable(shortened(flip.first.expected, to: 70)),
          ]
        }
      ).text(console.style, width: console.resultWidth)
    let more = comparison.flips.count - shown.count
    if more > 0 { text += "and \(more) more; --json has all.\n" }
  }
  return text
}

/// What the numbers say, in a sentence.
private func verdict(on comparison: RunComparison, _ runs: [EvaluationRun]) -> String {
  guard comparison.difference.difference != 0 else { return "The runs are equally good.\n" }
  guard comparison.isSignificant else {
    return "The difference can be chance: more items would tell.\n"
  }
  let better = comparison.difference.difference > 0 ? runs[1].id : runs[0].id
  return "Run \(better) is better: chance alone rarely gives such a difference.\n"
}

extension RunComparison {
  /// The comparison for programs.
  fileprivate var json: JSON {
    [
      "score": .string(score), "n": JSON(count), "first": JSON(means.first), "second": JSON(means.second),
      "difference": JSON(difference.difference), "low": JSON(difference.interval.low),
      "high": JSON(difference.interval.high), "p_value": JSON(difference.pValue),
      "mcnemar": mcNemar.map { test in
        [
          "improved": JSON(test.secondOnly), "worsened": JSON(test.firstOnly),
          "p_value": JSON(test.exactPValue),
        ]
      } ?? .null,
      "flips": .array(flips.map { ["id": .string($0.first.id), "improved": .bool($0.isImprovement)] }),
      "unmatched": ["first": JSON(unmatched.first), "second": JSON(unmatched.second)],
      "recipe_differences": .array(
        recipeDifferences.map {
          ["path": .string($0.path), "first": .string($0.here), "second": .string($0.there)]
        }),
    ]
  }
}
