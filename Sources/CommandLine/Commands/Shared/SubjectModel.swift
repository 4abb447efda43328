import MartletCheckpoints
import MartletEvaluation
import MartletGeneration
import MartletLanguageModels
import MartletProviders
import MartletTensors

/// A model that is measured: one that runs here, whose files are looked at before it is loaded, or one behind an API.
struct SubjectModel {
  private enum Kind {
    case local(Checkpoint)
    case provider(ProviderReference, ProviderSettings)
  }

  private let kind: Kind
  let name: String
  private let arguments: Arguments
  private let precision: GenerationPrecision
  private let maximumSequences: Int

  init(
    _ name: String, precision: GenerationPrecision, maximumSequences: Int = 16, _ arguments: Arguments
  ) throws {
    self.arguments = arguments
    self.name = name
    self.precision = precision
    self.maximumSequences = maximumSequences
    switch try ProviderParameters.reference(name) {
    case .local:
      let checkpoint = try OpenModel.checkpoint(name)
      try LocalModel.check(checkpoint, name: name)
      try AdapterOptions.check(arguments)
      kind = .local(checkpoint)
    case .provider(let reference):
      try AdapterOptions.refuse(for: name, arguments)
      let settings = try ProviderParameters.settings(arguments)
      // A missing key is found out now.
      _ = try reference.model(settings)
      kind = .provider(reference, settings)
    }
  }

  var isProvider: Bool { if case .provider = kind { true } else { false } }

  /// Whether one's own questions are put to it as messages.
  var takesMessages: Bool {
    switch kind {
    case .local(let checkpoint): checkpoint.chatTemplates.standard != nil
    case .provider: true
    }
  }

  /// Whether its draws can be repeated.
  var takesSeeds: Bool {
    if case .provider(let reference, _) = kind { reference.provider != .anthropic } else { true }
  }

  func load(_ console: Console) throws -> any LanguageModel {
    switch kind {
    case .provider(let reference, let settings): return try reference.model(settings)
    case .local(let checkpoint):
      ProviderParameters.warnOfUnused(arguments, model: name, console)
      let model = try LocalModel(
        checkpoint, name: name, precision: precision.precision,
        contextLength: arguments[ModelParameters.context], maximumSequences: maximumSequences,
        device: Device(threads: arguments[ModelParameters.threads]))
      model.warnings.forEach(console.warn)
      return try AdapterOptions.adapted(model, arguments, console)
    }
  }

  /// What a run's record says of it.
  func recipe() throws -> RunRecipe.Model {
    switch kind {
    case .local(let checkpoint):
      RunRecipe.Model(
        name: name, fingerprint: try checkpoint.fingerprint(), adapter: try AdapterOptions.recipe(arguments),
        precision: precision.rawValue)
    case .provider(let reference, let settings):
      RunRecipe.Model(
        name: name, provider: reference.provider.rawValue,
        address: reference.serverAddress(in: settings.environment), model: reference.model)
    }
  }
}
