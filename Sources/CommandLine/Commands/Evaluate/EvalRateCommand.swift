import MartletEvaluation
import MartletJSON

private let first = Parameter<Int>.argument(
  "RUN", .integer("RUN", atLeast: 1), default: 0, help: "The run whose answers are judged.")
private let second = Parameter<Int?>.argument(
  "SECOND", .integer("SECOND", atLeast: 1), help: "Another run, for judging pairs of answers.")
private let rater = Parameter<String?>.option(
  "rater", .text("NAME"), shownAs: "your user name", help: "Who judges.")
private let limit = Parameter<Int?>.option(
  "limit", .integer(in: 1...100_000), shownAs: "all", help: "The most items to judge now.")
private let seed = Parameter<Int>.option(
  "seed", .integer(in: 0...Int(Int32.max)), default: 1234, help: "What order and sides are drawn with.")
private let results = Parameter<Bool>.flag(
  "results", help: "Print what all judgements come to, and judge nothing.")

extension Command {
  /// A person's judgements.
  static let evalRate: Command = Command(
    name: "eval rate",
    summary: "Judge the answers of a run, or pairs of answers of two runs, blind and shuffled.",
    discussion: """
      Shows prompts with answers in random order, and never says which model wrote what. Of one run each answer gets a \
      grade from 1 (useless) to 5 (perfect); of two runs you say which answer is better, on sides that change by \
      chance. Each judgement is kept at once, so that you can stop with q and go on later. Pairs of equal answers are \
      left out.

      --results prints win rates with 95% intervals, Bradley-Terry strengths over all judged pairs of these runs, mean \
      grades, and how far raters agree: Cohen's kappa for two, Fleiss' for more. With --json it prints "matches" \
      ("first", "second", "first_wins", "second_wins", "ties", "win_rate", "low", "high"), "strengths", "grades", \
      "agreement" and "raters".
      """,
    parameters: [
      first.definition, second.definition, rater.definition, limit.definition, seed.definition,
      results.definition, EvaluateOptions.runs.definition, StoreParameters.json.definition,
    ],
    examples: [
      .init("martlet eval rate 11 12", "Which of two answers is better?"),
      .init("martlet eval rate 11 12 --results", "What the judgements come to:"),
    ]
  ) { arguments, console in
    let store = try EvaluateOptions.store(arguments)
    let runs = [arguments[first]] + (arguments[second].map { [$0] } ?? [])
    guard Set(runs).count == runs.count else {
      throw UsageError("A run cannot be compared with itself.", advice: "Name two runs.")
    }
    let found = try runs.map(store.run)
    if found[0].recipe.taskName != found[found.count - 1].recipe.taskName {
      throw ReportError.otherTask(
        first: runs[0], second: runs[1], tasks: found[0].recipe.taskName, found[1].recipe.taskName)
    }
    if arguments[results] {
      let summary = try RatingSummary(store.ratings(of: runs))
      return try console.result(
        arguments[StoreParameters.json] ? summary.json.serialized() + "\n" : text(of: summary, found, console)
      )
    }
    guard !arguments[StoreParameters.json] else {
      throw UsageError("--json goes with --results.", advice: "Judging is done by a person in a terminal.")
    }
    try RatingSession(
      store: store, runs: runs, rater: arguments[rater] ?? Environment["USER"] ?? "me",
      limit: arguments[limit] ?? .max, seed: UInt64(arguments[seed]), console: console
    ).judge()
  }
}

/// A person judges, one answer or pair after the other.
private struct RatingSession {
  let store: RunStore
  let runs: [Int]
  let rater: String
  let limit: Int
  let seed: UInt64
  let console: Console

  func judge() throws {
    let done = try store.ratings(of: runs).filter { rating in
      rating.rater == rater && (runs.count == 1 ? rating.second == nil : rating.second != nil)
    }
    let records = try runs.map(store.records)
    let queue = RatingQueue(
      records[0], records.count > 1 ? records[1] : nil, done: Set(done.map(\.item)), seed: seed)
    if queue.identical > 0 {
      console.note(
        "Left out because both answers are equal: \(queue.identical) of \(records[0].count) items.\n")
    }
    guard !queue.entries.isEmpty else {
      let problem =
        queue.identical > 0
        ? "No two answers differ." : "The items have no answers in words that could be judged."
      return console.note(done.isEmpty ? problem + "\n" : "You have judged all of them.\n")
    }
    let entries = queue.entries.prefix(limit)
    let editor = LineEditor(historyName: "rate-history", isHistoryKept: true)
    var count = 0
    for (index, entry) in entries.enumerated() {
      try show(entry, index + 1, of: entries.count)
      guard let verdict = try ask(entry, editor) else { break }
      if case .rating(let rating) = verdict {
        try store.append(rating)
        count += 1
      }
    }
    console.note(
      (count == 1 ? "1 judgement" : "\(count) judgements") + " kept. ‘--results’ shows what they come to.\n")
  }

  private enum Verdict {
    case rating(Rating)
    case skip
  }

  private func show(_ entry: RatingQueue.Entry, _ number: Int, of total: Int) throws {
    let style = console.style
    try console.result("\n\(style.bold("\(number) of \(total)"))\n")
    try console.prose(printable(entry.record.question.trimmingSpace) + "\n\n")
    if let other = entry.otherAnswer {
      try console.result(style.bold("Answer 1") + "\n")
      try console.prose(printable(entry.answer.trimmingSpace) + "\n\n")
      try console.result(style.bold("Answer 2") + "\n")
      try console.prose(printable(other.trimmingSpace) + "\n\n")
    } else {
      try console.prose(printable(entry.answer.trimmingSpace) + "\n\n")
    }
    try console.flush()
  }

  /// The judgement; nil to stop.
  private func ask(_ entry: RatingQueue.Entry, _ editor: LineEditor) throws -> Verdict? {
    let item = entry.record.result.id
    let isPair = entry.otherAnswer != nil
    let prompt = isPair ? "1, 2, t (tie), s (skip), q (stop): " : "1 to 5, s (skip), q (stop): "
    while true {
      switch try editor.next(prompt: prompt) {
      case .end, .interrupted: return nil
      case .line(let line):
        switch line.trimmingSpace.lowercased() {
        case "q": return nil
        case "s": return .skip
        case "t" where isPair:
          return .rating(Rating(rater: rater, item: item, runs: (runs[0], runs[1]), preference: .tie))
        case "1" where isPair, "2" where isPair:
          let isFirst = (line.trimmingSpace == "1") != entry.isSwapped
          return .rating(
            Rating(
              rater: rater, item: item, runs: (runs[0], runs[1]), preference: isFirst ? .first : .second))
        case let text:
          if !isPair, let grade = Int(text), (1...5).contains(grade) {
            return .rating(Rating(rater: rater, item: item, run: runs[0], grade: grade))
          }
          console.fail("‘\(printable(text))’ is not among the choices.")
        }
      }
    }
  }
}

extension ItemRecord {
  /// What was asked, for people: the question, or where the row has none the prompt's text or its last turn.
  fileprivate var question: String {
    document["question"]?.stringValue ?? prompt["prompt"]?.stringValue
      ?? prompt["prompt"]?.arrayValue?.last?["content"]?.stringValue ?? ""
  }
}

private func text(of summary: RatingSummary, _ runs: [EvaluationRun], _ console: Console) -> String {
  guard summary.count > 0 else { return "Nobody has judged these runs yet.\n" }
  let names = Dictionary(runs.map { ($0.id, $0.recipe.model.name) }) { first, _ in first }
  func name(_ run: Int) -> String { printable("run \(run) (\(names[run] ?? ""))") }
  func decimal(_ value: Double) -> String { formatDecimal(value, 3) }
  var text = summary.count == 1 ? "1 judgement" : "\(summary.count) judgements"
  text += summary.raters.count == 1 ? " by 1 rater\n" : " by \(summary.raters.count) raters\n"
  for match in summary.matches {
    let line = "\(name(match.first)) against \(name(match.second)):"
    text += "\n" + (console.resultWidth.map { WordWrapper.wrap(line, width: $0) } ?? line) + "\n"
    text += "won \(match.firstWins), lost \(match.secondWins), tied \(match.ties); "
    text += "win rate \(decimal(match.winRate)), 95% interval \(decimal(match.interval.low)) to "
    text += "\(decimal(match.interval.high))\n"
  }
  if !summary.strengths.isEmpty {
    text +=
      "\n"
      + TextTable(
        headings: ["run", "strength", "95% interval"],
        rows: summary.strengths.map { run, strength, interval in
          [
            name(run), decimal(strength), interval.map { "\(decimal($0.low)) to \(decimal($0.high))" } ?? "",
          ]
        }, rightAligned: [1]
      ).text(console.style)
  }
  if !summary.grades.isEmpty {
    text +=
      "\n"
      + TextTable(
        headings: ["run", "grade", "95% interval", "n"],
        rows: summary.grades.map {
          [
            name($0.run), decimal($0.mean), "\(decimal($0.interval.low)) to \(decimal($0.interval.high))",
            "\($0.count)",
          ]
        }, rightAligned: [1, 3]
      ).text(console.style)
  }
  switch summary.agreement {
  case .cohen(let kappa, let items)?: text += "\nCohen's kappa \(decimal(kappa)) over \(items) items\n"
  case .fleiss(let kappa, let raters, let items)?:
    text += "\nFleiss' kappa \(decimal(kappa)), \(raters) raters, \(items) items\n"
  case nil: text += summary.agreementProblem.map { "\n\($0)\n" } ?? ""
  }
  return text
}

extension RatingSummary {
  /// The summary for programs.
  fileprivate var json: JSON {
    let agreement: JSON =
      switch agreement {
      case .cohen(let kappa, let items)?: ["kind": "cohen", "kappa": JSON(kappa), "items": JSON(items)]
      case .fleiss(let kappa, _, let items)?: ["kind": "fleiss", "kappa": JSON(kappa), "items": JSON(items)]
      case nil: .null
      }
    return [
      "judgements": JSON(count), "raters": .array(raters.map { .string($0) }),
      "matches": .array(
        matches.map {
          [
            "first": JSON($0.first), "second": JSON($0.second), "first_wins": JSON($0.firstWins),
            "second_wins": JSON($0.secondWins), "ties": JSON($0.ties), "win_rate": JSON($0.winRate),
            "low": JSON($0.interval.low), "high": JSON($0.interval.high),
          ]
        }),
      "strengths": .array(
        strengths.map { run, strength, interval in
          [
            "run": JSON(run), "strength": JSON(strength), "low": interval.map { JSON($0.low) } ?? .null,
            "high": interval.map { JSON($0.high) } ?? .null,
          ]
        }),
      "grades": .array(
        grades.map {
          [
            "run": JSON($0.run), "mean": JSON($0.mean), "low": JSON($0.interval.low),
            "high": JSON($0.interval.high), "n": JSON($0.count),
          ]
        }),
      "agreement": agreement,
    ]
  }
}
