import Foundation
import MartletProviders
import Synchronization

/// The options of commands whose `-m` may name a model behind an API, and what follows from them.
enum ProviderParameters {
  static let noCache = Parameter<Bool>.flag(
    "no-cache",
    help: "Ask a provider even where an earlier answer to the same request is kept, and keep none.")
  static let maximumCost = Parameter<Double?>.option(
    "max-cost", .number("USD", in: 0...1e9), shownAs: "no limit",
    help:
      "The most dollars that a provider's answers may cost in this run; a request that might pass it is refused."
  )
  static let maximumConcurrent = Parameter<Int>.option(
    "max-concurrent", .integer(in: 1...1024), default: 8, help: "The most requests to a provider at once.")

  static let definitions = [noCache.definition, maximumCost.definition, maximumConcurrent.definition]

  /// What the help of a command says of models behind an API.
  static let discussion = """
    -m also names models behind an API: openai:MODEL, anthropic:MODEL, or openai+http://HOST:PORT/v1:MODEL for your \
    own server. Keys come from OPENAI_API_KEY and ANTHROPIC_API_KEY, or from keys.json. What is sent leaves this \
    machine. A provider's own sampling values hold unless an option gives one; an option that it does not have is an \
    error. Answers are kept, and the same request is asked once; --no-cache asks again. docs/providers.md has the rest.
    """

  /// The options that mean nothing to a provider, whose model runs elsewhere.
  private static let local: [ParameterDefinition] = [
    ModelParameters.context.definition, ModelParameters.threads.definition,
    ModelParameters.precision.definition, GenerateOptions.overflow.definition,
  ]

  /// Warns of options that are for providers where the model runs here.
  static func warnOfUnused(_ arguments: Arguments, model name: String, _ console: Console) {
    for option in definitions where arguments.has(option) {
      console.warn("\(option.spelling) changes nothing here: \(name) runs on this machine.")
    }
  }

  /// What `-m` names.
  static func reference(_ text: String) throws -> ModelReference {
    try ModelReference(text, isFile: { FileManager.default.fileExists(atPath: $0) })
  }

  /// Whether `-m` names a model behind an API.
  static func isProvider(_ text: String) throws -> Bool {
    if case .provider = try reference(text) { true } else { false }
  }

  /// What models behind an API share in this run.
  /// - Throws: `UsageError` for options that a provider has no use for.
  static func settings(_ arguments: Arguments) throws -> ProviderSettings {
    // A variable such as MARTLET_THREADS is for all commands; the option is a mistake here.
    if let option = local.first(where: { option in
      arguments.has(option) && option.environment.flatMap { Environment[$0] }?.isEmpty != false
    }) {
      throw UsageError(
        "\(option.spelling) is for models that run here; it means nothing to one behind an API.",
        advice: "Leave it out.")
    }
    var settings = try ProviderSettings(folder: Places.configuration, environment: Environment.all)
    settings.limits.concurrent = arguments[maximumConcurrent]
    settings.cap = arguments[maximumCost].map(cap)
    if !arguments[noCache] { settings.cache = try ResponseCache(at: Places.responses) }
    return settings
  }

  /// One process is one run: all its models spend from one cap.
  private static func cap(_ limit: Double) -> SpendingCap {
    shared.withLock { shared in
      if let shared, shared.limit == limit { return shared }
      let cap = SpendingCap(limit: limit)
      shared = cap
      return cap
    }
  }

  private static let shared = Mutex<SpendingCap?>(nil)
}
