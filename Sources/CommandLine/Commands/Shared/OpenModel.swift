import Foundation
import MartletCheckpoints
import MartletClassification
import MartletEmbedding
import MartletGeneration
import MartletLanguageModels
import MartletProviders
import MartletTensors
import MartletTransformers

/// What `-m` names, opened.
enum OpenModel {
  /// The files of a model.
  static func checkpoint(_ reference: String) throws -> Checkpoint {
    try Checkpoint.open(named: localName(reference))
  }

  /// The name of a model that runs here, without `local:`.
  static func localName(_ reference: String) throws -> String {
    switch try ProviderParameters.reference(reference) {
    case .local(let name): return name
    case .provider:
      throw UsageError(
        "\(reference) is a model behind an API, and this needs one that runs here.",
        advice: "‘martlet models’ lists some.")
    }
  }

  /// Looks for what -m names without loading it: a model's files, or a provider's key.
  static func checkAnswerer(_ arguments: Arguments) throws {
    let name = arguments[ModelParameters.answerer]
    guard case .provider(let provider) = try ProviderParameters.reference(name) else {
      try AdapterOptions.check(arguments)
      return try _ = LocalModel.check(checkpoint(name), name: name)
    }
    try AdapterOptions.refuse(for: name, arguments)
    _ = try provider.model(ProviderParameters.settings(arguments))
  }

  /// A language model, ready to generate: one that runs here, or one behind an API. Warnings about its files are printed.
  ///
  /// - Parameters:
  ///   - name: Which model; nil for the one that -m names.
  ///   - source: The command whose prompts and answers go into the log; nil for one that keeps its own records.
  ///   - question: What the person asks, where prompts hold more than that.
  static func answerer(
    _ arguments: Arguments, named name: String? = nil, maximumSequences: Int = 1,
    precision: Precision = .fast, loggedAs source: String? = nil, asking question: String? = nil,
    _ console: Console
  ) throws -> any LanguageModel {
    let reference = name ?? arguments[ModelParameters.answerer]
    let model: any LanguageModel
    if case .provider(let provider) = try ProviderParameters.reference(reference) {
      try AdapterOptions.refuse(for: reference, arguments)
      model = try provider.model(ProviderParameters.settings(arguments))
    } else {
      ProviderParameters.warnOfUnused(arguments, model: reference, console)
      try AdapterOptions.check(arguments)
      let local = try LocalModel(
        checkpoint(reference), name: reference, precision: precision,
        contextLength: arguments[ModelParameters.context], maximumSequences: maximumSequences,
        device: Device(threads: arguments[ModelParameters.threads]))
      local.warnings.forEach(console.warn)
      model = try AdapterOptions.adapted(local, arguments, console)
    }
    return source.map { LogOptions.logged(model, by: $0, asking: question, arguments, console) } ?? model
  }

  /// An embedding model. Warnings about its files are printed.
  static func embedder(
    named name: String, precision: Precision = .float32, _ arguments: Arguments, _ console: Console
  ) throws -> SentenceEmbedder {
    let embedder = try SentenceEmbedder.open(
      named: localName(name), precision: precision,
      device: Device(threads: arguments[ModelParameters.threads]))
    embedder.warnings.forEach(console.warn)
    return embedder
  }

  /// Opens a model with a head; an error that it has none names the model.
  static func withHead<Model>(of name: String, _ open: () throws -> Model) throws -> Model {
    do { return try open() } catch let error as ModelError {
      guard case .missingHead(let head, let found) = error else { throw error }
      let others = found.isEmpty ? "no head at all" : "one for \(found.joined(separator: " and for "))"
      throw UsageError(
        "\(name) has no head for \(head); it has \(others).",
        advice: "Choose a model that was made for it; ‘martlet models’ lists some.")
    }
  }

  /// What ranks passages: a cross-encoder, or a language model that is asked. Warnings about its files are printed.
  static func reranker(
    named name: String, precision: Precision = .fast, _ arguments: Arguments, _ console: Console
  ) throws -> any Reranker {
    let checkpoint = try checkpoint(name)
    let device = try Device(threads: arguments[ModelParameters.threads])
    guard PretrainedModels.decoders.contains(checkpoint.architecture) else {
      let heads = EncoderHead.heads(of: checkpoint)
      guard
        heads.contains(.sequenceClassification)
          || !PretrainedModels.encoders.contains(checkpoint.architecture)
      else {
        throw UsageError(
          "\(name) does not rank passages: it has no head that scores them.",
          advice: "Choose a cross-encoder, such as ms-marco-minilm-l6-v2, or a generating model.")
      }
      let encoder = try CrossEncoder(checkpoint, name: name, precision: precision, device: device)
      encoder.warnings.forEach(console.warn)
      return encoder
    }
    let model = try LocalModel(
      checkpoint, name: name, precision: precision, maximumSequences: 1, device: device)
    model.warnings.forEach(console.warn)
    do { return try RelevanceJudge(model) } catch GenerationError.noChatTemplate {
      throw UsageError(
        "\(name) has no chat template, so it cannot be asked whether a passage answers.",
        advice: "Choose a cross-encoder, such as ms-marco-minilm-l6-v2, or a model that chats.")
    }
  }
}
