import MartletCheckpoints

private let names = Parameter<[String]>.arguments(
  "NAME", .text("NAME", completing: .pulledModels), minimum: 1,
  help: "Models in the cache; martlet models lists them.")

extension Command {
  /// Removes models from the cache.
  static let remove: Command = Command(
    name: "rm",
    summary: "Remove models from the cache.",
    discussion: "The model's folder is removed, and what a broken-off pull has left of it.",
    parameters: [names.definition],
    examples: [.init("martlet rm smollm2-135m-instruct", "Make room:")]
  ) { arguments, console in
    let cache = ModelCache()
    // A misspelt name removes nothing.
    for name in arguments[names] { try cache.requireKept(name) }
    for name in arguments[names] {
      let freed = try cache.remove(name)
      console.note("\(name) is removed; \(formatBytes(freed)) are free again.\n")
    }
  }
}
