import MartletCheckpoints
import MartletLanguageModels
import MartletTensors
import MartletTokenizers
import MartletTransformers

/// A language model that runs in this process.
///
/// Any number of generations may run at once: they join and leave the packed steps of one scheduler.
///
/// ```swift
/// let model = try LocalModel(checkpoint, name: "smollm2", device: Device())
/// let completion = try await model.complete(GenerationRequest(.text("The capital of France is")))
/// ```
public final class LocalModel: LanguageModel {
  /// What people call the model.
  public let name: String
  /// Text to ids and back.
  public let tokenizer: Tokenizer
  /// The network itself, for those who look inside.
  public let transformer: any CausalTransformer

  /// What is odd about the model's files, such as settings that are not known: a sentence each.
  public let warnings: [String]

  /// Whether a checkpoint is one of a language model that runs, found out without reading its weights.
  ///
  /// - Parameters:
  ///   - checkpoint: The model's files.
  ///   - name: What people call the model, for errors.
  /// - Returns: What is odd about the files, a sentence each.
  /// - Throws: ``GenerationError/embeddingModel(name:)``, or `ModelError` for an architecture or a setting that is not
  ///   supported.
  @discardableResult
  public static func check(_ checkpoint: Checkpoint, name: String) throws -> [String] {
    guard !PretrainedModels.encoders.contains(checkpoint.architecture) else {
      throw GenerationError.embeddingModel(name: name)
    }
    guard PretrainedModels.decoders.contains(checkpoint.architecture) else {
      throw ModelError.unsupportedArchitecture(checkpoint.architecture, known: PretrainedModels.decoders)
    }
    return try PretrainedModels.warnings(checkpoint)
  }

  /// How the model's makers say that tokens are to be drawn, and what of that is not followed.
  public let samplingAdvice: SamplingAdvice
  /// The model's own sampling: ``samplingAdvice``, and the defaults for what that leaves open. It is for requests to
  /// take, whole or with changes, and whoever takes it has `samplingAdvice.unfollowed(by:)` to pass on to people.
  ///
  /// ```swift
  /// let request = GenerationRequest(.text("Once upon a time"), sampling: model.sampling)
  /// ```
  public let sampling: SamplingParameters

  /// The adapters that the model runs with.
  public let adapters: [ScaledAdapter]
  /// The network without adapters.
  private let base: any CausalTransformer
  private let maximumSequences: Int
  private let cacheBudget: Int?

  private let encoder: PromptEncoder
  private let endTokens: Set<TokenID>
  private let scheduler: Scheduler
  let cacheType: CacheType
  let memory: SequenceMemory
  private let forms: FormCompiler

  /// The most tokens that prompt and completion may have together: the model's own context, or less if asked for.
  public let context: Int
  /// ``context``, which every model that runs here has.
  public var contextLength: Int? { context }

  /// Loads a model.
  /// - Parameters:
  ///   - checkpoint: The model's files.
  ///   - name: What people call it.
  ///   - precision: With what numbers it computes.
  ///   - contextLength: A limit in tokens that is not above the model's own, to save memory; nil takes the model's own.
  ///   - maximumSequences: How many generations are decoded at once; more wait their turn.
  ///   - cacheBudget: The most bytes that keys and values may take; nil is a quarter of the machine's memory, and at least
  ///     what one whole context takes. Generations that have no room wait; earlier sequences, which are kept for later ones
  ///     that begin alike, give way.
  ///   - device: Where its weights live and its steps are computed.
  /// - Throws: `ModelError`, `TokenizerError` or `TemplateError` where a part of the model cannot be read, and
  ///   ``GenerationError/contextTooLong(asked:longest:)`` or ``GenerationError/embeddingModel(name:)``.
  public init(
    _ checkpoint: Checkpoint, name: String, precision: Precision = .fast, contextLength: Int? = nil,
    maximumSequences: Int = 16, cacheBudget: Int? = nil, device: Device
  ) throws {
    self.name = name
    warnings = try Self.check(checkpoint, name: name)
    // A tokenizer takes as long as the weights of a small model, and one core.
    (encoder, transformer) = try atOnce {
      try PromptEncoder(checkpoint, name: name)
    } and: {
      try PretrainedModels.loadDecoder(checkpoint, precision: precision, device: device)
    }
    tokenizer = encoder.tokenizer
    let longest = transformer.shape.context
    if let contextLength, contextLength > longest {
      throw GenerationError.contextTooLong(asked: contextLength, longest: longest)
    }
    context = contextLength ?? longest
    endTokens = tokenizer.special.endOfGeneration
    forms = FormCompiler(tokenizer)
    samplingAdvice = checkpoint.generationConfiguration.sampling
    sampling = SamplingParameters(samplingAdvice)
    cacheType = precision == .float32 ? .float32 : .float16
    memory = SequenceMemory(transformer, type: cacheType, contextLength: context, budget: cacheBudget)
    scheduler = Scheduler(model: transformer, memory: memory, maximumSequences: maximumSequences)
    (base, adapters) = (transformer, [])
    (self.maximumSequences, self.cacheBudget) = (maximumSequences, cacheBudget)
  }

  /// `other` with another network, which has its weights but for adapters.
  private init(_ other: LocalModel, _ transformer: any CausalTransformer, _ adapters: [ScaledAdapter]) {
    (name, tokenizer, encoder, forms) = (other.name, other.tokenizer, other.encoder, other.forms)
    (self.transformer, self.adapters, base) = (transformer, adapters, other.base)
    warnings = other.warnings
    (context, endTokens, cacheType) = (other.context, other.endTokens, other.cacheType)
    (samplingAdvice, sampling) = (other.samplingAdvice, other.sampling)
    (maximumSequences, cacheBudget) = (other.maximumSequences, other.cacheBudget)
    memory = SequenceMemory(
      transformer, type: cacheType, contextLength: context, budget: other.cacheBudget)
    scheduler = Scheduler(model: transformer, memory: memory, maximumSequences: maximumSequences)
  }

  /// The same model with these adapters in place of those that it has; without any it is the base again.
  ///
  /// The weights are shared, so that this takes no loading, and models with different adapters can run side by side. Keys
  /// and values are not shared: what one adapter made of a text is of no use to another. Each model has a budget of its own
  /// for them.
  ///
  /// ```swift
  /// let adapter = try ModelAdapter(directory: "my-adapter", device: model.transformer.device)
  /// let tuned = try model.adapted(by: [ScaledAdapter(adapter, scale: 0.8)])
  /// ```
  /// - Throws: `AdapterError` where an adapter was made for another model, or two replace one weight.
  public func adapted(by adapters: [ScaledAdapter]) throws(AdapterError) -> LocalModel {
    LocalModel(self, adapters.isEmpty ? base : try base.adapted(by: adapters), adapters)
  }

  /// The bytes of keys and values of all sequences, those that are kept for later ones among them.
  public var cacheByteCount: Int { memory.pool.byteCount }

  /// Forgets the sequences that are kept for later ones that begin alike.
  public func forgetPrefixes() { memory.prefixes.removeAll() }

  /// The prompt exactly as the model would see it.
  /// - Throws: ``GenerationError`` or `TemplateError` where it cannot be rendered.
  public func render(_ prompt: Prompt) throws -> RenderedPrompt { try encoder.encode(prompt) }

  /// Sees to it that the model can be given messages, before a person has written one.
  /// - Throws: ``GenerationError/noChatTemplate(model:named:)`` where it cannot.
  public func requireChatTemplate() throws { try encoder.requireChatTemplate() }

  /// The tokens that `prompt` takes, the template's own among them.
  public func countTokens(in prompt: Prompt) throws -> Int { try encoder.encode(prompt).tokens.count }

  /// Starts a generation.
  public func generate(_ request: GenerationRequest) -> GenerationStream { generate(request, processors: []) }

  /// Starts a generation in which `processors` have a say before each draw, after the request's own bias and penalties.
  public func generate(_ request: GenerationRequest, processors: [any LogitProcessor]) -> GenerationStream {
    GenerationStream { continuation in
      do {
        try checkForm(of: request)
        let prompt = try encoder.encode(request.prompt)
        let (tokens, cut) = try request.overflow.fit(
          prompt.tokens, contextLength: context, reserve: request.maximumTokens ?? 256,
          keepsFirst: prompt.tokens.first == tokenizer.special.bos)
        // Here and not in the step that it would share with others, which would fail with it.
        try transformer.check(tokens)
        try checkRoom(for: request, after: tokens.count)
        let generation = try Generation(
          prompt: tokens, request: request, limit: context - tokens.count, endTokens: endTokens,
          tokenizer: tokenizer, form: forms.form(for: request, after: tokens), processors: processors,
          continuation: continuation)
        continuation.onTermination = { _ in generation.cancel() }
        continuation.yield(.started(promptTokenCount: tokens.count, cutTokens: cut))
        for warning in prompt.warnings { continuation.yield(.warning(warning)) }
        scheduler.submit(generation)
      } catch {
        continuation.finish(throwing: error)
      }
    }
  }

  /// A form is whole at its own end, and nowhere else.
  private func checkForm(of request: GenerationRequest) throws(GenerationError) {
    guard request.responseFormat != .text else { return }
    if request.ignoresEnd { throw .formCannotBeKept(beside: "ignoring the end token") }
    if request.stop.contains(where: { !$0.isEmpty }) { throw .formCannotBeKept(beside: "stop texts") }
  }

  /// Where the end token does not count, exactly as many tokens are promised as were asked for.
  private func checkRoom(
    for request: GenerationRequest, after promptTokenCount: Int
  ) throws(GenerationError) {
    guard request.ignoresEnd, let maximum = request.maximumTokens, maximum > context - promptTokenCount
    else { return }
    throw .completionTooLong(
      promptTokenCount: promptTokenCount, maximumTokens: maximum, contextLength: context)
  }
}
