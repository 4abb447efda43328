import MartletLanguageModels
import MartletMetrics

extension Evaluator {
  /// Has the model write, side by side, what items ask for. A result is told of as soon as it is there.
  func generate(_ positions: [Int], _ tell: @Sendable (Event) throws -> Void) async throws {
    try await SideBySide.run(
      positions, atOnce: settings.concurrency, work: { try await outcome(of: $0) }, tell)
  }

  private func outcome(of position: Int) async throws -> SideBySide.Outcome {
    let item = task.items[position]
    var outputs: [String] = []
    var warnings: [String] = []
    var (cutOutputs, cutPromptTokens) = (0, 0)
    for number in 0..<settings.repeats {
      guard let request = request(for: item, repeat: number) else { break }
      var completion: Completion?
      for try await event in model.generate(request) {
        switch event {
        case .started(_, let cutTokens): cutPromptTokens = max(cutPromptTokens, cutTokens)
        case .warning(let warning): warnings.append(warning)
        case .finished(let finished): completion = finished
        case .token, .text: break
        }
      }
      // A stream that ends without its last event was cancelled.
      guard let completion else { throw CancellationError() }
      if completion.isReplayed {
        warnings.append("Some outputs are answers that were kept, and not new ones.")
      }
      outputs.append(completion.text)
      if completion.finishReason == .length { cutOutputs += 1 }
    }
    var result = try await task.result(of: item, reply: .outputs(outputs), runProgram: runProgram)
    (result.cutOutputs, result.cutPromptTokens) = (cutOutputs, cutPromptTokens)
    return SideBySide.Outcome(
      record: ItemRecord(position: position, item: item, result: result), warnings: warnings)
  }

  /// The seed of one output: items and repeats draw independently of each other, and neighbouring seeds of a run share
  /// nothing. A hash of the three (FNV-1a) is the seed of a generator, whose first number it is.
  static func seed(_ seed: UInt64, of item: String, repeat number: Int) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in Array("\(seed) \(number) \(item)".utf8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    var draws = RandomDraws(seed: hash)
    return draws.next()
  }

  private func request(for item: EvaluationItem, repeat number: Int) -> GenerationRequest? {
    guard case .generation(var prompt, let stop, let maximumTokens, var sampling) = item.prompt else {
      return nil
    }
    if let prefix = item.replyPrefix, case .messages(let messages, let tools) = prompt {
      // A last turn of the assistant is one that the model goes on with.
      prompt = .messages(messages + [.assistant(prefix)], tools: tools)
    }
    if let temperature = settings.temperature {
      // The temperature alone, as a task's file that names one means it: greedy sampling has other filters at rest.
      if sampling.temperature == 0 {
        sampling = .temperatureAlone(Double(temperature))
      }
      sampling.temperature = temperature
      sampling.stated.insert(.temperature)
    }
    // Each repeat draws by itself, and the same each time that the whole run is repeated.
    sampling.seed =
      sampling.temperature == 0 ? nil : settings.seed.map { Self.seed($0, of: item.id, repeat: number) }
    return GenerationRequest(
      prompt, sampling: sampling, maximumTokens: maximumTokens, stop: stop, overflow: .cutStart,
      repetition: number, streams: false)
  }
}
