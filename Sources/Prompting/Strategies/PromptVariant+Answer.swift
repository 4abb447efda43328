import MartletJSON
import MartletLanguageModels

extension PromptVariant {
  /// Puts the prompt to a model.
  /// - Parameters:
  ///   - variables: The item's.
  ///   - model: What is asked.
  ///   - repetition: Which repeat this is, from 0. Samples of a vote count on from it, so that a cache keeps all apart.
  ///   - seed: The seed of each repetition, from 0; nil is a random one. Prompts without a temperature need none.
  ///   - embeddings: What finds the nearest examples, where the strategy asks for those.
  /// - Throws: ``PromptingError``, what the model or `embeddings` throws, or `CancellationError`.
  public func answer(
    _ variables: JSONObject, model: any LanguageModel, repetition: Int = 0,
    seed: @Sendable (Int) -> UInt64? = { _ in nil }, embeddings: TextEmbeddings? = nil
  ) async throws -> PromptOutcome {
    switch strategy {
    case .chain(let steps):
      return try await chain(steps, variables, model: model, repetition: repetition, seed: seed(repetition))
    case .selfConsistency(let settings):
      let prompt = try prompt(variables, embeddings: embeddings)
      let requests = (0..<settings.samples).map { sample in
        let number = repetition * settings.samples + sample
        return request(prompt, repetition: number, seed: seed(number))
      }
      return try await vote(requests, model: model)
    case .zeroShot, .fewShot, .chainOfThought:
      let prompt = try prompt(variables, embeddings: embeddings)
      let asked = try await ask(
        request(prompt, repetition: repetition, seed: seed(repetition)), model, extraction)
      return PromptOutcome(
        steps: [asked.step], text: asked.step.completion.text, answer: asked.step.answer, vote: nil,
        warnings: asked.warnings)
    }
  }

  private struct Asked: Sendable {
    let step: PromptOutcome.Step
    let warnings: [String]
  }

  private func request(
    _ prompt: Prompt, maximumTokens: Int? = nil, repetition: Int, seed: UInt64?,
    format: ResponseFormat? = nil
  ) -> GenerationRequest {
    GenerationRequest(
      prompt, sampling: generation.sampling(seed: seed),
      maximumTokens: maximumTokens ?? generation.maximumTokens, stop: generation.stop,
      responseFormat: format ?? generation.responseFormat, repetition: repetition)
  }

  private func ask(
    _ request: GenerationRequest, _ model: any LanguageModel, _ extraction: AnswerExtraction
  ) async throws -> Asked {
    var warnings: [String] = []
    var cutTokens = 0
    for try await event in model.generate(request) {
      switch event {
      case .started(_, let cut): cutTokens = cut
      case .warning(let warning): warnings.append(warning)
      case .token, .text: break
      case .finished(let completion):
        let step = PromptOutcome.Step(
          request: request, completion: completion, answer: extraction.answer(in: completion.text),
          cutPromptTokens: cutTokens)
        return Asked(step: step, warnings: warnings)
      }
    }
    // A stream that ends without its last event was cancelled.
    throw CancellationError()
  }

  /// Samples side by side, and their vote.
  private func vote(_ requests: [GenerationRequest], model: any LanguageModel) async throws -> PromptOutcome {
    let samples = try await withThrowingTaskGroup(of: (Int, Asked).self) { group in
      for (index, request) in requests.enumerated() {
        group.addTask { (index, try await self.ask(request, model, self.extraction)) }
      }
      var samples: [(Int, Asked)] = []
      for try await sample in group { samples.append(sample) }
      return samples.sorted { $0.0 < $1.0 }.map(\.1)
    }
    let vote = AnswerVote(samples.map(\.step.answer), found: extraction)
    let winner = samples[vote.winner ?? 0].step
    return PromptOutcome(
      steps: samples.map(\.step), text: winner.completion.text, answer: winner.answer, vote: vote,
      warnings: samples.flatMap(\.warnings))
  }

  private func chain(
    _ steps: [ChainStep], _ variables: JSONObject, model: any LanguageModel, repetition: Int, seed: UInt64?
  ) async throws -> PromptOutcome {
    var (variables, done, warnings) = (variables, [PromptOutcome.Step](), [String]())
    for step in steps {
      // The form is that of the final answer.
      let asked = try await ask(
        request(
          step.template.prompt(variables), maximumTokens: step.maximumTokens, repetition: repetition,
          seed: seed, format: .text), model, step.extraction)
      done.append(asked.step)
      warnings += asked.warnings
      guard let answer = asked.step.answer else {
        // Without the step's answer the later ones cannot be asked.
        return PromptOutcome(
          steps: done, text: asked.step.completion.text, answer: nil, vote: nil, warnings: warnings)
      }
      variables[step.output] = .string(answer)
    }
    let asked = try await ask(
      request(prompt(variables), repetition: repetition, seed: seed), model, extraction)
    return PromptOutcome(
      steps: done + [asked.step], text: asked.step.completion.text, answer: asked.step.answer, vote: nil,
      warnings: warnings + asked.warnings)
  }
}
