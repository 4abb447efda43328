import MartletEvaluation

private let numbers = Parameter<[Int]>.arguments(
  "RUN", .integer("RUN", atLeast: 1), help: "The runs' numbers; ‘martlet eval list’ shows them.")

extension Command {
  /// Forgets runs.
  static let evalDelete: Command = Command(
    name: "eval delete",
    summary: "Delete runs with their items.",
    discussion: "Judgements of their answers are kept. There is no way back.",
    parameters: [numbers.definition, EvaluateOptions.runs.definition],
    examples: [.init("martlet eval delete 3 4", "Two runs:")]
  ) { arguments, console in
    guard !arguments[numbers].isEmpty else {
      throw UsageError("A run is missing.", advice: "‘martlet eval list’ shows those that are there.")
    }
    let store = try EvaluateOptions.store(arguments)
    // All of them are looked for before one is deleted.
    for number in arguments[numbers] { _ = try store.run(number) }
    for number in Set(arguments[numbers]).sorted() { try store.remove(number) }
    let count = Set(arguments[numbers]).count
    console.note(count == 1 ? "1 run deleted.\n" : "\(count) runs deleted.\n")
  }
}
